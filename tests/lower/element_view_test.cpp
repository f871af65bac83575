// Moves of elements, and finding rows x columns x channels in them.
#include "lower/element_view.h"

#include <gtest/gtest.h>

#include "lower/factorize.h"

namespace northpole::lower {
namespace {

using network::Node;

std::vector<StoredTensor> two_tensors() {
  StoredTensor a, b;
  a.channels = 40;
  a.height = 4;
  a.width = 6;
  b = a;
  b.channels = 8;
  a.quantization = b.quantization = {0.5F, 3, false};
  return {a, b};
}

Node node(const std::string& op, std::map<std::string, network::Attribute> attributes) {
  Node result;
  result.name = "n";
  result.op = op;
  result.attributes = std::move(attributes);
  return result;
}

using Integers = std::vector<std::int64_t>;
const network::Graph graph;

TEST(Factorize, AWholeTensorIsItself) {
  const auto tensors = two_tensors();
  const auto view = factorize(whole(0, tensors[0], {1, 40, 4, 6}), tensors, {0, 0, 0, 0}, 3);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->canonical());
  EXPECT_EQ(view->blocks.size(), 2U);
  EXPECT_EQ(view->maps[0].row, (std::vector<std::int32_t>{0, 1, 2, 3}));
}

TEST(Factorize, SlicesOfRowsAndChannelsWithPadding) {
  const auto tensors = two_tensors();
  const auto sliced = move(graph,
                           node("Slice", {{"axes", Integers{1, 2}},
                                          {"starts", Integers{33, 1}},
                                          {"ends", Integers{40, 4}},
                                          {"steps", Integers{1, 2}}}),
                           {whole(0, tensors[0], {1, 40, 4, 6})});
  const auto view = factorize(sliced, tensors, {1, 0, 0, 2}, 3);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->channels, 7);
  EXPECT_EQ(view->position[0], 1);  // channel 33 lies in lane 1 of the one block that is read
  ASSERT_EQ(view->blocks.size(), 1U);
  EXPECT_EQ(view->blocks[0].block, 1);
  EXPECT_EQ(view->maps[0].row, (std::vector<std::int32_t>{-1, 1, 3}));
  EXPECT_EQ(view->maps[0].column, (std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, -1, -1}));
  EXPECT_FALSE(view->canonical());
}

TEST(Factorize, ConcatenationsReadBothTensors) {
  const auto tensors = two_tensors();
  const auto joined = move(graph, node("Concat", {{"axis", std::int64_t{1}}}),
                           {whole(1, tensors[1], {1, 8, 4, 6}), whole(0, tensors[0], {1, 40, 4, 6})});
  const auto view = factorize(joined, tensors, {0, 0, 0, 0}, 3);
  ASSERT_TRUE(view);
  ASSERT_EQ(view->blocks.size(), 3U);
  EXPECT_EQ(view->blocks[0].tensor, 1);
  EXPECT_EQ(view->blocks[1].tensor, 0);
  EXPECT_EQ(view->position[8], 32);
}

TEST(Factorize, ChannelShufflesAreChannels) {
  const auto tensors = two_tensors();
  auto view = move(graph, node("Reshape", {{"shape", Integers{1, 2, 4, 4, 6}}}), {whole(1, tensors[1], {1, 8, 4, 6})});
  view = move(graph, node("Transpose", {{"perm", Integers{0, 2, 1, 3, 4}}}), {view});
  view = move(graph, node("Reshape", {{"shape", Integers{1, 8, 4, 6}}}), {view});
  const auto found = factorize(view, tensors, {0, 0, 0, 0}, 3);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->position, (std::vector<std::int32_t>{0, 4, 1, 5, 2, 6, 3, 7}));
}

TEST(Factorize, ChannelsThatBecomePositionsAreNot) {
  const auto tensors = two_tensors();
  const auto view =
      move(graph, node("Reshape", {{"shape", Integers{1, 2, 16, 6}}}), {whole(1, tensors[1], {1, 8, 4, 6})});
  EXPECT_FALSE(factorize(view, tensors, {0, 0, 0, 0}, 3));
}

TEST(Factorize, PaddingOfAnotherCodeIsNot) {
  const auto tensors = two_tensors();
  const auto padded = move(graph, node("Pad", {{"pads", Integers{0, 0, 1, 0, 0, 0, 0, 0}}, {"value", 1.0F}}),
                           {whole(1, tensors[1], {1, 8, 4, 6})});
  EXPECT_FALSE(factorize(padded, tensors, {0, 0, 0, 0}, 3));
  EXPECT_TRUE(factorize(padded, tensors, {0, 0, 0, 0}, 5)) << "1.0 is two steps of 0.5 above the zero point 3";
}

TEST(Factorize, ATensorTwiceTakesItsBlocksTwice) {
  const auto tensors = two_tensors();
  const auto once = whole(1, tensors[1], {1, 8, 4, 6});
  const auto twice = move(graph, node("Concat", {{"axis", std::int64_t{1}}}), {once, once});
  const auto view = factorize(twice, tensors, {0, 0, 0, 0}, 3);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->blocks.size(), 2U);
  EXPECT_EQ(view->position[8], 32);
}

}  // namespace
}  // namespace northpole::lower
