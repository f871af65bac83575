// What schedules taught, and that plans use it.
#include "map/experience.h"

#include <gmock/gmock.h>

#include "map/layer_graphs.h"
#include "map/plan.h"

namespace northpole::map {
namespace {

// Layers of ResNet-50's third stage repeat: what one of them took is known of all.
TEST(Experience, IsOfLayersAlike) {
  const auto graph = resnet50_layers(4);
  Experience experience(graph);
  std::size_t first = 0, second = 0;
  for (std::size_t l = 1; l < graph.layers.size() && second == 0; ++l)
    for (std::size_t other = l + 1; other < graph.layers.size() && second == 0; ++other)
      if (experience.form(l) == experience.form(other) && experience.form(l - 1) == experience.form(other - 1)) {
        first = l;
        second = other;
      }
  ASSERT_NE(second, 0U) << "no two layers alike";
  EXPECT_NE(experience.form(0), experience.form(first));

  std::vector<std::uint32_t> numbers(graph.layers.size(), 7);
  std::vector<Mapping> mappings(graph.layers.size());
  std::vector<std::uint64_t> took(graph.layers.size(), 1000);
  took[first] = 300;
  EXPECT_FALSE(experience.took(second, 7, 7).has_value());
  experience.learn(numbers, mappings, took);
  ASSERT_TRUE(experience.took(second, 7, 7).has_value());
  EXPECT_LT(*experience.took(second, 7, 7), 1000U) << "the mean of layers alike";
  EXPECT_FALSE(experience.took(second, 8, 7).has_value()) << "behind another mapping";
  EXPECT_FALSE(experience.took(second, 7, 8).has_value());
  EXPECT_EQ(experience.tried(second).size(), 1U);
}

// A plan whose layers took far longer than guessed is not made again.
TEST(Planner, LearnsFromSchedules) {
  const auto graph = resnet50_layers(4);
  Planner planner(graph, {}, 1, Objective::throughput);
  const Plan first = planner.plan(1, 1), again = planner.plan(1, 1);
  ASSERT_EQ(first.layers.size(), graph.layers.size());
  const auto differs = [&](const Plan& a, const Plan& b) {
    std::size_t layers = 0;
    for (std::size_t l = 0; l < a.layers.size(); ++l) layers += !(a.layers[l].mapping == b.layers[l].mapping);
    return layers;
  };
  EXPECT_EQ(differs(first, again), 0U) << "without anything learnt the same plan";
  std::vector<std::uint64_t> took;
  for (const LayerPlan& layer : first.layers) took.push_back(4 * layer.cycles + 1000);
  planner.learn(first, took);
  EXPECT_GT(differs(first, planner.plan(1, 1)), graph.layers.size() / 2);
}

}  // namespace
}  // namespace northpole::map
