// Frames: a tensor's codes to the words of the frame buffer and back (program::FrameLayout says which byte is which
// element).
#pragma once

#include <cstdint>
#include <vector>

#include "program/program.h"

namespace northpole::machine {

// Words of a frame: blocks * height * width.
std::uint64_t frame_words(const program::FrameLayout& layout);

// codes: channels x tensor_height x tensor_width bytes, row-major (int8 codes as their two's complement).
// Returns frame_words() words; word w goes behind row w % rows, to address base + w / rows.
// Throws northpole::Error when the number of codes is not the layout's.
std::vector<isa::Word> pack_frame(const program::FrameLayout& layout, const std::vector<std::uint8_t>& codes);

// The other way: the codes of every element that the layout holds; elements that it does not hold are an Error.
std::vector<std::uint8_t> unpack_frame(const program::FrameLayout& layout, const std::vector<isa::Word>& words);

}  // namespace northpole::machine
