// Cores that are ready to compute, for the rules of VMM, weights, sums and vector unit.
#pragma once

#include "support/furnished_builder.h"
#include "verify/rules.h"

namespace northpole::verify {

using namespace northpole::tests;
using F = FurnishedBuilder;
inline constexpr std::uint16_t own = 5;  // a tag
inline constexpr int ready = 60;         // constants and weight block 0 of all cores are loaded before this cycle

inline isa::Instruction product(std::uint16_t sum, bool initialize = true, bool release = true) {
  return multiply({F::bank + F::activations}, 0, sum, initialize, release);
}
inline isa::Instruction store(std::uint16_t sum, std::uint16_t word = 0) {
  return vector_of_sum(sum, F::constant_operands, F::sum_function,
                       {static_cast<std::uint16_t>(2 * F::bank + F::free + word), own});
}

// Every core has its constants and weight block 0 from cycle `ready` on; all but core 0 use the block up at once, in
// partial sum 7.
inline F furnished(std::uint32_t rows = 1, std::uint32_t columns = 2) {
  F b(small_chip(rows, columns));
  for (std::uint32_t core = 0; core < rows * columns; ++core) {
    b.load_constants(0, core);
    b.load_weights(40, core, 0);
    if (core == 0) continue;
    b.at(ready, core, product(7));
    b.at(ready + 4, core, store(7, 7));
  }
  return b;
}

}  // namespace northpole::verify
