#include <future>
#include <optional>
#include <system_error>

#include "machine/fast/control_walk.h"
#include "machine/fast/engine.h"
#include "machine/fast/frame_order.h"
#include "machine/fast/translation.h"
#include "network/error.h"
#include "verify/verify.h"

namespace northpole::machine::fast {
namespace {

void check(const program::Program& program, const verify::Result& proof) {
  if (proof.ok) return;
  throw Error("fast engine: the program of '" + program.network +
              "' does not verify: " + verify::describe(*proof.fault));
}

// The proof in this thread, the walk behind it in another. Nothing where there is no other thread to be had.
std::optional<DataFlow> prove_and_walk(const program::Program& program) {
  ProofAhead proof;
  std::future<DataFlow> walk;
  try {
    walk = std::async(std::launch::async, [&] {
      if (!proof.wait_for_start()) throw Error("fast engine: the program does not verify");
      return ControlWalk(program, &proof).run();
    });
  } catch (const std::system_error&) {
    return std::nullopt;
  }
  verify::Options options;
  options.sound_until = [&](std::uint64_t cycles) { proof.sound_until(cycles); };
  verify::Result result;
  try {
    result = verify::verify(program, options);
  } catch (...) {  // out of memory: the walk must not wait for ever
    proof.end(false);
    throw;
  }
  proof.end(result.ok);
  walk.wait();
  check(program, result);
  return walk.get();
}

DataFlow data_flow(const program::Program& program, Verified verified, std::uint32_t threads) {
  if (verified == Verified::no) {
    if (threads > 1) {
      if (auto flow = prove_and_walk(program)) return std::move(*flow);
    }
    check(program, verify::verify(program));
  }
  return ControlWalk(program).run();
}

}  // namespace

std::shared_ptr<const Translation> translate(std::shared_ptr<const program::Program> program, Verified verified,
                                             const Kernel& kernel, std::uint32_t threads) {
  auto translation = std::make_shared<Translation>();
  translation->program = program;
  translation->kernel = &kernel;
  DataFlow flow = data_flow(*program, verified, threads);
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
