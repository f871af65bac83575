#include "report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "network/error.h"
#include "northpole/chip.h"
#include "report/core_programs.h"
#include "report/events.h"
#include "report/inspect.h"
#include "report/memory_use.h"
#include "report/table.h"
#include "support/rich_program.h"

namespace northpole::report {
namespace {

using testing::HasSubstr;

TEST(Table, NumbersAndNames) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(byte_size(96), "96 bytes");
  EXPECT_EQ(byte_size(1536), "1.5 KiB");
  EXPECT_EQ(shortened("layer1/conv1", 12), "layer1/conv1");
  EXPECT_EQ(shortened("network/layer1/conv1", 12), "..yer1/conv1");
  EXPECT_EQ(shortened("a\nb", 9), "a?b");
  EXPECT_EQ(table({{"a", "n"}, {"bb", "10"}}), "a    n\n------\nbb  10\n");
}

TEST(Events, CyclesAndOperandsOfALoopNest) {
  isa::Instruction instruction;
  instruction.operand[0] = 100;
  instruction.loops = {{2, 10, {5, 0, 0, 0}, 0}, {3, 2, {-1, 0, 0, 0}, 0}};
  std::vector<std::pair<std::uint64_t, int>> events;
  const std::uint64_t last = for_each_event(
      instruction, 7, [&](std::uint64_t cycle, const auto& operands) { events.emplace_back(cycle, operands[0]); });
  using Event = std::pair<std::uint64_t, int>;
  EXPECT_EQ(events, (std::vector<Event>{{7, 100}, {9, 99}, {11, 98}, {17, 105}, {19, 104}, {21, 103}}));
  EXPECT_EQ(last, 21U);
  EXPECT_EQ(event_count(instruction), 6U);
}

TEST(CorePrograms, AreThoseThatTheMachineRuns) {
  const program::Program program = tests::rich_program();
  const ProgramSequence sequence = program_sequence(program);
  EXPECT_EQ(sequence.problem, "");
  ASSERT_EQ(sequence.programs.size(), 2U);
  // As many events as the machine counts, thread by thread.
  std::array<std::uint64_t, isa::thread_count> events{};
  for (const auto& segment : sequence.programs) {
    for (const CoreProgram& own : segment) {
      for (std::uint32_t t = 0; t < isa::thread_count; ++t) {
        std::string problem;
        for (const isa::Instruction& instruction : section_of(*own.words, static_cast<isa::Thread>(t), problem)) {
          events[t] += event_count(resolved(instruction, own.parameters));
        }
        EXPECT_EQ(problem, "");
      }
    }
  }
  Chip chip(program.chip);
  chip.configure(program);
  chip.write_input_words(
      std::vector<isa::Word>(std::size_t{program.input.blocks} * program.input.height * program.input.width));
  const machine::RunResult run = chip.run_network();
  ASSERT_FALSE(run.fault) << machine::to_text(*run.fault);
  EXPECT_EQ(events, run.statistics.events);
}

TEST(CorePrograms, WordsThatNobodySendsAreNoticed) {
  program::Program program = tests::rich_program();
  program.segments.resize(5);  // more than the cores are sent
  EXPECT_NE(program_sequence(program).problem, "");
}

TEST(Inspect, ProgramsThatCoresShareAppearOnce) {
  program::Program program = tests::rich_program();
  program.segments.resize(2);
  program.segments[0].layer = "first";
  program.segments[1].layer = "second";
  EXPECT_THAT(inspect_text(program), testing::AllOf(HasSubstr("first"), HasSubstr("second")));
  InspectOptions options;
  options.layer = "first";
  const std::string all = inspect_text(program, options);
  EXPECT_THAT(all,
              testing::AllOf(HasSubstr("vmm:"), HasSubstr("receive_program"), testing::Not(HasSubstr("'second'"))));
  options.thread = isa::Thread::programs;
  EXPECT_THAT(inspect_text(program, options), testing::Not(HasSubstr("vmm:")));
  options.core = 1;
  EXPECT_THAT(inspect_text(program, options), HasSubstr("core 1\n"));
  options.core = program.chip.cores();
  EXPECT_THROW(inspect_text(program, options), Error);
  EXPECT_THROW(thread_named("main"), Error);
  EXPECT_EQ(thread_named("partial_sums"), isa::Thread::partial_sums);
}

TEST(Report, SegmentsOfALayerAreOneEntry) {
  program::Program program = tests::rich_program();
  program.cycles = 100;
  program.multiply_accumulates = 8192;
  program.segments = {
      {"boot", 0, 9, 0, 0, 0, ""}, {"conv", 10, 49, 8192, 5, 30, "weights"}, {"conv", 50, 99, 0, 1, 40, "weights"}};
  const Report report = report_of(program, 1234);
  ASSERT_EQ(report.layers.size(), 2U);
  EXPECT_EQ(report.layers[1].cycles, 90U);
  EXPECT_EQ(report.layers[1].transfer_cycles, 6U);
  EXPECT_EQ(report.layers[1].compute_cycles, 70U);
  EXPECT_EQ(report.layers[1].segments, 2U);
  EXPECT_DOUBLE_EQ(report.arithmetic_bound_cycles_per_frame, 8192.0 / (1024 * program.chip.cores()));
  EXPECT_DOUBLE_EQ(report.frames_per_second, program.chip.clock_megahertz * 1e6 / 100);
  EXPECT_THAT(to_text(report), HasSubstr("conv"));
}

TEST(Report, MemoryCountsImageAndWrittenWords) {
  std::string problem;
  const MemoryReport memory = memory_use(tests::rich_program(), problem);
  EXPECT_EQ(problem, "");
  EXPECT_GT(memory.largest, memory.image_largest);
  EXPECT_GE(memory.mean, memory.image_mean);
  EXPECT_LE(memory.largest, memory.core);
}

// Damaged programs are for the verifier to refuse; looking at them must end, and not crash.
TEST(Report, DamagedProgramsCanBeLookedAt) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    program::Program program = tests::rich_program();
    program.segments.resize(3);
    for (int change = 0; change < 6; ++change) {
      auto& section = program.image[random() % program.image.size()];
      auto& words = random() % 2 != 0 ? section.words : program.boot[random() % program.boot.size()].program;
      words[random() % words.size()][random() % 32] = static_cast<std::uint8_t>(random());
    }
    EXPECT_FALSE(to_json(report_of(program, 1)).empty());
    InspectOptions options;
    options.core = static_cast<std::uint32_t>(random() % program.chip.cores());
    EXPECT_FALSE(inspect_text(program, options).empty());
    EXPECT_FALSE(inspect_json(program).empty());
  }
}

}  // namespace
}  // namespace northpole::report
