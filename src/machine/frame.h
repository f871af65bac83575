// Frames: the codes of a run's tensors to the words of the frame buffer and back (program::FrameLayout says which lane
// is which element).
#pragma once

#include <cstdint>
#include <vector>

#include "program/frame_place.h"

namespace northpole::machine {

// Words of all frames of a run: frames * blocks * height * width, word w at program::frame_place(layout, rows, w).
using program::frame_words;

// codes: frames x channels x tensor_height x tensor_width bytes, row-major: one code a byte however many bits it has
// (signed codes as their two's complement; of narrower ones the lowest bits count). Returns frame_words() words.
// Throws northpole::Error when the number of codes is not the layout's.
std::vector<isa::Word> pack_frame(const program::FrameLayout& layout, const std::vector<std::uint8_t>& codes);

// The other way: the codes of every element that the layout holds, signed ones with their sign in all eight bits;
// elements that it does not hold are an Error.
std::vector<std::uint8_t> unpack_frame(const program::FrameLayout& layout, const std::vector<isa::Word>& words);

}  // namespace northpole::machine
