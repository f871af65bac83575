// From events to joules, watts, transistors and seconds: the sums, the calibration, and what a made-up program costs.
#include "energy/energy.h"

#include <gtest/gtest.h>

#include <cmath>

#include "energy/calibration.h"
#include "energy/space.h"
#include "energy/time.h"
#include "support/small_network.h"

namespace northpole::energy {
namespace {

// Events only in the total, as from a run of `cycles` cycles.
EventCounts only_counts(const Counts& counts, std::uint64_t frames, std::uint64_t cycles) {
  EventCounts result;
  result.frames = frames;
  result.cycles = cycles;
  result.total = counts;
  return result;
}

double sum(const auto& values) {
  double total = 0;
  for (const double value : values) total += value;
  return total;
}

TEST(Calibration, GivesThePublishedPowerAtThePublishedRate) {
  const CalibrationRun& run = calibration_run();
  program::Program program;
  // A run as long as the published rate says; cycles are whole, so watts are right to a few millionths.
  const auto cycles =
      static_cast<std::uint64_t>(std::llround(static_cast<double>(run.frames) * 400e6 / calibration_frames_per_second));
  const Energy energy = energy_of(program, only_counts(run.counts, run.frames, cycles), prices_of(program.chip));
  EXPECT_NEAR(energy.watts(), calibration_watts, 1e-3);
  EXPECT_NEAR(energy.frames_per_joule(), calibration_frames_per_second / calibration_watts, 0.01);
  EXPECT_NEAR(energy.watts_at(calibration_frames_per_second), calibration_watts, 1e-3);
  EXPECT_NEAR(energy.watts_at(0), energy.idle_watts, 1e-9);
  // What the operations' published energies leave out is a factor of a size that one can believe in.
  EXPECT_GT(energy.calibration, 1);
  EXPECT_LT(energy.calibration, 5);
}

TEST(Calibration, HoldsWhateverTheConstantsAre) {
  for (std::size_t i = 0; i < constant_count; ++i) {
    for (const double off : {0.5, 2.0}) {
      Constants constants = published_constants();
      constants.value[i] *= off;
      const CalibrationRun& run = calibration_run();
      program::Program program;
      const auto cycles = static_cast<std::uint64_t>(
          std::llround(static_cast<double>(run.frames) * 400e6 / calibration_frames_per_second));
      const Energy energy =
          energy_of(program, only_counts(run.counts, run.frames, cycles), prices_of(program.chip, constants));
      EXPECT_NEAR(energy.watts(), calibration_watts, 1e-3) << info(static_cast<Constant>(i)).key << " x " << off;
    }
  }
}

TEST(Constants, AreThePublishedOnesBroughtTo12Nanometres) {
  const Constants constants = published_constants();
  // Stillmaker and Baas: 0.09622 / 0.69885.
  EXPECT_NEAR(constants[Constant::multiply_int8], 0.2e-12 * 0.13769, 1e-18);
  EXPECT_NEAR(factor(Scaling::wire), 0.64 / 0.81, 1e-12);
  EXPECT_NEAR(constants[Constant::wire] * 1e-3, 0.121e-12 * 0.64 / 0.81, 1e-18);  // a bit over a millimetre
  EXPECT_NEAR(memory_access(constants, 8192), constants[Constant::memory_8k], 1e-18);
  EXPECT_NEAR(memory_access(constants, 32768), constants[Constant::memory_32k], 1e-18);
  EXPECT_NEAR(memory_access(constants, 1048576), constants[Constant::memory_1m], 1e-18);
  EXPECT_NEAR(memory_access(constants, 2048), constants[Constant::memory_8k] / 2, 1e-18);
}

TEST(Constants, NarrowerProductsCostLess) {
  const auto joules = event_joules({}, published_constants(), 1e-3);
  const auto at = [&](Event event) { return joules[static_cast<std::size_t>(event)]; };
  EXPECT_GT(at(Event::multiply_accumulate_8x8), 2 * at(Event::multiply_accumulate_4x4));
  EXPECT_GT(at(Event::multiply_accumulate_4x4), at(Event::multiply_accumulate_2x2));
  EXPECT_GT(at(Event::multiply_accumulate_8x8), at(Event::multiply_accumulate_8x4));
  for (std::size_t i = 0; i < event_kinds; ++i) EXPECT_GT(joules[i], 0) << name(static_cast<Event>(i)).key;
}

TEST(Space, OfNarrowerLinksIsLess) {
  const double published = space_of({}).transistors;
  for (std::uint32_t chip::ChipDescription::*key :
       {&chip::ChipDescription::word_link_cycles, &chip::ChipDescription::partial_sum_link_cycles}) {
    chip::ChipDescription narrow;
    narrow.*key *= 2;
    EXPECT_LT(space_of(narrow).transistors, published);
  }
  chip::ChipDescription narrow;
  narrow.model_lanes /= 2;
  EXPECT_LT(space_of(narrow).transistors, published);
}

TEST(Space, OfThePublishedChipIsAsPublished) {
  const Space space = space_of({});
  EXPECT_NEAR(space.transistors, 22e9, 1);
  EXPECT_NEAR(space.square_millimetres, 800, 1e-6);
  for (const SpacePart& part : space.parts) {
    EXPECT_GT(part.transistors, 0) << part.key;
    EXPECT_GT(part.square_millimetres, 0) << part.key;
  }
  EXPECT_NEAR(space.frames_per_second_per_billion(42460), 1930, 1);
  chip::ChipDescription small;
  small.rows = small.columns = 8;
  EXPECT_NEAR(space_of(small).transistors, 22e9 / 4, 22e9 / 16);  // the frame buffer goes with the rows
  chip::ChipDescription more;
  more.bank_words *= 2;
  EXPECT_GT(space_of(more).square_millimetres, 950);
}

// A run's joules by event, by part and by layer are the same joules.
TEST(Energy, AddsUpWhicheverWayItIsSplit) {
  tests::SmallNetwork network({1, 8, 12, 12});
  const std::string first = network.quantize(network.conv(network.x, {16, 8, 3, 3}, 1), reference::int8(0.05F, 3));
  network.output(network.quantize(network.conv(first, {8, 16, 1, 1}), reference::int8(0.05F, 3)));
  const auto compiled = tests::compile(network.graph, tests::array(4, 4));
  const program::Program& program = *compiled.program;
  const EventCounts counts = count_events(program);
  const Energy energy = energy_of(program, counts, prices_of(program.chip));
  double layers = 0;
  std::uint64_t cycles = 0;
  for (const LayerEnergy& layer : energy.layers) {
    layers += layer.joules();
    cycles += layer.cycles;
  }
  const double idle = energy.idle_watts * energy.seconds;
  EXPECT_EQ(cycles, program.cycles);
  EXPECT_NEAR(layers / energy.joules(), 1, 1e-9);
  EXPECT_NEAR((sum(energy.events) + idle) / energy.joules(), 1, 1e-9);
  // The two convolutions' multiplies are theirs: all useful ones and no other's.
  for (const LayerCounts& layer : counts.layers) {
    const std::uint64_t issued = multiply_accumulates(layer.total());
    EXPECT_GE(issued, layer.useful_multiply_accumulates) << layer.name;
    if (layer.useful_multiply_accumulates == 0) {
      EXPECT_EQ(issued, 0u) << layer.name;
    }
  }
}

TEST(Time, IsSplitWithoutGaps) {
  tests::SmallNetwork network({1, 8, 12, 12});
  network.output(network.quantize(network.conv(network.x, {16, 8, 3, 3}, 1), reference::int8(0.05F, 3)));
  const auto compiled = tests::compile(network.graph, tests::array(4, 4));
  const Time time = time_of(*compiled.program);
  EXPECT_EQ(time.input_bytes, 8u * 12 * 12);
  EXPECT_EQ(time.output_bytes, 16u * 12 * 12);
  EXPECT_NEAR(time.input + time.compute + time.output,
              static_cast<double>(time.input_cycles + time.compute_cycles + time.output_cycles) / 400e6, 1e-15);
  EXPECT_LE(time.input_cycles + time.compute_cycles + time.output_cycles, compiled.program->cycles);
  EXPECT_GT(time.input_cycles, 0u);
  EXPECT_GT(time.output_cycles, 0u);
  EXPECT_NEAR(time.host_frames_per_second, 7.9e9 / (16 * 12 * 12), 1);
}

}  // namespace
}  // namespace northpole::energy
