// Networks that once came out wrong or were refused without need, each as small as it gets.
#include "support/random_networks_run.h"
#include "support/small_network.h"

namespace northpole::tests {
namespace {

using network::Tensor;
using reference::int8;
using reference::uint8;
using Small = SmallNetwork;
using Ints = Integers;

TEST(FoundBugs, AGateOfOnePositionMayComeFirst) {
  for (const char* op : {"Mul", "Sub", "Add"}) {
    Small small({1, 40, 5, 6});
    const std::string mean = small.quantize(small.node("GlobalAveragePool", {small.x}), uint8(0.01F, 100));
    const std::string gate = small.quantize(small.node("Sigmoid", {mean}), uint8(1.0F / 255));
    small.output(small.quantize(small.node(op, {gate, small.x}), int8(0.04F)));
    small.equals_reference();
  }
}

TEST(FoundBugs, ConstantsMayBeScalars) {
  for (const char* op : {"Mul", "Sub", "Add"})
    for (const bool first : {false, true}) {
      Small small({1, 3, 4, 4});
      const std::string c = small.constant(Tensor::of_floats({}, {0.7F}));
      small.output(
          small.quantize(small.node(op, first ? std::vector{c, small.x} : std::vector{small.x, c}), uint8(0.05F, 128)));
      small.equals_reference();
    }
}

TEST(FoundBugs, ConstantsThatVanishInHalfPrecisionCountAsZero) {
  Small small({1, 3, 4, 4});
  const std::string c = small.constant(Tensor::of_floats({1, 3, 1, 1}, {0.7F, 1e-12F, -0.2F}));
  small.output(small.quantize(small.node("Add", {small.x, c}), uint8(0.05F, 128)));
  small.equals_reference();
}

TEST(FoundBugs, OperandsOfOtherRanksAreRefusedByName) {
  Small with_constant({1, 6});
  const std::string c = with_constant.constant(Tensor::of_floats({1, 1, 1, 6}, {1, 2, 3, 4, 5, 6}));
  with_constant.output(with_constant.quantize(with_constant.node("Mul", {with_constant.x, c}), int8(0.1F)));
  EXPECT_TRUE(names_a_node(with_constant.refusal(), with_constant.graph)) << with_constant.refusal();

  Small two({1, 6});
  const std::string deep = two.quantize(two.node("Unsqueeze", {two.x, two.integers({2, 3})}), int8(0.02F));
  two.output(two.quantize(two.node("Add", {two.x, deep}), int8(0.1F)));
  EXPECT_TRUE(names_a_node(two.refusal(), two.graph)) << two.refusal();
}

TEST(FoundBugs, AnInputThatIsSplitIsNotPackedForOneReader) {
  Small small({1, 1, 3, 11});
  const std::string left = small.node("Split", {small.x, small.integers({9, 2})}, {{"axis", std::int64_t{3}}}, 2);
  const std::string right = small.graph.nodes.back().outputs[1];
  const std::string flat = small.node("Reshape", {left, small.integers({1, 27})});
  small.output(small.quantize(small.matrix(flat, 27, 5), int8(0.1F)));
  small.output(small.quantize(small.node("Sigmoid", {right}), uint8(1.0F / 255)));
  small.equals_reference(array(1, 4));
}

TEST(FoundBugs, AnInputIsPackedOnceForAConvolutionThatIsQuantizedTwice) {
  Small small({1, 3, 8, 8});
  const std::string made = small.conv(small.x, {8, 3, 3, 3}, 1);
  small.output(small.quantize(made, int8(0.1F)));
  small.output(small.quantize(small.node("Relu", {made}), uint8(0.07F)));
  small.equals_reference();
}

TEST(FoundBugs, AnInputIsNotPackedForOneReaderOfAnEqualQuantization) {
  Small small({1, 2, 4, 9});
  const std::string cut = small.quantize(
      small.node("Slice", {small.x, small.integers({0, 0}), small.integers({1, 3}), small.integers({1, 2})}),
      int8(0.05F, 3));
  small.output(small.quantize(small.node("GlobalAveragePool", {cut}), int8(0.02F)));
  small.output(small.quantize(small.node("Relu", {cut}), uint8(0.03F)));
  small.equals_reference();
}

TEST(FoundBugs, WeightsGoOnlyToCoresThatHaveTheRows) {
  Small small({1, 8, 13, 15});
  small.output(small.quantize(small.conv(small.x, {6, 8, 3, 1}), int8(0.2F)));
  chip::ChipDescription chip = array(6, 1);
  chip.partial_sums = 16;  // a row of positions at a time
  small.equals_reference(chip);
}

TEST(FoundBugs, PaddingAloneIsRefusedAsSuch) {
  Small small({1, 4, 3, 3});
  const std::string padded = small.node("Pad", {small.x, small.integers({0, 0, 0, 0, 0, 0, 0, 2})});
  const std::string cut = small.node("Slice", {padded, small.integers({4}), small.integers({5}), small.integers({3})});
  small.output(small.quantize(small.node("Sigmoid", {cut}), uint8(1.0F / 255)));
  EXPECT_NE(small.refusal().find("nothing but padding"), std::string::npos) << small.refusal();
  EXPECT_TRUE(names_a_node(small.refusal(), small.graph)) << small.refusal();
}

TEST(FoundBugs, WeightsOfFewCoresAreStoredInOthersToo) {
  Small small({1, 32, 1, 1});
  std::string value = small.x;
  for (int layer = 0; layer < 4; ++layer)
    value = small.quantize(small.conv(value, {32, 32, 3, 3}, 1), int8(0.05F + 0.01F * static_cast<float>(layer)));
  small.output(value);
  chip::ChipDescription chip = array(3, 2);
  chip.bank_words = 768;  // the weights of all layers, which one core computes, need 1,152
  small.equals_reference(chip);
}

TEST(FoundBugs, AMatrixProductOfAPaddedInput) {
  Small small({1, 4, 3, 3});
  const std::string padded = small.node(
      "Pad", {small.x, small.integers({0, 0, 1, 1, 0, 1, 0, 1}), small.constant(Tensor::of_floats({}, {1.3F}))},
      {{"mode", std::string("constant")}});
  small.output(
      small.quantize(small.matrix(small.node("Flatten", {padded}, {{"axis", std::int64_t{1}}}), 100, 10), int8(0.2F)));
  small.equals_reference();
}

TEST(FoundBugs, AMatrixProductMayReadATensorTwice) {
  Small small({1, 5, 2, 3});
  const std::string twice = small.node("Concat", {small.x, small.x}, {{"axis", std::int64_t{1}}});
  const std::string flat = small.node("Flatten", {twice}, {{"axis", std::int64_t{1}}});
  small.output(small.quantize(small.matrix(flat, 60, 10), int8(0.1F)));
  small.equals_reference();
}

TEST(FoundBugs, PartialSumsWaitForSlowLinks) {
  // Three cores sum one product each, for one block of outputs right after the other.
  Small small({1, 3, 6, 5});
  small.output(
      small.quantize(small.matrix(small.node("Flatten", {small.x}, {{"axis", std::int64_t{1}}}), 90, 64), int8(0.5F)));
  for (const std::uint32_t cycles : {1, 3, 4, 9}) {
    chip::ChipDescription chip = array(1, 4);
    chip.partial_sum_link_cycles = cycles;
    chip.vmm_latency = 1;
    small.equals_reference(chip);
  }
}

TEST(FoundBugs, WeightsGoOnlyToCoresThatHaveTheColumns) {
  // Pixel tiles of a few columns: the last core of a row has fewer of them than the others.
  for (const std::int64_t width : {5, 9, 13, 22}) {
    Small small({1, 3, 3, width});
    small.output(small.quantize(small.conv(small.x, {40, 3, 3, 2}, 1), int8(0.3F)));
    for (const std::uint32_t sums : {4, 6, 10}) {
      chip::ChipDescription chip = array(1, 3);
      chip.partial_sums = sums;
      small.equals_reference(chip);
      chip.weight_blocks = 4;
      small.equals_reference(chip);
    }
  }
}

TEST(FoundBugs, ARowOfThePackedInputMayLieInAnotherBankInEachCore) {
  for (const std::int64_t height : {14, 20, 33}) {
    Small small({1, 3, height, 9});
    small.output(small.quantize(small.conv(small.x, {16, 3, 3, 3}, 1), int8(0.3F)));
    small.equals_reference(array(2, 7));
    small.equals_reference(array(8, 2));
  }
}

TEST(FoundBugs, FramesComeInWhileOthersGoOut) {
  Small small({1, 3, 9, 7});
  small.output(small.quantize(small.conv(small.x, {8, 3, 3, 3}, 1), int8(0.3F)));
  for (const std::uint32_t frames : {4, 8, 12}) {
    const WholeWay way = whole_way(small.graph, array(2, 3), 2, {frames});
    EXPECT_EQ(way.refused + way.failed, "") << frames;
  }
}

TEST(FoundBugs, ConstantsOfAJoinedFunctionTakeMoreRegisters) {
  Small small({1, 20, 5, 4});
  const std::string c = small.constant(Tensor::of_floats({1, 40, 1, 1}, std::vector<float>(40, 0.7F)));
  const std::string made = small.quantize(small.conv(small.x, {40, 20, 1, 1}), int8(0.4F));
  small.output(small.quantize(small.node("Mul", {made, c}), int8(0.4F)));
  for (const std::uint32_t words : {10, 13, 14, 24}) {
    chip::ChipDescription chip = array(2, 2);
    chip.constant_words = words;
    small.equals_reference(chip);
  }
}

TEST(FoundBugs, WavesOfBusyCoresWaitForTheirPrograms) {
  Small small({1, 20, 5, 4});
  std::string value = small.x;
  for (int layer = 0; layer < 3; ++layer) value = small.quantize(small.conv(value, {20, 20, 3, 3}, 1), int8(1.0F));
  small.output(value);
  for (const std::uint32_t words : {96, 128, 256}) {
    chip::ChipDescription chip = array(1, 4);
    chip.program_words = words;
    const WholeWay way = whole_way(small.graph, chip, 1, {8, map::Objective::throughput});
    EXPECT_EQ(way.refused + way.failed, "") << words;
  }
}

TEST(FoundBugs, PaddingOfSeveralValues) {
  Small small({1, 4, 5, 5});
  const auto pad = [&](const std::string& from, float value) {
    return small.node("Pad",
                      {from, small.integers({0, 0, 1, 2, 0, 0, 1, 0}), small.constant(Tensor::of_floats({}, {value}))},
                      {{"mode", std::string("constant")}});
  };
  const std::string twice = pad(pad(small.x, 0.0F), 1.5F);
  small.output(small.quantize(
      small.conv(small.node("Concat", {twice, pad(pad(small.x, -2.0F), -2.0F)}, {{"axis", std::int64_t{1}}}),
                 {6, 8, 3, 3}, 1),
      int8(0.2F)));
  small.output(twice);
  small.equals_reference();
}

// Block by block, the programs that send a large layer's weights fill the memories that those need.
TEST(FoundBugs, ProgramsOfLongWeightStreamsAreShort) {
  Small small({1, 2048});
  small.output(small.quantize(small.matrix(small.x, 2048, 1024), int8(0.2F)));
  chip::ChipDescription chip = array(4, 2);
  chip.bank_words = 16384;
  small.equals_reference(chip);
  const CompiledNetwork compiled = compile(small.graph, chip);
  std::size_t programs = 0, weights = 0;
  for (const program::ImageSection& section : compiled.program->image) {
    const std::string& name = compiled.program->tensors[section.tensor].name;
    if (name == "programs") programs += section.words.size();
    if (name.starts_with("weights of")) weights += section.words.size();
  }
  EXPECT_EQ(weights, 2048U * 1024 / 32);
  EXPECT_LT(programs, weights / 16) << "words";
}

// A pass took its cycles before its weights had theirs: where these lie in the bank that the VMM reads, both met in it.
TEST(FoundBugs, WeightsMayLieInTheBankThatTheVmmReads) {
  Small small({1, 64, 7, 7});
  const std::string made = small.quantize(small.conv(small.x, {64, 64, 3, 3}, 1), int8(0.2F));
  const std::string flat = small.node("Flatten", {made}, {{"axis", std::int64_t{1}}});
  small.output(small.quantize(small.matrix(flat, 3136, 512), int8(0.2F)));
  chip::ChipDescription chip = array(4, 2);
  chip.bank_words = 3400;  // four of them hold the weights and little else
  small.equals_reference(chip);
}

// A packed picture lies in several segments. The last row of a first pass and the first one of the next pass became one
// instruction, which started sums again that were in use.
TEST(FoundBugs, AFirstPassOverSeveralSegmentsStartsItsSumsOnce) {
  Small small({1, 3, 112, 112});
  Ints codes;
  for (std::int64_t i = 0; i < 64 * 147; ++i) codes.push_back((i * 37 + 11) % 201 - 100);
  const std::string w =
      small.weights(Tensor::of_integers(network::ElementType::int8, {64, 3, 7, 7}, codes), {0.01F}, 0);
  const std::string made = small.quantize(
      small.node("Conv", {small.x, w}, {{"kernel_shape", Ints{7, 7}}, {"pads", Ints(4, 3)}, {"strides", Ints{2, 2}}}),
      int8(0.2F));
  small.output(small.quantize(
      small.node("MaxPool", {made}, {{"kernel_shape", Ints{3, 3}}, {"pads", Ints(4, 1)}, {"strides", Ints{2, 2}}}),
      int8(0.2F)));
  small.equals_reference(array(6, 6));
}

// The second half of a word was made in a gap before the first half, which had found no bank.
TEST(FoundBugs, PartsOfAWordAreMadeInTheirOrder) {
  EXPECT_EQ(run_random_networks(942, 1, Bits::four).compiled, 1);
}

// A convolution whose last rows are made first, for the pooling behind it: cores at the edge have none of them, yet need
// the weights that stay for the others.
TEST(FoundBugs, WeightsThatStayGoToCoresWithoutTheFirstPixelTile) {
  EXPECT_EQ(run_random_networks(1336, 1, Bits::two).compiled, 1);
}

}  // namespace
}  // namespace northpole::tests
