// The host's kernels: products of tiles of activation words with lists of weight blocks, and the vector unit's work on
// their sums. Highway compiles them for every instruction set that it knows; all give the same bytes.
//
// The *arena* holds every value of a run, 32 bytes each, by slot. A *panel* holds the activation words of a tile of
// rows, in the form that a kernel likes: term after term, the tile's rows side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "machine/fast/data_flow.h"

namespace northpole::machine::fast {

// A vector setup as floats, where floats give the same results as the exact rules.
struct PreparedSetup {
  VectorSetup setup;
  chip::VectorPrecision precision = chip::VectorPrecision::fp16;
  bool in_floats = false;  // else machine/vector_arithmetic.h does it
  // All numbers on the way are finite, and every half is zero, at least 2^-14, or exact before it is rounded.
  bool plain = false;
  float middle_lowest = 0, middle_highest = 0, output_lowest = 0, output_highest = 0;
};
PreparedSetup prepare(const VectorSetup& setup, chip::VectorPrecision precision);

// Products of tiles of rows with lists of weight blocks.
struct Products {
  std::uint32_t tile_rows;         // most rows of a tile
  std::uint32_t panel_word_bytes;  // of an activation word in a panel
  bool unsigned_panel;             // signed activations lie in the panel 128 higher; `start` makes up for it

  // 32 lanes of 32 weights into the order that `multiply` reads.
  void (*prepare_block)(const std::uint8_t* lanes, std::int8_t* prepared);
  // panel[i] = arena[slots[i]]; all of one signedness.
  void (*pack)(const std::uint8_t* arena, const std::uint32_t* slots, std::size_t count, bool is_signed,
               std::uint8_t* panel);
  // sums[row][lane] = start[lane] + sum over terms of panel[term][row] x block blocks[term]. `ahead`: blocks to bring
  // nearer meanwhile, as many as there are terms, or null.
  void (*multiply)(const std::uint8_t* panel, std::uint32_t rows, const std::uint32_t* blocks, std::uint32_t terms,
                   const std::int8_t* weights, const std::int32_t* start, std::int32_t* sums,
                   const std::uint32_t* ahead);
};

struct VectorUnit {
  // Vector function of rows of sums; `seconds`: slots of second operands, or null.
  void (*finish_sums)(const PreparedSetup& setup, const std::int32_t* sums, std::uint32_t rows,
                      const std::uint8_t* arena, const std::uint32_t* seconds, std::uint8_t* output);
  // Vector function of the maximum of `inputs` words, for each row.
  void (*finish_words)(const PreparedSetup& setup, const std::uint32_t* slots, std::uint32_t inputs, std::uint32_t rows,
                       const std::uint8_t* arena, const std::uint32_t* seconds, std::uint8_t* output);
};

struct Kernel : Products, VectorUnit {
  const char* name;  // of the instruction set, as Highway calls it
};

// The fastest that this processor runs.
const Kernel& best_kernel();
// All that were compiled and that this processor runs, for tests; the slowest first.
std::vector<const Kernel*> kernels();

// In plain C++, for any processor. The vector unit's is the step simulator's own code: the exact rules.
Products portable_products();
VectorUnit exact_vector_unit();

}  // namespace northpole::machine::fast
