#include "support/rich_program.h"

#include "support/furnished_builder.h"

namespace northpole::tests {
namespace {

using F = FurnishedBuilder;
constexpr std::uint16_t own = 5;

}  // namespace

program::Program rich_program() {
  F b(small_chip(2, 2));
  b.input_frame(7, 0, 8);
  b.output_frame(own, 8, 4);
  for (std::uint32_t core = 0; core < 4; ++core) {
    b.load_constants(0, core);
    b.load_weights(40, core, 0);
    b.at(60, core, repeat(4, 1, {1, 0, 1, 0}, multiply({F::bank + F::activations}, 0, 0, true, false)));
    b.at(64, core, multiply({F::bank + F::activations}, 0, 5));
  }
  b.at(80, 0, repeat(2, 2, {1, 0, 0, 0}, pass(0, {isa::Direction::none, isa::Direction::east, true})));
  b.at(83, 1, repeat(2, 2, {1, 0, 0, 0}, pass(0, {isa::Direction::west, isa::Direction::none, true})));
  for (std::uint32_t core = 0; core < 4; ++core) {
    const std::uint16_t first = core == 0 ? 2 : 0;
    b.at(100, core,
         repeat(static_cast<std::uint16_t>(4 - first), 1, {1, 0, 0, 1},
                vector_of_sum(first, 16, F::sum_function, {2 * F::bank + F::free, own})));
    b.at(110, core, vector_of_sum(5, 16, F::sum_function, {2 * F::bank + F::free + 9, own}));
  }
  for (const std::uint32_t core : {0u, 2u})
    b.at(130, core, repeat(2, 1, {1, 0, 0, 0}, send_west({2 * F::bank + F::free, own})));
  for (const std::uint32_t row : {0u, 1u}) {
    b.edge_send(20, row, repeat(4, 2, {1, 0, 0, 0}, send({0, 7}, 3, 1u << row)));
    b.edge_receive(132, row, repeat(2, 1, {0, 0, 0, 1}, receive({8, own})));
  }
  for (std::uint32_t core = 0; core < 4; ++core)
    b.at(22 + core % 2, core, repeat(4, 2, {0, 0, 0, 1}, receive({3 * F::bank + F::free, 7})));
  return b.build();
}

void change_boot_word(program::Program& program, std::size_t core, std::size_t word, std::size_t byte,
                      std::uint8_t bits) {
  program.boot[core].program[word][byte] ^= bits;
  for (auto& section : program.image) {
    if (section.core == core && section.tensor == F::program_tensor) section.words[64 + word][byte] ^= bits;
  }
}

}  // namespace northpole::tests
