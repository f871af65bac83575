// Whether a picture file ends too early. The decoder fills what is missing with grey instead of saying so.
#pragma once

#include <cstdint>
#include <span>

namespace northpole::data {

// For bytes whose header the decoder accepts, `width` x `height` pixels of `channels` samples being what it announces.
// PNG needs no look: its decoder notices.
bool is_cut_off(std::span<const std::uint8_t> bytes, int width, int height, int channels);

}  // namespace northpole::data
