// Hand-made programs, which do what no compiler does.
#include <thread>

#include "network/error.h"
#include "northpole/chip.h"
#include "same_run.h"
#include "support/furnished_builder.h"
#include "support/rich_program.h"

namespace northpole::tests {
namespace {

using F = FurnishedBuilder;
constexpr std::uint16_t own = 5, other = 6;

std::shared_ptr<const program::Program> shared(program::Program program) {
  return std::make_shared<const program::Program>(std::move(program));
}

// `width` words of a core from an address on, after a cycle.
program::TensorLocation location(std::uint32_t core, std::uint16_t address, std::uint16_t tag, std::uint32_t width,
                                 std::uint64_t cycle) {
  program::TensorLocation result;
  result.tensor = std::to_string(core) + " " + std::to_string(address) + " " + std::to_string(cycle);
  result.tag = tag;
  result.cycle = cycle;
  result.channels = chip::lanes, result.height = 1, result.width = width;
  result.pieces = {{core, address, 0, 1, 0, width, 0, 1, 0, 1}};
  return result;
}

TEST(HandMade, EverythingThatTheMachineHas) {
  program::Program program = rich_program();
  for (std::uint32_t core = 0; core < 4; ++core) {
    program.locations.push_back(location(core, 3 * F::bank + F::free, 7, 4, 40));
    program.locations.push_back(location(core, 2 * F::bank + F::free, own, 2, 118));
    program.locations.push_back(location(core, 2 * F::bank + F::free + 9, own, 1, 140));
  }
  expect_same(shared(program));
}

TEST(HandMade, SnapshotsTellTheSameProblems) {
  program::Program program = rich_program();
  program.locations = {location(0, 3 * F::bank + F::free, 7, 4, 20),    // not there yet
                       location(1, 3 * F::bank + F::free, own, 4, 60),  // another tensor
                       location(9, 0, own, 1, 60),                      // no such core
                       location(2, 3 * F::bank + F::free, 7, 4, 60)};
  program.locations[3].pieces[0].x1 = 3;  // an element in no piece
  program.locations.push_back(location(3, 3 * F::bank + F::free, 7, 4, 60));
  program.locations[4].pieces.push_back(program.locations[4].pieces[0]);  // pieces that differ
  program.locations[4].pieces[1].base += 1;
  program.locations[4].pieces[1].x1 = 2;
  program.locations.push_back(location(3, 3 * F::bank + F::free, 7, 4, std::uint64_t{1} << 40));  // after the run
  expect_same(shared(program));
}

// A sum that three cores pass on, with and without sums of their own, and words that are copied and overwritten.
TEST(HandMade, PassesAndCopies) {
  F b(small_chip(1, 3));
  b.output_frame(own, 0, 1);
  for (std::uint32_t core = 0; core < 3; ++core) {
    b.load_constants(0, core);
    b.load_weights(40, core, 0);
    b.at(60, core, repeat(2, 1, {1, 0, 1, 0}, multiply({F::bank + F::activations}, 0, 0, true, false)));
    b.at(62, core, multiply({F::bank + F::activations}, 0, 5));
  }
  using isa::Direction;
  b.at(80, 0, pass(0, {Direction::none, Direction::east, true}));
  b.at(83, 1, pass(7, {Direction::west, Direction::east, false}));  // through
  b.at(86, 2, pass(6, {Direction::west, Direction::none, false}));  // into an empty one
  b.at(90, 2, vector_of_sum(6, 16, F::sum_function, {2 * F::bank + F::free + 4, own}));
  const std::array<std::uint32_t, 3> first{1, 0, 0};
  for (std::uint32_t core = 0; core < 3; ++core) {
    b.at(100, core,
         repeat(static_cast<std::uint16_t>(2 - first[core]), 1, {1, 0, 0, 1},
                vector_of_sum(static_cast<std::uint16_t>(first[core]), 16, F::sum_function,
                              {2 * F::bank + F::free, own})));
    b.at(110, core, vector_of_sum(5, 16, F::sum_function, {2 * F::bank + F::free + 1, own}));
    b.at(130, core, copy({2 * F::bank + F::free, own}, {3 * F::bank + F::free, other}));
    b.at(140, core, copy({2 * F::bank + F::free + 1, own}, {3 * F::bank + F::free, other}));
  }
  b.at(150, 0, send_west({2 * F::bank + F::free + 1, own}));
  b.edge_receive(152, 0, receive({0, own}));
  program::Program program = b.build();
  for (std::uint32_t core = 0; core < 3; ++core) {
    for (const std::uint64_t cycle : {132u, 145u})
      program.locations.push_back(location(core, 3 * F::bank + F::free, other, 1, cycle));
  }
  program.locations.push_back(location(2, 2 * F::bank + F::free + 4, own, 1, 120));
  expect_same(shared(program));
}

// The skews are counted from the first lane that is taken, not from lane 0.
TEST(HandMade, LanesBehindTheFirstHaveTheirOwnSkews) {
  F b;
  b.load_constants(0, 0);
  b.at(40, 0, repeat(16, 1, {1, 0, 0, 0}, send_weights({F::weights}, {2, 1}, 1, 1)));
  b.at(60, 0, repeat(16, 1, {1, 0, 0, 0}, send_weights({F::weights}, {3, 1}, 1, 1)));
  b.at(41, 0, repeat(16, 1, {0, 2, 0, 0}, receive_weights(0, {2, 2}, 20u << 8)));
  b.at(90, 0, multiply({F::bank + F::activations}, 0, 0));
  b.at(100, 0, vector_of_sum(0, 16, F::sum_function, {2 * F::bank + F::free, own}));
  program::Program program = b.build();
  program.locations = {location(0, 2 * F::bank + F::free, own, 1, 120)};
  expect_same(shared(program));
}

TEST(HandMade, AnUnsoundProgramIsRefusedAndRunByTheStepEngine) {
  program::Program program = rich_program();
  program.cycles = 100;
  for (const std::uint32_t threads : {1, 2}) {
    EXPECT_THROW(
        machine::fast::translate(shared(program), machine::fast::Verified::no, machine::fast::best_kernel(), threads),
        Error);
  }
  Chip chip(program.chip);
  chip.configure(program);
  EXPECT_EQ(chip.engine(), EngineKind::step);
  EXPECT_TRUE(chip.run_network().fault);
  EXPECT_THROW(chip.read_output(), Error);
}

// Its weights are made by the vector unit, so no translation can prepare them.
TEST(HandMade, AProgramThatComputesItsWeightsIsRunByTheStepEngine) {
  F b;
  b.load_constants(0, 0);
  b.at(40, 0,
       repeat(32, 1, {1, 0, 0, 1}, vector_of_memory({F::bank}, 0, F::memory_function, {2 * F::bank + F::free, own})));
  b.at(90, 0, repeat(32, 1, {1, 0, 0, 0}, send_weights({2 * F::bank + F::free, own}, {0, 1}, 1, 1)));
  b.at(91, 0, repeat(32, 1, {0, 1, 0, 0}, receive_weights(0, {0, 1})));
  b.at(130, 0, multiply({F::bank + F::activations}, 0, 0));
  b.at(140, 0, vector_of_sum(0, 16, F::sum_function, {3 * F::bank + F::free, own}));
  const auto program = shared(b.build());
  try {
    machine::fast::translate(program);
    ADD_FAILURE() << "translated";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("weights that it computes itself"), std::string::npos) << error.what();
  }
  Chip chip(program->chip);
  chip.configure(program);
  EXPECT_EQ(chip.engine(), EngineKind::step);
  EXPECT_FALSE(chip.run_network().fault);
}

// What the chip's header promises; a build of the preset sanitize-threads shows races.
TEST(HandMade, AChipAThreadIsSafe) {
  const auto program = shared(rich_program());
  Chip first(program->chip, EngineKind::fast, 2);
  first.configure(program);
  const auto codes = [&](std::uint8_t seed) {
    return std::vector<isa::Word>(machine::frame_words(program->input), isa::Word{seed, 200});
  };
  const auto answer = [&](Chip& chip, std::uint8_t seed) {
    chip.write_input_words(codes(seed));
    EXPECT_FALSE(chip.run_network().fault);
    return chip.read_output_words();
  };
  std::vector<std::vector<std::vector<isa::Word>>> answers(4);
  std::vector<std::thread> threads;
  for (std::size_t number = 0; number < answers.size(); ++number) {
    threads.emplace_back([&, number] {
      // One by the step engine, one that translates for itself, two that share what the first has worked out.
      Chip chip(program->chip, number == 0 ? EngineKind::step : EngineKind::fast, number == 3 ? 2 : 1);
      if (number < 2)
        chip.configure(program);
      else
        chip.configure_as(first);
      for (std::uint8_t run = 0; run < 5; ++run) answers[number].push_back(answer(chip, run));
    });
  }
  std::vector<std::vector<isa::Word>> expected;
  for (std::uint8_t run = 0; run < 5; ++run) expected.push_back(answer(first, run));
  for (std::thread& thread : threads) thread.join();
  for (const auto& seen : answers) EXPECT_EQ(seen, expected);
}

TEST(HandMade, WithoutItsFrameAProgramStopsAsInTheStepEngine) {
  const program::Program program = rich_program();
  Chip fast(program.chip), step(program.chip, EngineKind::step);
  for (Chip* chip : {&fast, &step}) chip->configure(program);
  EXPECT_EQ(fast.engine(), EngineKind::fast);
  EXPECT_EQ(step.engine(), EngineKind::step);
  const auto stopped = fast.run_network(), expected = step.run_network();
  ASSERT_TRUE(stopped.fault && expected.fault);
  EXPECT_EQ(to_text(*stopped.fault), to_text(*expected.fault));
  for (Chip* chip : {&fast, &step}) {
    chip->write_input_words(std::vector<isa::Word>(machine::frame_words(program.input), isa::Word{3, 200}));
    EXPECT_FALSE(chip->run_network().fault);
  }
  EXPECT_EQ(fast.read_output_words(), step.read_output_words());
  Chip again(program.chip);
  again.configure_as(fast);
  EXPECT_EQ(again.engine(), EngineKind::fast);
  EXPECT_THROW(again.read_output_words(), Error);
  again.write_input_words(std::vector<isa::Word>(machine::frame_words(program.input), isa::Word{3, 200}));
  EXPECT_FALSE(again.run_network().fault);
  EXPECT_EQ(again.read_output_words(), step.read_output_words());
}

}  // namespace
}  // namespace northpole::tests
