#include "evaluate/network_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network/error.h"
#include "network/prepare.h"
#include "support/network_builder.h"

namespace northpole::evaluate {
namespace {

using network::NetworkBuilder;
using network::operators_of;

data::PictureTransform plain_transform() {
  data::PictureTransform transform = data::default_transform({1, 1, 2, 2});
  return transform;
}

TEST(NetworkEngine, AnArgMaxAtTheEndGivesWayToItsScores) {
  NetworkBuilder builder;
  builder.input("x", {1, 1, 2, 2})
      .integers("shape", {1, 4})
      .node("Reshape", {"x", "shape"}, {"scores"})
      .node("ArgMax", {"scores"}, {"class"}, {{"axis", std::int64_t{1}}})
      .output("class");
  const network::Graph graph = with_scores_as_output(network::prepared(builder.graph));
  EXPECT_THAT(operators_of(graph), testing::Not(testing::Contains("ArgMax")));
  EXPECT_EQ(graph.outputs[0].shape, (network::Shape{1, 4}));

  data::Picture picture = data::Picture::blank(2, 2);
  for (int i = 0; i < 3; ++i) picture.pixel(1, 1)[i] = 255;
  const Answer answer = float_engines(graph, plain_transform())()->answers({picture})[0];
  EXPECT_EQ(answer.scores, (std::vector<float>{0, 0, 0, 1}));
  EXPECT_EQ(answer.cycles, 0U);
}

TEST(NetworkEngine, ANetworkWithoutArgMaxStaysAsItIs) {
  NetworkBuilder builder;
  builder.input("x", {1, 1, 2, 2}).node("Relu", {"x"}, {"y"}).output("y");
  const network::Graph graph = network::prepared(builder.graph);
  EXPECT_EQ(operators_of(with_scores_as_output(graph)), operators_of(graph));
}

TEST(NetworkEngine, TwoInputsAreRefused) {
  NetworkBuilder builder;
  builder.input("a", {1, 1, 2, 2}).input("b", {1, 1, 2, 2}).node("Add", {"a", "b"}, {"y"}).output("y");
  EXPECT_THROW(with_scores_as_output(network::prepared(builder.graph)), Error);
}

}  // namespace
}  // namespace northpole::evaluate
