// The words of a tensor as it lies in the cores' memories, piece after piece.
#pragma once

#include <cstdint>

#include "program/program.h"

namespace northpole::machine::fast {

struct LocationWord {
  std::uint32_t core;
  std::uint64_t address, y, x, block;
};

// Calls visit(word) for each word until it returns false.
template <typename Visit>
void each_location_word(const program::TensorLocation& location, Visit visit) {
  for (const program::TensorPiece& piece : location.pieces) {
    for (std::uint64_t y = piece.y0; y < piece.y1; ++y) {
      for (std::uint64_t x = piece.x0; x < piece.x1; ++x) {
        const std::uint64_t address = piece.base + (y - piece.y0) * piece.pitch_y + (x - piece.x0) * piece.pitch_x;
        for (std::uint64_t block = piece.block0; block < piece.block1; ++block) {
          if (!visit(LocationWord{piece.core, address + (block - piece.block0), y, x, block})) return;
        }
      }
    }
  }
}

// Parts of 32 channels in a word of the tensor that hold any.
inline std::uint32_t parts_of_word(const program::TensorLocation& location, std::uint64_t block) {
  const std::uint64_t parts = 8u / location.bits, first = block * parts;
  const std::uint64_t all = (location.channels + std::uint64_t{chip::lanes} - 1) / chip::lanes;
  return static_cast<std::uint32_t>(all <= first ? 0 : all - first < parts ? all - first : parts);
}

}  // namespace northpole::machine::fast
