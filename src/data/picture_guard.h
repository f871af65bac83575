// What the picture decoder does not check itself.
#pragma once

#include <cstdint>
#include <span>

namespace northpole::data {

// Whether a picture file ends too early; the decoder would fill what is missing with grey. The bytes are of a file whose
// header the decoder accepts, `width` x `height` pixels of `channels` samples being what it announces. PNG needs no look:
// its decoder notices.
bool is_cut_off(std::span<const std::uint8_t> bytes, int width, int height, int channels);

// Whether a JPEG file defines a Huffman table of more than 256 codes, which would overrun the decoder's own.
bool has_oversized_huffman_table(std::span<const std::uint8_t> bytes);

}  // namespace northpole::data
