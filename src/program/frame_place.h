// Where the words of a frame lie in the frame buffer: the formula of FrameLayout.
#pragma once

#include <cstdint>

#include "program/program.h"

namespace northpole::program {

struct FramePlace {
  std::uint32_t row = 0;       // of the array
  std::uint64_t address = 0;   // in the frame buffer behind the row
};

// Rows of positions (or blocks) that lie behind one row of the array; 0 for an empty frame.
inline std::uint64_t frame_part(const FrameLayout& layout, std::uint32_t rows) {
  return (std::uint64_t{layout.split_by_block ? layout.blocks : layout.height} + rows - 1) / rows;
}

// Words that the fullest row holds. The product of blocks, height and width must be below 2^63.
inline std::uint64_t frame_words_of_row(const FrameLayout& layout, std::uint32_t rows) {
  return frame_part(layout, rows) * layout.width * (layout.split_by_block ? layout.height : layout.blocks);
}

// Place of word `word`, counted as (block * height + i) * width + j.
inline FramePlace frame_place(const FrameLayout& layout, std::uint32_t rows, std::uint64_t word) {
  const std::uint64_t j = word % layout.width, i = word / layout.width % layout.height, block = word / layout.width / layout.height;
  const std::uint64_t part = frame_part(layout, rows);
  if (layout.split_by_block)
    return {static_cast<std::uint32_t>(block / part), layout.base + (i * layout.width + j) * part + block % part};
  return {static_cast<std::uint32_t>(i / part), layout.base + (i % part * layout.width + j) * layout.blocks + block};
}

}  // namespace northpole::program
