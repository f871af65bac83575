// Programs written for a plan do exactly what the plan says, and the verifier finds them sound.
#include "schedule/run_programs.h"

#include <gtest/gtest.h>

#include "network/error.h"
#include "plan_events.h"
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

struct Written {
  std::size_t segments = 0, pauses = 0;
  std::uint64_t cycles_after_plan = 0;
};

// As the orchestrator does: with the pauses that are asked for.
Written write_and_check(const Case& one, unsigned seed) {
  SCOPED_TRACE(testing::Message() << one.rows << " x " << one.columns << ", " << one.program_words
                                  << " words, groups of " << one.run.group_rows << " rows, seed " << seed);
  const auto chip = small_chip(one.rows, one.columns, one.program_words);
  MemoryPlan memory(chip);
  const RandomRunPlanner planner(chip, one.run, memory, seed);
  std::vector<NeedsPause> pauses;
  for (;;) {
    const RunPlan plan = planner.plan(pauses);
    program::Program program = empty_program(chip);
    try {
      write_programs(plan, memory, program, tags);
    } catch (const NeedsPause& pause) {
      EXPECT_LT(pause.cycle, plan.end());
      EXPECT_GT(pause.cycles, 0U);
      pauses.push_back(pause);
      if (pauses.size() < 40) continue;
      ADD_FAILURE() << "asks for pauses without end";
      return {};
    }
    program.image = memory.image();
    expect_sound(plan, program, chip);
    return {program.segments.size(), pauses.size(), program.cycles - plan.end()};
  }
}

TEST(RunPrograms, SparseRunsNeedNoPauses) {
  const std::vector<Case> cases = {
      {2, 2, 256, {1, 300, 10, 4, 6, false}},    {4, 4, 64, {1, 6000, 60, 20, 6, false}},
      {4, 4, 64, {2, 6000, 60, 20, 6, false}},   {4, 4, 64, {4, 6000, 60, 20, 6, false}},
      {5, 3, 96, {2, 8000, 120, 40, 8, false}},  {4, 4, 128, {1, 20000, 400, 100, 12, false}},
      {1, 1, 64, {1, 3000, 50, 50, 8, false}},   {6, 6, 256, {1, 10000, 300, 50, 6, false}},
      {1, 6, 256, {1, 10000, 300, 50, 6, true}},
  };
  std::size_t most_segments = 0;
  for (const Case& one : cases)
    for (unsigned seed = 0; seed < 3; ++seed) {
      const Written written = write_and_check(one, seed);
      EXPECT_EQ(written.pauses, 0U);
      EXPECT_LE(written.cycles_after_plan, 2U);
      most_segments = std::max(most_segments, written.segments);
    }
  EXPECT_GE(most_segments, 10U);
}

TEST(RunPrograms, DenseRunsAreWrittenAfterPauses) {
  std::size_t pauses = 0;
  for (const Case& one : std::vector<Case>{{3, 4, 256, {3, 6000, 400, 300, 6, true}},
                                           {4, 2, 128, {2, 3000, 300, 200, 4, false}},
                                           {2, 3, 64, {1, 4000, 400, 200, 3, false}}})
    for (unsigned seed = 0; seed < 3; ++seed) pauses += write_and_check(one, seed).pauses;
  EXPECT_GE(pauses, 3U);
}

TEST(RunPrograms, SameBytesAgain) {
  const auto chip = small_chip(4, 4, 64);
  std::vector<program::Program> programs;
  for (int i = 0; i < 2; ++i) {
    MemoryPlan memory(chip);
    const RunPlan plan = RandomRunPlanner(chip, {2, 4000, 60, 20, 6, false}, memory, 7).plan();
    programs.push_back(empty_program(chip));
    write_programs(plan, memory, programs.back(), tags);
    programs.back().image = memory.image();
  }
  ASSERT_EQ(programs[0].image.size(), programs[1].image.size());
  for (std::size_t i = 0; i < programs[0].image.size(); ++i)
    EXPECT_EQ(programs[0].image[i].words, programs[1].image[i].words);
}

TEST(RunPrograms, GroupsShareTheirSections) {
  // The same events with and without groups: with them, each is stored once for all groups.
  std::array<std::uint64_t, 2> words{};
  const auto chip = small_chip(8, 2, 256);
  for (std::size_t i = 0; i < 2; ++i) {
    MemoryPlan memory(chip);
    const RunPlan grouped = RandomRunPlanner(chip, {1, 20000, 500, 0, 6, false}, memory, 1).plan();
    RunPlan plan = grouped;
    if (i == 1) {
      plan = RunPlan(chip, chip.rows);
      for (std::uint32_t core = 0; core < chip.cores(); ++core)
        for (const auto thread : {isa::Thread::send, isa::Thread::receive})
          for (const TimedInstruction& timed : grouped.thread(core, thread))
            plan.add(core, thread, timed.start, timed.instruction);
    }
    program::Program program = empty_program(chip);
    write_programs(plan, memory, program, tags);
    program.image = memory.image();
    expect_sound(plan, program, chip);
    for (std::uint32_t core = 0; core < chip.cores(); ++core) words[i] += memory.static_words(core);
  }
  EXPECT_LT(words[0] * 2, words[1]);
}

TEST(RunPrograms, PlansWithWhatOnlyProgramsHaveAreRefused) {
  const auto chip = small_chip(1, 1, 64);
  MemoryPlan memory(chip);
  program::Program program = empty_program(chip);
  RunPlan plan(chip, 1);
  isa::Instruction instruction;
  instruction.opcode = isa::Opcode::switch_program;
  plan.add(0, isa::Thread::vmm, 5, instruction);
  EXPECT_THROW(write_programs(plan, memory, program, tags), Error);
}

}  // namespace
}  // namespace northpole::schedule
