#include "network/topology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network/error.h"
#include "support/network_builder.h"

namespace northpole::network {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

void sort(NetworkBuilder builder) { sort_topologically(builder.graph); }

TEST(Topology, PutsProducersBeforeReaders) {
  NetworkBuilder builder;
  builder.input("x", {1}).node("Sigmoid", {"b"}, {"y"}).node("Relu", {"x"}, {"b"}).output("y");
  sort_topologically(builder.graph);
  EXPECT_THAT(operators_of(builder.graph), ElementsAre("Relu", "Sigmoid"));
}

TEST(Topology, NamesEveryNodeOnce) {
  NetworkBuilder builder;
  builder.input("x", {1}).node("Relu", {"x"}, {"a"}).node("Relu", {"a"}, {"b"}).node("Relu", {"b"}, {"c"}).output("c");
  builder.graph.nodes[0].name = "same";
  builder.graph.nodes[1].name = "same";
  builder.graph.nodes[2].name = "";
  sort_topologically(builder.graph);
  EXPECT_EQ(builder.graph.nodes[0].name, "same");
  EXPECT_EQ(builder.graph.nodes[1].name, "same_2");
  EXPECT_EQ(builder.graph.nodes[2].name, "c");
}

TEST(Topology, RefusesACycle) {
  const auto cyclic =
      NetworkBuilder().input("x", {1}).node("Add", {"x", "b"}, {"a"}).node("Relu", {"a"}, {"b"}).output("b");
  EXPECT_THAT([&] { sort(cyclic); }, ThrowsMessage<Error>(HasSubstr("cycle")));
}

TEST(Topology, RefusesAValueThatIsProducedTwice) {
  const auto twice =
      NetworkBuilder().input("x", {1}).node("Relu", {"x"}, {"y"}).node("Sigmoid", {"x"}, {"y"}).output("y");
  EXPECT_THAT([&] { sort(twice); }, ThrowsMessage<Error>(HasSubstr("'y' is produced twice")));
  const auto shadow = NetworkBuilder().input("x", {1}).counting("y", {1}).node("Relu", {"x"}, {"y"}).output("y");
  EXPECT_THAT([&] { sort(shadow); }, ThrowsMessage<Error>(HasSubstr("'y' is produced twice")));
}

TEST(Topology, RefusesAValueThatNobodyProduces) {
  const auto unknown = NetworkBuilder().input("x", {1}).node("Add", {"x", "ghost"}, {"y"}).output("y");
  EXPECT_THAT([&] { sort(unknown); }, ThrowsMessage<Error>(HasSubstr("node 'y' (Add): reads 'ghost'")));
  const auto no_output = NetworkBuilder().input("x", {1}).node("Relu", {"x"}, {"y"}).output("z");
  EXPECT_THAT([&] { sort(no_output); }, ThrowsMessage<Error>(HasSubstr("'z'")));
}

}  // namespace
}  // namespace northpole::network
