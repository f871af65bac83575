// The calibration's run made again: `northpole generate resnet50 --bits mixed` and `compile --batch 16`, its events
// counted. Where the compiler has become better or worse since, the stored counts are to be made again too.
#include <gtest/gtest.h>

#include <iostream>

#include "energy/calibration.h"
#include "energy/comparison.h"
#include "generate/generate.h"
#include "northpole/compile.h"
#include "northpole/network.h"
#include "onnx/write_onnx.h"
#include "support/temporary_folder.h"

namespace northpole::energy {
namespace {

// Printed so that src/energy/calibration_run.cpp can be made from it.
void print(const EventCounts& counts) {
  std::cout << "frames " << counts.frames << "\n";
  for (std::size_t i = 0; i < event_kinds; ++i)
    if (counts.total[i] != 0) std::cout << name(static_cast<Event>(i)).key << " " << counts.total[i] << "\n";
}

TEST(Calibration, HoldsForTodaysCompiler) {
  tests::TemporaryFolder folder;
  const std::string network = folder.path("mixed50.onnx");
  generate::Options generating;
  generating.bits = "mixed";
  onnx::write_onnx(generate::generate("resnet50", generating), network);
  CompileOptions options;
  options.frames = static_cast<std::uint32_t>(calibration_run().frames);
  options.threads = 2;
  const program::Program program = compile_network(read_network(network), {}, options);
  const EventCounts counts = count_events(program);
  print(counts);
  const ModelledMachine machine = model_of(program, counts);
  std::cout << machine.frames_per_second() << " frames/s, " << machine.watts() << " W\n";
  // At the published rate this program takes the published power, within a hundredth.
  EXPECT_NEAR(machine.energy.watts_at(calibration_frames_per_second) / calibration_watts, 1, 0.01);
}

}  // namespace
}  // namespace northpole::energy
