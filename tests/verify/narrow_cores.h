// Cores for the rules of narrow elements: products of narrow blocks, and moves of memory words into parts of words.
#pragma once

#include "ready_cores.h"

namespace northpole::verify {

inline constexpr std::uint16_t target = 2 * F::bank + F::free;        // of outputs
inline constexpr std::uint16_t functions_at = 3 * F::bank + F::free;  // image words, tag `image_tensor`
inline constexpr int latency = 8;                                     // of the vector unit

inline isa::Instruction narrow_product(std::uint16_t block, std::uint16_t sum, int activation_bits, int weight_bits,
                                       bool release = true) {
  auto one = multiply({F::bank + F::activations}, block, sum, true, release);
  one.immediate[0] = encode(isa::MultiplyMode{0, 0, true, static_cast<std::uint8_t>(activation_bits),
                                              static_cast<std::uint8_t>(weight_bits)});
  return one;
}

// `count` weight words of core 0 from word `first` on, one a cycle from `start` on.
inline void load_words(F& b, int start, int first, int count) {
  const auto cycle = static_cast<std::uint64_t>(start);
  b.at(cycle - 1, 0, repeat(static_cast<std::uint16_t>(count), 1, {1, 0, 0, 0}, send_weights({0}, {0, 1}, 1, 1)));
  b.at(cycle, 0,
       repeat(static_cast<std::uint16_t>(count), 1, {0, 1, 0, 0},
              receive_weights(static_cast<std::uint16_t>(first), {0, 1})));
}

// Core 0 with its constants; its partial sums go to words of bank 2.
inline F with_constants() {
  F b;
  b.load_constants(0, 0);
  return b;
}

// Constant registers of `with_functions`: moves of memory words, and a sum of two.
enum Function : std::uint8_t { move8 = 0, move4 = 2, move2 = 4, from4 = 6, add4 = 8, sum4 = 10, functions_end = 12 };

inline F with_functions(const chip::ChipDescription& chip = small_chip()) {
  F b(chip);
  std::vector<isa::Word> words;
  const auto add = [&](isa::VectorFunction f) {
    f.output_lowest = f.middle_lowest = -2, f.output_highest = f.middle_highest = 1;
    const auto two = encode(f);
    words.insert(words.end(), two.begin(), two.end());
  };
  isa::VectorFunction f;
  f.source = isa::VectorSource::memory;
  add(f);
  f.output_bits = 4;
  add(f);
  f.output_bits = 2;
  add(f);
  f.source_bits = 4, f.output_bits = 8;
  add(f);
  f.source_bits = 8;
  f.operation = isa::VectorOperation::add, f.second = isa::VectorSecond::memory, f.second_bits = 4;
  add(f);
  isa::VectorFunction sum;
  sum.output_bits = 4;
  add(sum);
  b.image(0, functions_at, F::image_tensor, words);
  b.at(0, 0, repeat(functions_end, 1, {1, 0, 1, 0}, constants({functions_at}, 0)));
  return b;
}

inline isa::Instruction part(Function function, int output, bool first, bool rest = false, std::uint16_t tag = own) {
  auto event = vector_of_memory({F::activations}, 0, function, {target, tag});
  event.immediate[1] = encode(isa::VectorParts{static_cast<std::uint8_t>(output), 0, 0, first, rest});
  return event;
}
inline std::uint64_t at(int cycle) { return static_cast<std::uint64_t>(cycle); }

}  // namespace northpole::verify
