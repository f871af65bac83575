// Programs as an overlapping schedule makes them: frames of a batch on rows of their own and at times of their own,
// weight blocks that serve several passes and arrive in different orders, words overwritten as soon as they are read.
// However it is spread over cores and cycles, the host shall see one matrix product a layer.
#include "machine/fast/control_walk.h"
#include "machine/fast/plan.h"
#include "same_run.h"
#include "support/program_builder.h"

namespace northpole::tests {
namespace {

using machine::fast::Plan;
constexpr std::uint16_t bank = 256, own = 5, frame_tag = 7, constants_at = 2 * bank + 100, free_at = 3 * bank + 80;
constexpr std::uint32_t rows = 4, columns = 2, pixels = 2, terms = 2;

std::vector<isa::Word> pattern(std::uint32_t seed, std::size_t count) {
  std::mt19937 random(seed);
  std::vector<isa::Word> words(count);
  for (isa::Word& word : words)
    for (std::uint8_t& byte : word) byte = static_cast<std::uint8_t>(random());
  return words;
}

// Each row of cores has a frame of its own: two pixels of two words. Each column computes 32 channels of its own.
class BatchProgram : public ProgramBuilder {
 public:
  struct Options {
    bool own_weights = false;   // the third row brings its weights from a copy of its own
    bool other_orders = false;  // rows and columns take the terms in different orders
    bool another_pass = false;  // the same weights again, on what the first pass gave
  };

  explicit BatchProgram(const Options& options) : ProgramBuilder(chip()), options_(options) {
    for (std::uint16_t k = 0; k < 4; ++k) {
      const auto weights = pattern(k, 8 * terms * columns);  // block i: words 8 i .. 8 i + 7 of each bank
      image(0, static_cast<std::uint16_t>(k * bank), image_tensor, weights);
      image(copy_core, static_cast<std::uint16_t>(k * bank), image_tensor, weights);
    }
    isa::VectorFunction function;
    function.middle_lowest = function.output_lowest = -128;
    function.middle_highest = function.output_highest = 127;
    auto words = std::vector<isa::Word>{encode(function)[0], encode(function)[1]};
    words.resize(6);
    std::array<float, 32> scales;
    scales.fill(0.004f);
    words.resize(10);
    std::memcpy(words[6].data(), scales.data(), sizeof scales);
    input_frame(frame_tag, 0, rows * pixels * terms);
    output_frame(own, 20, rows * columns * pixels);
    for (std::uint32_t core = 0; core < rows * columns; ++core) {
      image(core, constants_at, image_tensor, words);
      at(0, core, repeat(10, 1, {1, 0, 1, 0}, constants({constants_at}, 0)));
    }
    bring_weights();
    for (std::uint32_t row = 0; row < rows; ++row) run_row(row);
  }

 private:
  static constexpr std::uint32_t copy_core = 2 * columns;
  static chip::ChipDescription chip() { return small_chip(rows, columns); }

  void bring_weights() {
    for (std::uint32_t block = 0; block < terms * columns; ++block) {
      const std::uint32_t column = block % columns, number = block / columns;
      const std::uint32_t copied = options_.own_weights ? 4 : 0;  // mask of rows
      send_block(40 + 20 * block, 0, block, column, 15 & ~copied, number);
      if (copied != 0) send_block(140 + 20 * block, copy_core, block, column, copied, number);
    }
  }
  void send_block(std::uint64_t cycle, std::uint32_t from, std::uint32_t block, std::uint32_t column,
                  std::uint32_t row_mask, std::uint32_t number) {
    at(cycle, from,
       repeat(8, 1, {1, 0, 0, 0},
              send_weights({static_cast<std::uint16_t>(8 * block)}, {0, 4}, 1u << column, row_mask)));
    for (std::uint32_t row = 0; row < rows; ++row) {
      if (!(row_mask >> row & 1)) continue;
      const std::uint32_t hops = column + (row > from / columns ? row - from / columns : from / columns - row);
      at(cycle + 1 + hops, row * columns + column,
         repeat(8, 1, {0, 4, 0, 0}, receive_weights(static_cast<std::uint16_t>(32 * number), {0, 4})));
    }
  }

  // Later rows begin earlier.
  void run_row(std::uint32_t row) {
    const std::uint64_t start = 300 + 100 * (rows - row);
    edge_send(20, row, repeat(4, 1, {1, 0, 0, 0}, send({0, frame_tag}, 3, 1u << row)));
    edge_receive(start + 62, row, repeat(2, 1, {0, 0, 0, 1}, receive({20, own})));
    edge_receive(start + 72, row, repeat(2, 1, {0, 0, 0, 1}, receive({22, own})));
    for (std::uint32_t column = 0; column < columns; ++column) {
      const std::uint32_t core = row * columns + column;
      at(22 + column, core, repeat(4, 1, {0, 0, 0, 1}, receive({free_at, frame_tag})));
      const bool swapped = options_.other_orders && (row + column) % 2 == 1;
      for (std::uint16_t i = 0; i < terms; ++i) {
        const auto term = static_cast<std::uint16_t>(swapped ? 1 - i : i);
        auto product =
            multiply({static_cast<std::uint16_t>(free_at + term), frame_tag}, term, 0, i == 0, !options_.another_pass);
        if (!options_.another_pass) product.immediate[0] = encode(isa::MultiplyMode{0, 1});
        at(start + 2u * i, core, repeat(pixels, 1, {terms, 0, 1, 0}, product));
      }
      // Over the frame's words, which nobody needs any more.
      at(start + 10, core, repeat(pixels, 1, {1, 0, 0, 1}, vector_of_sum(0, 2, 0, {free_at, own})));
      at(start + 60 + 10 * column - column, core, repeat(pixels, 1, {1, 0, 0, 0}, send_west({free_at, own})));
      if (!options_.another_pass) continue;
      at(start + 30, core, multiply({free_at, own}, 0, 4));
      at(start + 31, core, multiply({free_at + 1, own}, 1, 4, false));
      at(start + 40, core, vector_of_sum(4, 2, 0, {free_at + 1, own}));
    }
  }

  Options options_;
};

Plan plan_of(const program::Program& program) {
  return machine::fast::make_plan(machine::fast::ControlWalk(program).run(), program.chip.vector_precision, 12);
}

void expect_one_product(const BatchProgram::Options& options) {
  const auto program = std::make_shared<const program::Program>(BatchProgram(options).build());
  expect_same(program);
  if (testing::Test::HasFailure()) return;
  const Plan plan = plan_of(*program);
  ASSERT_EQ(plan.products.size(), options.another_pass ? 1 + columns : 1);
  EXPECT_EQ(plan.products[0].rows, rows * pixels);
  EXPECT_EQ(plan.products[0].terms, terms);
  EXPECT_EQ(plan.products[0].columns.size(), columns);
  EXPECT_EQ(plan.block_order.size(), terms * columns);  // each block once, whoever uses it and how often
  for (std::size_t i = 1; i < plan.products.size(); ++i) EXPECT_EQ(plan.products[i].rows, rows);
}

TEST(Overlap, FramesOnRowsOfTheirOwnAreOneProduct) { expect_one_product({}); }
TEST(Overlap, EqualWeightsStoredTwiceAreOne) { expect_one_product({true, false, false}); }
TEST(Overlap, TheOrderOfTermsDoesNotMatter) { expect_one_product({false, true, false}); }
TEST(Overlap, WeightsServeSeveralPasses) { expect_one_product({false, false, true}); }
TEST(Overlap, AllOfItAtOnce) { expect_one_product({true, true, true}); }

}  // namespace
}  // namespace northpole::tests
