#include "choose/steps.h"

#include <gtest/gtest.h>

#include <random>

namespace northpole::choose {
namespace {

TEST(Steps, TakeTheCheapestFirst) {
  const std::vector<Step> steps = steps_of({
      {{{8, 0.0}, {4, 0.02}}, {{8, 100}, {4, 50}}},   // 0.0004 a cycle
      {{{8, 0.0}, {4, 0.01}}, {{8, 100}, {4, 90}}},   // 0.001 a cycle
      {{{8, 0.0}, {4, 0.03}}, {{8, 300}, {4, 150}}},  // 0.0002 a cycle
  });
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0], (Step{2, 8, 4, 0.03, 150}));
  EXPECT_EQ(steps[1].unit, 0u);
  EXPECT_EQ(steps[2].unit, 1u);
}

TEST(Steps, LeaveOutWhatSavesNothing) {
  EXPECT_TRUE(steps_of({{{{8, 0.0}, {4, 0.0}}, {{8, 100}, {4, 100}}}}).empty());
  EXPECT_TRUE(steps_of({{{{8, 0.0}, {4, 0.0}}, {{8, 100}, {4, 110}}}}).empty());
  EXPECT_TRUE(steps_of({{{{8, 0.0}}, {{8, 100}, {4, 10}}}}).empty()) << "only 8 is allowed";
  EXPECT_TRUE(steps_of({}).empty());
}

TEST(Steps, GoDownTwoWidthsAtOnceWhereThatIsCheaper) {
  // 4 bit alone saves next to nothing.
  const std::vector<Step> steps = steps_of({{{{8, 0.0}, {4, 0.01}, {2, 0.02}}, {{8, 100}, {4, 99}, {2, 50}}}});
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].from, 8);
  EXPECT_EQ(steps[0].to, 2);
}

TEST(Steps, EndWithEveryUnitAtItsFastestAndNeverGoUp) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    std::vector<Prices> units(8);
    for (Prices& unit : units) {
      std::uint64_t cycles = 1000 + random() % 1000;
      double change = 0;
      for (const int width : {8, 4, 2}) {
        unit.cycles[width] = cycles;
        unit.change[width] = change;
        cycles -= random() % 300;
        change += 0.001 * static_cast<double>(random() % 100);
      }
    }
    std::vector<int> widths(units.size(), 8);
    for (const Step& step : steps_of(units)) {
      EXPECT_EQ(step.from, widths[step.unit]);
      EXPECT_LT(step.to, step.from);
      EXPECT_GT(step.cycles, 0);
      EXPECT_GE(step.change, 0);
      widths[step.unit] = step.to;
    }
    for (std::size_t unit = 0; unit < units.size(); ++unit) {
      EXPECT_EQ(units[unit].cycles.at(widths[unit]), units[unit].cycles.at(2));
    }
  }
}

}  // namespace
}  // namespace northpole::choose
