// Where the words of a run's frames lie in the frame buffer: the formula of FrameLayout.
#pragma once

#include <algorithm>
#include <cstdint>

#include "program/program.h"

namespace northpole::program {

struct FramePlace {
  std::uint32_t row = 0;      // of the array
  std::uint64_t address = 0;  // in the frame buffer behind the row
};

// Elements in a word of 256 bit: 32, 64 or 128 of 8, 4 or 2 bit.
constexpr std::uint32_t elements_of_word(std::uint32_t bits) { return chip::word_bytes * 8 / bits; }

// Rows of the array over which one frame is spread.
inline std::uint32_t rows_of_frame(const FrameLayout& layout, std::uint32_t rows) {
  return layout.frame_rows == 0 ? rows : layout.frame_rows;
}

// Rows of positions (or blocks) of one frame: what is spread over rows of the array.
inline std::uint64_t frame_size(const FrameLayout& layout) {
  return layout.split_by_block ? layout.blocks : layout.height;
}

// Rows of positions (or blocks) of one frame that lie behind each row of the array but the last; 0 for an empty frame.
inline std::uint64_t frame_part(const FrameLayout& layout, std::uint32_t rows) {
  if (layout.part != 0 && !layout.split_by_block) return layout.part;
  const std::uint64_t own = rows_of_frame(layout, rows);
  return (frame_size(layout) + own - 1) / own;
}

// The most of them that lie behind one row: the last one may have more than the others.
inline std::uint64_t largest_frame_part(const FrameLayout& layout, std::uint32_t rows) {
  const std::uint64_t part = frame_part(layout, rows), before = part * (rows_of_frame(layout, rows) - 1);
  const std::uint64_t size = frame_size(layout);
  return std::max(std::min(part, size), size > before ? size - before : 0);
}

// Words of one frame that the fullest row holds. The product of blocks, height and width must be below 2^63.
inline std::uint64_t words_of_frame_in_row(const FrameLayout& layout, std::uint32_t rows) {
  return largest_frame_part(layout, rows) * layout.width * (layout.split_by_block ? layout.height : layout.blocks);
}

// Words of all frames that the fullest row holds, from `base` on.
inline std::uint64_t frame_words_of_row(const FrameLayout& layout, std::uint32_t rows) {
  const std::uint64_t groups = rows / rows_of_frame(layout, rows);
  return (layout.frames + groups - 1) / groups * words_of_frame_in_row(layout, rows);
}

// Words of all frames together.
inline std::uint64_t frame_words(const FrameLayout& layout) {
  return std::uint64_t{layout.frames} * layout.blocks * layout.height * layout.width;
}

// Whether every word has a place in the chip's frame buffer; for any layout, however large its numbers are. What fits
// is below 2^63 in every product above.
inline bool frame_fits(const FrameLayout& layout, const chip::ChipDescription& chip) {
  if (layout.frame_rows > chip.rows) return false;
  const unsigned __int128 capacity = std::uint64_t{chip.frame_words_per_row} * chip.rows;
  const unsigned __int128 positions = std::uint64_t{layout.height} * layout.width;
  const unsigned __int128 of_frame = positions * layout.blocks;
  if (of_frame > capacity || of_frame * layout.frames > capacity) return false;
  return layout.base + frame_words_of_row(layout, chip.rows) <= chip.frame_words_per_row;
}

// Place of word `word` of all frames, counted as ((frame * blocks + block) * height + i) * width + j.
inline FramePlace frame_place(const FrameLayout& layout, std::uint32_t rows, std::uint64_t word) {
  const std::uint64_t j = word % layout.width, i = word / layout.width % layout.height,
                      of_all = word / layout.width / layout.height, block = of_all % layout.blocks,
                      frame = of_all / layout.blocks;
  const std::uint64_t own = rows_of_frame(layout, rows), groups = rows / own, part = frame_part(layout, rows);
  const std::uint64_t first_row = frame % groups * own;
  const std::uint64_t first = layout.base + frame / groups * words_of_frame_in_row(layout, rows);
  if (layout.split_by_block)
    return {static_cast<std::uint32_t>(first_row + block / part), first + (i * layout.width + j) * part + block % part};
  const std::uint64_t row = std::min(i / part, own - 1);
  return {static_cast<std::uint32_t>(first_row + row),
          first + ((i - row * part) * layout.width + j) * layout.blocks + block};
}

}  // namespace northpole::program
