// The counts that the energy model makes from the schedule alone, against what the step simulator does in a run, unit
// by unit, on random programs.
#include "energy/event_counts.h"

#include <gtest/gtest.h>

#include "machine/activity.h"
#include "network/error.h"
#include "northpole/chip.h"
#include "support/random_network.h"
#include "support/small_network.h"
#include "support/whole_way.h"

namespace northpole::energy {
namespace {

constexpr std::uint64_t word = 32, vector_bytes = 128, lanes = 32;

// Rounded operations of a lane for one output, by operation and second operand (none, memory, constant): the formulas
// of docs/instruction-set.md and isa/vector_function.h, spelt out.
std::uint64_t operations(isa::VectorOperation operation, isa::VectorSecond second) {
  switch (operation) {
    case isa::VectorOperation::move:
      return 0;  // r = x
    case isa::VectorOperation::scale:
      return 1;  // F(x kx)
    case isa::VectorOperation::add:
    case isa::VectorOperation::subtract:
    case isa::VectorOperation::reverse_subtract:
      return second == isa::VectorSecond::memory ? 3 : 2;  // F(x kx), F(y ky), F(+)
    case isa::VectorOperation::multiply:
      return second == isa::VectorSecond::memory ? 2 : 1;  // F(F(x kx) y), or F(x constant)
    case isa::VectorOperation::leaky_relu:
      return 1;  // F(x k)
    case isa::VectorOperation::offset:
      return 1;  // f32(product + constant)
    case isa::VectorOperation::sigmoid:
      return 2;  // F(x kx), F(w ky)
    case isa::VectorOperation::hard_sigmoid:
      return 6;  // F(x kx), F(alpha v), F(+ beta), max, min, F(w ky)
    case isa::VectorOperation::hard_swish:
      return 7;  // and F(v h)
  }
  return 0;
}

// What the simulator saw, in the model's terms. Bytes that pass the model network to a core count there.
Counts seen(const machine::Activity& activity) {
  Counts counts{};
  constexpr std::array<std::uint32_t, 3> bits = {8, 4, 2};
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t w = a; w < 3; ++w) {
      of(counts, multiply_accumulate(bits[a], bits[w])) = activity.products[a][w] * lanes * (256 / bits[a]);
      of(counts, Event::accumulator_update) += activity.products[a][w] * lanes;
    }
  }
  of(counts, Event::requantization) = activity.requantized * lanes;
  of(counts, Event::vector_operation) = activity.compared * lanes;
  for (std::size_t o = 0; o < activity.results.size(); ++o) {
    for (std::size_t s = 0; s < 3; ++s) {
      const std::uint64_t results = activity.results[o][s] * lanes;
      const auto operation = static_cast<isa::VectorOperation>(o);
      of(counts, Event::vector_operation) += results * operations(operation, static_cast<isa::VectorSecond>(s));
      if (operation == isa::VectorOperation::sigmoid) of(counts, Event::activation_function) += results;
      of(counts, Event::output_rounding) += results;
    }
  }
  of(counts, Event::partial_sum_addition) = activity.sums_added * lanes;
  of(counts, Event::memory_read) = activity.memory_words_read * word;
  of(counts, Event::memory_write) = activity.memory_bytes_written;
  of(counts, Event::weight_buffer_read) = activity.weight_words_used * word;
  of(counts, Event::weight_buffer_write) = activity.weight_words_written * word;
  of(counts, Event::partial_sum_buffer_read) = activity.sums_read * vector_bytes;
  of(counts, Event::partial_sum_buffer_write) = activity.sums_written * vector_bytes;
  of(counts, Event::constant_register_read) = activity.constant_words_read * word;
  of(counts, Event::constant_register_write) = activity.constant_words_loaded * word;
  of(counts, Event::program_buffer_read) = activity.instruction_words * word;
  of(counts, Event::program_buffer_write) = activity.program_words_received * word;
  of(counts, Event::parameter_register_write) = activity.parameter_words_loaded * word;
  of(counts, Event::frame_buffer_read) = activity.frame_words_read * word;
  of(counts, Event::frame_buffer_write) = activity.frame_words_written * word;
  of(counts, Event::activation_network) = activity.activation_hops * word;
  of(counts, Event::model_network) = activity.model_hops * word;
  of(counts, Event::instruction_network) = activity.instruction_hops * word;
  of(counts, Event::partial_sum_network) = activity.sums_sent * vector_bytes;
  of(counts, Event::instruction_issue) = activity.events;
  return counts;
}

struct Tally {
  int programs = 0;
  Counts counts{};  // of all programs
};

void compare(const program::Program& program, const tests::CompiledNetwork& network, Tally& tally) {
  Chip chip(program.chip, EngineKind::step);
  chip.configure(network.program);
  chip.write_input(tests::input_of(network.expected_of_run(1)));
  const machine::RunResult run = chip.run_network();
  ASSERT_FALSE(run.fault.has_value());
  const EventCounts counted = count_events(program);
  ASSERT_EQ(counted.problem, "");
  ASSERT_EQ(run.activity.size(), std::size_t{program.chip.cores()} + program.chip.rows);
  for (std::size_t unit = 0; unit < run.activity.size(); ++unit) {
    const Counts expected = seen(run.activity[unit]), got = counted.of_unit(unit);
    for (std::size_t kind = 0; kind < event_kinds; ++kind)
      ASSERT_EQ(got[kind], expected[kind]) << name(static_cast<Event>(kind)).key << " of unit " << unit;
  }
  // Links, against the traffic that started anywhere.
  for (const auto& [network_of, event] :
       {std::pair{Network::activation, Event::activation_network},
        std::pair{Network::partial_sum, Event::partial_sum_network}, std::pair{Network::model, Event::model_network},
        std::pair{Network::instruction, Event::instruction_network}}) {
    std::uint64_t sum = 0;
    for (const std::uint64_t bytes : counted.of_links(network_of)) sum += bytes;
    EXPECT_EQ(sum, of(counted.total, event)) << name(network_of);
  }
  add(tally.counts, counted.total);
  ++tally.programs;
}

void compare_random(std::uint64_t seed, tests::Bits bits, std::uint32_t frames, Tally& tally) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  const tests::RandomNetwork random = tests::random_network(seed, bits);
  tests::Compilation compilation;
  compilation.frames = frames <= random.chip.rows ? frames : 1;
  if (compilation.frames > 1) compilation.objective = map::Objective::throughput;
  try {
    const tests::CompiledNetwork network = tests::compile(random.graph, random.chip, compilation);
    compare(*network.program, network, tally);
  } catch (const Error&) {
    // Does not fit its random chip; others do.
  }
}

TEST(EventCounts, OfAHundredRandomProgramsEqualTheStepSimulators) {
  Tally tally;
  for (std::uint64_t seed = 1; tally.programs < 100 && seed < 200 && !::testing::Test::HasFatalFailure(); ++seed)
    compare_random(seed, static_cast<tests::Bits>(seed % 4), seed % 3 == 0 ? 2 : 1, tally);
  EXPECT_EQ(tally.programs, 100);
  // All kinds of events were among them but the host link's, which no unit does.
  for (std::size_t kind = 0; kind < event_kinds; ++kind)
    EXPECT_GT(tally.counts[kind], 0u) << name(static_cast<Event>(kind)).key;
}

}  // namespace
}  // namespace northpole::energy
