// Which values lie where a run is looked at: the program's locations and output frames.
#include <fmt/format.h>

#include "machine/fast/control_walk.h"
#include "machine/frame.h"
#include "network/text.h"
#include "program/frame_place.h"

namespace northpole::machine::fast {

void ControlWalk::record(std::size_t number) {
  const program::TensorLocation& location = program_.locations[number];
  LocationWords result;
  result.location = number;
  const auto tensor = [&](std::uint16_t tag) {
    if (tag >= program_.tensors.size()) return fmt::format("#{}", tag);
    return fmt::format("#{} {}", tag, network::quoted_name(program_.tensors[tag].name));
  };
  const auto take_word = [&](const program::TensorPiece& piece, std::uint64_t address, std::uint64_t y, std::uint64_t x,
                             std::uint64_t block) {
    if (piece.core >= cores_ || address >= memory_words_ || y >= location.height || x >= location.width) {
      result.problem = fmt::format("a piece at address {} of core {} is not a part of it", address, piece.core);
      return;
    }
    const Cell& cell = memory_[cell_of(piece.core, static_cast<std::uint32_t>(address))];
    const bool written = cell.written && builder_.complete(cell.word);
    if (!written || cell.tag != location.tag) {
      result.problem = fmt::format("address {} of core {} holds {}{}", address, piece.core,
                                   cell.written && !written ? "only parts of " : "",
                                   cell.written ? tensor(cell.tag) : "nothing");
      return;
    }
    const std::uint32_t parts = 8u / location.bits;
    for (std::uint32_t part = 0; part < parts; ++part) {
      const std::uint64_t own = block * parts + part;  // of 32 channels
      if (own * chip::lanes >= location.channels) break;
      result.words.push_back({builder_.codes(cell.word, location.bits, part, location.is_signed),
                              static_cast<std::uint32_t>(own), static_cast<std::uint32_t>(y),
                              static_cast<std::uint32_t>(x), piece.core, static_cast<std::uint32_t>(address)});
    }
  };
  if (location.bits != 8 && location.bits != 4 && location.bits != 2)
    result.problem = fmt::format("elements of {} bits", location.bits);
  for (const program::TensorPiece& piece : location.pieces) {
    for (std::uint64_t y = piece.y0; y < piece.y1; ++y) {
      for (std::uint64_t x = piece.x0; x < piece.x1; ++x) {
        const std::uint64_t address = piece.base + (y - piece.y0) * piece.pitch_y + (x - piece.x0) * piece.pitch_x;
        for (std::uint64_t block = piece.block0; block < piece.block1 && result.problem.empty(); ++block) {
          take_word(piece, address + (block - piece.block0), y, x, block);
        }
      }
    }
  }
  builder_.flow().locations.push_back(std::move(result));
}

void ControlWalk::record_outputs() {
  for (const program::FrameLayout& layout : program_.outputs) {
    std::vector<Value> words(machine::frame_words(layout));
    for (std::size_t w = 0; w < words.size(); ++w) {
      const program::FramePlace place = program::frame_place(layout, chip_.rows, w);
      words[w] = builder_.value(frames_[std::size_t{place.row} * chip_.frame_words_per_row + place.address]);
    }
    builder_.flow().outputs.push_back(std::move(words));
  }
}

}  // namespace northpole::machine::fast
