#include "machine/fast/control_walk.h"
#include "machine/fast/engine.h"
#include "machine/fast/frame_order.h"
#include "machine/fast/translation.h"
#include "network/error.h"
#include "verify/verify.h"

namespace northpole::machine::fast {

std::shared_ptr<const Translation> translate(std::shared_ptr<const program::Program> program, Verified verified,
                                             const Kernel& kernel) {
  if (verified == Verified::no) {
    const verify::Result proof = verify::verify(*program);
    if (!proof.ok) {
      throw Error("fast engine: the program of '" + program->network +
                  "' does not verify: " + verify::describe(*proof.fault));
    }
  }
  auto translation = std::make_shared<Translation>();
  translation->program = program;
  translation->kernel = &kernel;
  DataFlow flow = ControlWalk(*program).run();
  order_frames(flow);
  translation->plan = make_plan(std::move(flow), program->chip.vector_precision, kernel.tile_rows);
  Plan& plan = translation->plan;
  if (!kernel.unsigned_panel) {
    for (Product& product : plan.products) {
      for (ProductColumn& column : product.columns) column.start = {};
    }
  }
  translation->weights = AlignedBytes(plan.block_order.size() * block_bytes);
  for (std::size_t i = 0; i < plan.block_order.size(); ++i) {
    kernel.prepare_block(plan.blocks[plan.block_order[i]].data(),
                         reinterpret_cast<std::int8_t*>(translation->weights.data() + i * block_bytes));
  }
  plan.blocks = {};
  return translation;
}

}  // namespace northpole::machine::fast
