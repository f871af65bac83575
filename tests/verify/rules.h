// Rules of the machine as pairs of programs: a program with a number in it (a cycle, an address), the numbers that are
// legal, and the numbers that are not, each with the fault that it must give. So every bound is asked from both sides.
// The step simulator is asked the same and must answer the same.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "machine/frame.h"
#include "northpole/chip.h"
#include "support/program_builder.h"
#include "verify/verify.h"

namespace northpole::verify {

using tests::ProgramBuilder;

struct BadNumber {
  int number;
  FaultKind kind;
  int cycle = -1;  // in which the fault must be, where the rule says so; -1: any
};

struct Rule {
  std::string name;
  std::function<program::Program(int number)> make;
  std::vector<int> legal;
  std::vector<BadNumber> bad;
};
inline std::ostream& operator<<(std::ostream& out, const Rule& rule) { return out << rule.name; }

inline machine::RunResult simulated(const program::Program& program) {
  Chip chip(program.chip, EngineKind::step);
  chip.configure(program);
  const std::uint64_t input_words = machine::frame_words(program.input);
  if (input_words <= 1000) chip.write_input_words(std::vector<isa::Word>(input_words));
  return chip.run_network();
}

inline void check_rule(const Rule& rule) {
  for (const int number : rule.legal) {
    const Result result = verify(rule.make(number));
    EXPECT_TRUE(result.ok) << rule.name << ", " << number << ": " << (result.fault ? describe(*result.fault) : "no fault told");
    const machine::RunResult run = simulated(rule.make(number));
    EXPECT_FALSE(run.fault) << rule.name << ", " << number << ", simulator: " << to_text(*run.fault);
    EXPECT_EQ(run.statistics.total_events(), result.events);
  }
  for (const BadNumber& bad : rule.bad) {
    const Result result = verify(rule.make(bad.number));
    ASSERT_FALSE(result.ok) << rule.name << ", " << bad.number << " was accepted";
    ASSERT_TRUE(result.fault);
    EXPECT_EQ(name(result.fault->kind), std::string(name(bad.kind))) << rule.name << ", " << bad.number << ": " << describe(*result.fault);
    const machine::RunResult run = simulated(rule.make(bad.number));
    ASSERT_TRUE(run.fault) << rule.name << ", " << bad.number << " was accepted by the simulator";
    EXPECT_EQ(machine::name(run.fault->kind), std::string(name(bad.kind))) << rule.name << ": " << to_text(*run.fault);
    EXPECT_EQ(run.fault->cycle, result.fault->cycle) << rule.name << ": " << to_text(*run.fault);
    if (bad.cycle >= 0) {
      EXPECT_EQ(result.fault->cycle, static_cast<std::uint64_t>(bad.cycle)) << rule.name << ": " << describe(*result.fault);
    }
  }
}

}  // namespace northpole::verify
