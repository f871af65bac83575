// A tensor of the network, as its pieces lie in the cores' memories: for comparing every layer with the reference.
#include <fmt/format.h>

#include "machine/step/simulator.h"
#include "machine/unpack.h"

namespace northpole::machine::step {

TensorSnapshot Simulator::snapshot(const program::TensorLocation& location) {
  TensorSnapshot result{location, {}, {}};
  if (location.bits != 8 && location.bits != 4 && location.bits != 2) {
    result.problem = fmt::format("elements of {} bits", location.bits);
    return result;
  }
  const std::uint32_t channels_of_word = chip::word_bytes * 8 / location.bits;
  const std::size_t plane = std::size_t{location.height} * location.width;
  result.codes.resize(location.channels * plane);
  std::vector<bool> found(result.codes.size());
  const auto problem = [&](std::string text) {
    if (result.problem.empty()) result.problem = std::move(text);
  };
  const auto take_word = [&](const program::TensorPiece& piece, std::uint64_t address, std::uint64_t y, std::uint64_t x,
                             std::uint64_t block) {
    if (piece.core >= cores_ || address >= memory_.unit_words() || y >= location.height || x >= location.width) {
      return problem(fmt::format("a piece at address {} of core {} is not a part of it", address, piece.core));
    }
    const WordState state = memory_.state(piece.core, static_cast<std::uint32_t>(address));
    if (!all_written(state) || static_cast<std::uint16_t>(state) != location.tag) {
      return problem(fmt::format("address {} of core {} holds {}{}", address, piece.core,
                                 state == unwritten    ? ""
                                 : !all_written(state) ? "only parts of "
                                                       : "",
                                 state == unwritten ? "nothing" : tensor_name(static_cast<std::uint16_t>(state))));
    }
    std::array<std::uint8_t, 4 * chip::word_bytes> codes;
    unpack_codes(memory_.word(piece.core, static_cast<std::uint32_t>(address)).data(), location.bits,
                 location.is_signed, channels_of_word, codes.data());
    for (std::uint32_t i = 0; i < channels_of_word && block * channels_of_word + i < location.channels; ++i) {
      const std::uint64_t channel = block * channels_of_word + i;
      const std::size_t element = channel * plane + std::size_t{y} * location.width + x;
      if (found[element] && result.codes[element] != codes[i]) {
        problem(fmt::format("two pieces differ in channel {}, y {}, x {} (one at address {} of core {})", channel, y, x,
                            address, piece.core));
      }
      result.codes[element] = codes[i];
      found[element] = true;
    }
  };
  for (const program::TensorPiece& piece : location.pieces) {
    for (std::uint64_t y = piece.y0; y < piece.y1; ++y) {
      for (std::uint64_t x = piece.x0; x < piece.x1; ++x) {
        const std::uint64_t address = piece.base + (y - piece.y0) * piece.pitch_y + (x - piece.x0) * piece.pitch_x;
        for (std::uint64_t block = piece.block0; block < piece.block1; ++block) {
          if (!result.problem.empty()) break;
          take_word(piece, address + (block - piece.block0), y, x, block);
        }
      }
    }
  }
  for (std::size_t element = 0; element < found.size() && result.problem.empty(); ++element) {
    if (!found[element]) problem(fmt::format("element {} is in no piece", element));
  }
  return result;
}

}  // namespace northpole::machine::step
