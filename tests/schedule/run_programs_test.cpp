// Programs written for a plan do exactly what the plan says, and the verifier finds them sound.
#include "schedule/run_programs.h"

#include <gtest/gtest.h>

#include "plan_events.h"
#include "program/check_program.h"
#include "random_run_plan.h"
#include "verify/verify.h"

namespace northpole::schedule {
namespace {

constexpr ProgramTags tags = {1, 2};

program::Program empty_program(const chip::ChipDescription& chip) {
  program::Program program;
  program.chip = chip;
  for (const char* name : {"nothing", "programs", "parameters", "words", "moved words"})
    program.tensors.push_back({name, ""});
  return program;
}

chip::ChipDescription small_chip(std::uint32_t rows, std::uint32_t columns, std::uint32_t program_words) {
  chip::ChipDescription chip;
  chip.rows = rows;
  chip.columns = columns;
  chip.program_words = program_words;
  return chip;
}

std::string fault_of(const program::Program& program) {
  const verify::Result result = verify::verify(program);
  if (result.ok) return "";
  return result.fault ? std::to_string(result.fault->cycle) + " place " + std::to_string(result.fault->place) + ": " +
                            result.fault->resource + ": " + result.fault->message + " | " +
                            result.fault->second_instruction + " | " + result.fault->first_instruction
                      : "not ok";
}

void expect_sound(const RunPlan& plan, const program::Program& program, const chip::ChipDescription& chip) {
  EXPECT_EQ(fault_of(program), "");
  EXPECT_EQ(program.segments.size() % 2, 0U);
  EXPECT_EQ(program.boot.size(), chip.cores());
  expect_same_events(plan, program);
}

TEST(RunPrograms, NothingToDo) {
  const auto chip = small_chip(2, 3, 64);
  MemoryPlan memory(chip);
  program::Program program = empty_program(chip);
  const RunPlan plan(chip, 1);
  write_programs(plan, memory, program, tags);
  program.image = memory.image();
  expect_sound(plan, program, chip);
  EXPECT_EQ(program.segments.size(), 2U);
}

struct Case {
  std::uint32_t rows, columns, program_words;
  RandomRun run;
};

TEST(RunPrograms, RandomRunsAreWrittenAsPlanned) {
  const std::vector<Case> cases = {
      {2, 2, 256, {1, 300, 10, 4, 6, false}},     {4, 4, 64, {1, 6000, 60, 20, 6, false}},
      {4, 4, 64, {2, 6000, 60, 20, 6, false}},    {4, 4, 64, {4, 6000, 60, 20, 6, false}},
      {5, 3, 96, {2, 8000, 120, 40, 8, false}},   {4, 4, 128, {1, 20000, 400, 100, 12, false}},
      {3, 4, 256, {3, 12000, 400, 300, 6, true}}, {1, 1, 64, {1, 3000, 50, 50, 8, false}},
      {8, 8, 256, {1, 10000, 300, 50, 6, false}}, {8, 8, 256, {8, 10000, 300, 50, 6, false}},
  };
  std::size_t written = 0, most_segments = 0;
  for (const Case& one : cases)
    for (unsigned seed = 0; seed < 4; ++seed) {
      SCOPED_TRACE(testing::Message() << one.rows << " x " << one.columns << ", " << one.program_words << " words, seed "
                                      << seed);
      const auto chip = small_chip(one.rows, one.columns, one.program_words);
      MemoryPlan memory(chip);
      const RunPlan plan = RandomRunPlanner(chip, one.run, memory, seed).plan();
      program::Program program = empty_program(chip);
      try {
        write_programs(plan, memory, program, tags);
      } catch (const NeedsPause& pause) {
        EXPECT_LT(pause.cycle, plan.end());
        std::printf("pause %u x %u seed %u: %lu at %lu\n", one.rows, one.columns, seed, pause.cycles, pause.cycle);
        continue;
      }
      program.image = memory.image();
      expect_sound(plan, program, chip);
      ++written;
      most_segments = std::max(most_segments, program.segments.size());
      std::printf("%u x %u seed %u: %zu segments\n", one.rows, one.columns, seed, program.segments.size());
      if (HasFatalFailure()) return;
    }
  EXPECT_GE(written, 30U);
  EXPECT_GE(most_segments, 10U);
}

}  // namespace
}  // namespace northpole::schedule
