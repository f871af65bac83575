// Which values lie where a run is looked at: the program's locations and output frames.
#include <fmt/format.h>

#include "machine/fast/control_walk.h"
#include "machine/fast/location_words.h"
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
  if (location.bits != 8 && location.bits != 4 && location.bits != 2)
    result.problem = fmt::format("elements of {} bits", location.bits);
  each_location_word(location, [&](const LocationWord& word) {
    if (!result.problem.empty()) return false;
    if (word.core >= cores_ || word.address >= memory_words_ || word.y >= location.height || word.x >= location.width) {
      result.problem = fmt::format("a piece at address {} of core {} is not a part of it", word.address, word.core);
      return false;
    }
    const Cell& cell = memory_[cell_of(word.core, static_cast<std::uint32_t>(word.address))];
    const bool written = cell.written && builder_.complete(cell.word);
    if (!written || cell.tag != location.tag) {
      result.problem =
          fmt::format("address {} of core {} holds {}{}", word.address, word.core,
                      cell.written && !written ? "only parts of " : "", cell.written ? tensor(cell.tag) : "nothing");
      return false;
    }
    for (std::uint32_t part = 0; part < parts_of_word(location, word.block); ++part)
      result.words.push_back(builder_.codes(cell.word, location.bits, part, location.is_signed));
    return true;
  });
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
