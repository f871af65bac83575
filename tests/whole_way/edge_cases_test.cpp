// Networks and chips at the edges of what is supported: they either equal the reference or are refused in one clear
// line.
#include <gmock/gmock.h>

#include <algorithm>

#include "support/small_network.h"

namespace northpole::tests {
namespace {

using network::ElementType;
using network::Tensor;
using reference::int8;
using reference::uint8;
using testing::HasSubstr;

TEST(EdgeCases, WeightsUpTo255AwayFromTheirZeroPoint) {
  for (const std::int64_t zero : {0, 255, 1}) {
    SmallNetwork small({1, 4, 5, 5});
    Integers codes;
    for (std::int64_t i = 0; i < 3 * 4 * 9; ++i) codes.push_back(i % 3 == 0 ? 255 : i % 3 == 1 ? 0 : 254 - i);
    const std::string w =
        small.weights(Tensor::of_integers(ElementType::uint8, {3, 4, 3, 3}, codes), {0.004F}, 0, {zero});
    small.output(small.quantize(small.node("Conv", {small.x, w}, {{"kernel_shape", Integers{3, 3}}}), int8(0.7F)));
    small.equals_reference();
  }
}

TEST(EdgeCases, WiderWeightsAreRefused) {
  SmallNetwork small({1, 4, 5, 5});
  const std::string w =
      small.weights(Tensor::of_integers(ElementType::int32, {1, 4, 1, 1}, {1000, 2, 3, 4}), {0.01F}, 0);
  small.output(small.quantize(small.node("Conv", {small.x, w}, {{"kernel_shape", Integers{1, 1}}}), int8(0.5F)));
  EXPECT_THAT(small.refusal(), HasSubstr("8 bit"));
}

TEST(EdgeCases, MatrixProductsOfDeepVectors) {
  for (const network::Shape& shape : {network::Shape{1, 1, 40}, network::Shape{1, 1, 1, 40}}) {
    SmallNetwork small(shape);
    const std::string hidden = small.quantize(small.matrix(small.x, 40, 50), int8(0.1F));
    small.output(small.quantize(small.matrix(hidden, 50, 7), int8(0.2F)));
    small.equals_reference();
  }
}

TEST(EdgeCases, OperandsWithoutAnExtentAreRefusedByName) {
  SmallNetwork small({1, 8, 2, 2});
  const std::string deep = small.node("Reshape", {small.x, small.integers({1, 2, 4, 2, 2})});
  const std::string c = small.constant(Tensor::of_floats({}, {0.7F}));
  small.output(small.quantize(small.node("Add", {deep, c}), int8(0.1F)));
  EXPECT_TRUE(names_a_node(small.refusal(), small.graph)) << small.refusal();
}

TEST(EdgeCases, TheHostWorksOnTheOutputThatAsksForIt) {
  SmallNetwork both({1, 8});
  const std::string logits = both.quantize(both.matrix(both.x, 8, 10), int8(0.05F));
  both.output(both.node("Softmax", {logits}));
  both.output(logits);
  both.equals_reference();

  SmallNetwork second({1, 8});
  const std::string first = second.quantize(second.matrix(second.x, 8, 10), int8(0.05F));
  second.output(first);
  second.output(second.node("Softmax", {first}));
  EXPECT_THAT(second.refusal(), HasSubstr("first output"));
}

TEST(EdgeCases, NothingMayFollowTheHost) {
  SmallNetwork small({1, 8});
  const std::string logits = small.quantize(small.matrix(small.x, 8, 10), int8(0.05F));
  small.output(small.quantize(small.node("Softmax", {logits}), uint8(1.0F / 255)));
  EXPECT_THAT(small.refusal(), HasSubstr("host"));
}

TEST(EdgeCases, ChipsWithOtherBanks) {
  // Four tensors live at the same time.
  SmallNetwork small({1, 20, 9, 7});
  std::string value = small.quantize(small.conv(small.x, {40, 20, 3, 3}, 1), int8(2.0F));
  std::vector<std::string> all{value};
  for (int i = 0; i < 3; ++i) all.push_back(value = small.quantize(small.conv(value, {40, 40, 3, 3}, 1), int8(2.0F)));
  const std::string joined = small.node("Concat", all, {{"axis", std::int64_t{1}}});
  const std::string last = small.quantize(small.conv(joined, {8, 160, 1, 1}), int8(2.0F));
  small.output(small.quantize(small.node("Sigmoid", {last}), uint8(1.0F / 255)));
  for (const std::uint32_t banks : {4, 5, 8, 16}) {
    chip::ChipDescription chip = array(3, 5);
    chip.banks = banks;
    chip.bank_words = 2048;
    small.equals_reference(chip);
  }
}

TEST(EdgeCases, ChipsWithSmallBuffers) {
  SmallNetwork small({1, 20, 9, 7});
  small.output(small.quantize(small.conv(small.x, {40, 20, 3, 3}, 1), int8(0.4F)));
  for (const std::uint32_t blocks : {1, 2, 3, 7, 1365}) {
    chip::ChipDescription chip = array(2, 2);
    chip.weight_blocks = blocks;
    small.equals_reference(chip);
  }
  for (const std::uint32_t sums : {1, 2, 3, 6, 100, 512}) {
    chip::ChipDescription chip = array(1, 3);
    chip.partial_sums = sums;
    small.equals_reference(chip);
  }
  for (const std::uint32_t words : {10, 18, 21}) {
    chip::ChipDescription chip = array(1, 2);
    chip.constant_words = words;
    small.equals_reference(chip);
  }
}

TEST(EdgeCases, ShortProgramBuffersTakeManySegments) {
  SmallNetwork small({1, 20, 9, 7});
  small.output(small.quantize(small.conv(small.x, {40, 20, 3, 3}, 1), int8(0.4F)));
  for (const std::uint32_t words : {92, 94, 96, 100, 120}) {
    chip::ChipDescription chip = array(2, 2);
    chip.program_words = words;
    const WholeWay way = whole_way(small.graph, chip);
    EXPECT_EQ(way.failed, "");
    if (!way.refused.empty()) {
      EXPECT_THAT(way.refused, HasSubstr("program"));
    }
  }
}

TEST(EdgeCases, BootProgramsAreAsLongAsTheyMustBe) {
  SmallNetwork small({1, 8, 37, 29});
  small.output(small.quantize(small.conv(small.x, {200, 8, 3, 3}, 1), int8(0.4F)));
  EXPECT_GT(compile(small.graph, array(32, 31)).program->boot[0].program.size(), 64U);
  EXPECT_EQ(whole_way(small.graph, array(32, 31), 1).failed, "");
}

TEST(EdgeCases, ChipsTooSmallForTheCompilerAreRefused) {
  SmallNetwork small({1, 20, 9, 7});
  small.output(small.quantize(small.conv(small.x, {40, 20, 3, 3}, 1), int8(0.4F)));
  chip::ChipDescription chip = array(2, 2);
  chip.banks = 3;
  EXPECT_THAT(small.refusal(chip), HasSubstr("banks"));
  chip = array(2, 2);
  chip.constant_words = 9;
  EXPECT_THAT(small.refusal(chip), HasSubstr("constant_words"));
  chip = array(2, 2);
  chip.program_words = 60;
  EXPECT_THAT(small.refusal(chip), HasSubstr("program_words"));
  chip = array(2, 2);
  chip.weight_blocks = 1500;
  EXPECT_THAT(small.refusal(chip), HasSubstr("weight_blocks"));
  chip = array(1, 1);
  chip.partial_sums = 60000;
  EXPECT_THAT(small.refusal(chip), HasSubstr("partial_sums"));
}

// Where a few rows have no room for a frame, it gets more of them, and the batch more waves.
TEST(EdgeCases, LargeFramesOfABatchGetMoreRows) {
  SmallNetwork small({1, 20, 26, 30});
  std::string value = small.quantize(small.conv(small.x, {40, 20, 3, 3}, 1), int8(2.0F));
  small.output(small.quantize(small.conv(value, {8, 40, 3, 3}, 1), int8(2.0F)));
  chip::ChipDescription chip = array(8, 2);
  std::vector<std::uint32_t> rows;
  for (const std::uint32_t words : {2000, 1500, 900, 600}) {
    chip.bank_words = words;
    const Compilation batch{8, map::Objective::throughput};
    const WholeWay way = whole_way(small.graph, chip, 1, batch);
    EXPECT_EQ(way.refused + way.failed, "") << words;
    if (way.refused.empty()) rows.push_back(compile(small.graph, chip, batch).program->input.frame_rows);
  }
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
  EXPECT_EQ(rows.front(), 1U);
  EXPECT_GT(rows.back(), 1U);
  chip.bank_words = 100;
  EXPECT_THAT(whole_way(small.graph, chip, 1, {8}).refused, HasSubstr("does not fit"));
}

TEST(EdgeCases, BatchesOfAnyNumberOfFrames) {
  SmallNetwork small({1, 3, 7, 6});
  small.output(small.quantize(small.conv(small.x, {8, 3, 3, 3}, 1), int8(0.3F)));
  for (const std::uint32_t frames : {1, 2, 3, 4, 5, 6, 7, 9, 10, 13}) {
    const WholeWay way = whole_way(small.graph, array(5, 2), 1, {frames, map::Objective::throughput});
    EXPECT_EQ(way.refused + way.failed, "") << frames;
  }
}

TEST(EdgeCases, AbsurdSizesAreRefused) {
  SmallNetwork input({1, 3, 4, 4});
  input.graph.inputs[0].shape = {1, 3, 400000, 400000};
  input.output(input.quantize(input.conv(input.x, {4, 3, 3, 3}), int8(0.4F)));
  EXPECT_THAT(input.refusal(), HasSubstr("does not fit"));

  SmallNetwork padded({1, 3, 4, 4});
  const std::string w = padded.weights(Tensor::of_integers(ElementType::int8, {1, 3, 1, 1}, {1, 2, 3}), {0.01F}, 0);
  padded.output(padded.quantize(padded.node("Conv", {padded.x, w},
                                            {{"kernel_shape", Integers{1, 1}},
                                             {"pads", Integers{0, 2000000000, 0, 2000000000}},
                                             {"strides", Integers{1, 2000000000}}}),
                                int8(0.4F)));
  EXPECT_THAT(padded.refusal(), HasSubstr("does not fit"));

  SmallNetwork weights({1, 1, 600, 600});
  weights.output(weights.quantize(weights.conv(weights.x, {512, 1, 600, 600}), int8(0.4F)));
  EXPECT_THAT(weights.refusal(), HasSubstr("does not fit"));
}

TEST(EdgeCases, NarrowLinks) {
  SmallNetwork small({1, 16, 9, 9});
  std::string value = small.x;
  for (int layer = 0; layer < 6; ++layer)
    value = small.quantize(small.conv(value, {layer % 2 == 0 ? 40 : 16, layer % 2 == 0 ? 16 : 40, 3, 3}, 1),
                           int8(0.05F + 0.01F * static_cast<float>(layer)));
  small.output(value);
  std::uint64_t before = 0;
  for (const std::uint32_t cycles : {1, 2, 3, 7, 64}) {
    chip::ChipDescription chip = array(4, 4);
    chip.word_link_cycles = cycles;
    if (cycles < 10) chip.program_words = 100;  // programs are loaded on the way
    const WholeWay way = whole_way(small.graph, chip);
    EXPECT_EQ(way.refused, "");
    EXPECT_EQ(way.failed, "");
    EXPECT_GT(way.segments, 1U);
    EXPECT_GT(way.cycles, before) << "a link that takes " << cycles << " cycles is not slower";
    before = way.cycles;
  }
}

}  // namespace
}  // namespace northpole::tests
