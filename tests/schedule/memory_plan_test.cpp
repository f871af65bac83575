#include "schedule/memory_plan.h"

#include <gmock/gmock.h>

#include "network/error.h"

namespace northpole::schedule {
namespace {

using testing::HasSubstr;

chip::ChipDescription small() {
  chip::ChipDescription chip;
  chip.rows = 1;
  chip.columns = 2;
  chip.bank_words = 100;
  return chip;
}

std::string message(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(MemoryPlan, LoansThatDoNotMeetInTimeShareWords) {
  MemoryPlan memory(small());
  EXPECT_EQ(memory.lend(0, 60, 0, 2, "a"), 0U);
  EXPECT_EQ(memory.lend(0, 60, 3, 4, "b"), 0U);
  EXPECT_EQ(memory.lend(0, 40, 2, 3, "c"), 60U);
  EXPECT_EQ(memory.largest_gap(0, 2, 3), 0U);
  EXPECT_EQ(memory.largest_gap(0, 5, 6), 100U);
}

TEST(MemoryPlan, AFullBankSaysWhichLayerLacksHowMuch) {
  MemoryPlan memory(small());
  memory.lend(1, 70, 0, 5, "first");
  const std::string text = message([&] { memory.lend(1, 50, 5, 6, "second"); });
  EXPECT_THAT(text, HasSubstr("'second'"));
  EXPECT_THAT(text, HasSubstr("20 more"));
}

TEST(MemoryPlan, WhatStaysLiesFromBothEnds) {
  MemoryPlan memory(small());
  EXPECT_EQ(memory.place(0, 3, 1, std::vector<isa::Word>(10)), 300U);
  EXPECT_EQ(memory.place(0, 3, 1, std::vector<isa::Word>(5)), 310U);
  EXPECT_EQ(memory.place(1, 0, 1, std::vector<isa::Word>(10)), 90U);
  EXPECT_EQ(memory.static_words(0), 15U);
  EXPECT_EQ(memory.static_words(1), 0U);
}

TEST(MemoryPlan, CheckNamesTheFullestCore) {
  MemoryPlan memory(small());
  memory.place(1, 3, 1, std::vector<isa::Word>(130));
  EXPECT_THAT(message([&] { memory.check("net"); }), HasSubstr("most in core 1: 130 of 100 words"));
}

TEST(MemoryPlan, CheckSeesConstantsThatMeetTensors) {
  MemoryPlan memory(small());
  memory.lend(0, 95, 0, 1, "a");
  memory.place(0, 0, 1, std::vector<isa::Word>(10));
  EXPECT_THAT(message([&] { memory.check("net"); }), HasSubstr("bank 0 of core 0"));
}

}  // namespace
}  // namespace northpole::schedule
