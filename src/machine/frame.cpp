#include "machine/frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "machine/unpack.h"
#include "network/error.h"
#include "network/text.h"

namespace northpole::machine {
namespace {

// Of one frame.
std::uint64_t element_count(const program::FrameLayout& layout) {
  return std::uint64_t{layout.channels} * layout.tensor_height * layout.tensor_width;
}

// A layout made by hand may be anything.
void check_lanes(const program::FrameLayout& layout) {
  if (layout.bits != 8 && layout.bits != 4 && layout.bits != 2)
    throw Error(fmt::format("frame of {}: elements of {} bits", network::quoted_name(layout.tensor), layout.bits));
  const std::size_t lanes = std::size_t{layout.blocks} * program::elements_of_word(layout.bits);
  bool sound = layout.channel.size() == lanes && layout.offset_y.size() == lanes && layout.offset_x.size() == lanes;
  for (const std::int32_t channel : layout.channel) sound = sound && channel < std::int64_t{layout.channels};
  if (!sound)
    throw Error(fmt::format("frame of {}: its layout does not name a channel and offsets for each lane",
                            network::quoted_name(layout.tensor)));
}

// Calls visit(word, elements) for every word of every frame; `elements` has an entry a lane: the element's number in
// the codes of all frames, -1 for padding.
template <typename Visit>
void for_each_word(const program::FrameLayout& layout, Visit visit) {
  const std::uint32_t lanes = program::elements_of_word(layout.bits);
  std::vector<std::int64_t> elements(lanes);
  std::uint64_t word = 0;
  for (std::uint32_t frame = 0; frame < layout.frames; ++frame) {
    const auto first = static_cast<std::int64_t>(frame * element_count(layout));
    for (std::uint32_t block = 0; block < layout.blocks; ++block) {
      for (std::uint32_t i = 0; i < layout.height; ++i) {
        for (std::uint32_t j = 0; j < layout.width; ++j) {
          for (std::uint32_t lane = 0; lane < lanes; ++lane) {
            const std::size_t entry = std::size_t{block} * lanes + lane;
            const std::int64_t channel = layout.channel[entry];
            const std::int64_t y = std::int64_t{i} * layout.step_y + layout.offset_y[entry];
            const std::int64_t x = std::int64_t{j} * layout.step_x + layout.offset_x[entry];
            const bool inside = channel >= 0 && y >= 0 && y < layout.tensor_height && x >= 0 && x < layout.tensor_width;
            elements[lane] =
                inside ? first + (channel * layout.tensor_height + y) * layout.tensor_width + x : std::int64_t{-1};
          }
          visit(word++, elements);
        }
      }
    }
  }
}

// lane[j * lanes], for the words j of row i that lie inside the picture in this lane.
void fill_lane(const program::FrameLayout& layout, const std::uint8_t* codes, std::size_t entry, std::uint32_t i,
               std::uint32_t lanes, std::uint8_t* lane) {
  const std::int64_t channel = layout.channel[entry], offset = layout.offset_x[entry], step = layout.step_x;
  const std::int64_t y = std::int64_t{i} * layout.step_y + layout.offset_y[entry];
  if (channel < 0 || y < 0 || y >= layout.tensor_height) return;
  const std::uint8_t* line = codes + (channel * layout.tensor_height + y) * layout.tensor_width;
  std::int64_t j = 0, x = offset;
  for (; j < layout.width && x < 0; ++j) x += step;
  for (; j < layout.width && x < layout.tensor_width; ++j, x += step) lane[j * lanes] = line[x];
}

}  // namespace

std::vector<isa::Word> pack_frame(const program::FrameLayout& layout, const std::vector<std::uint8_t>& codes) {
  if (codes.size() != layout.frames * element_count(layout)) {
    throw Error(fmt::format("frame of {}: {} codes, it takes {}", network::quoted_name(layout.tensor), codes.size(),
                            layout.frames * element_count(layout)));
  }
  check_lanes(layout);
  std::vector<isa::Word> words(frame_words(layout));
  if (words.empty()) return words;
  const std::uint32_t lanes = program::elements_of_word(layout.bits);
  std::vector<std::uint8_t> row(std::size_t{layout.width} * lanes);  // a row of words, a byte a lane
  isa::Word* next = words.data();
  for (std::uint32_t frame = 0; frame < layout.frames; ++frame) {
    const std::uint8_t* own = codes.data() + frame * element_count(layout);
    for (std::uint32_t block = 0; block < layout.blocks; ++block) {
      for (std::uint32_t i = 0; i < layout.height; ++i, next += layout.width) {
        std::fill(row.begin(), row.end(), layout.padding);
        for (std::uint32_t lane = 0; lane < lanes; ++lane)
          fill_lane(layout, own, std::size_t{block} * lanes + lane, i, lanes, row.data() + lane);
        // One behind the other, words are a row of elements as well.
        pack_codes(row.data(), layout.bits, layout.width * lanes, next->data());
      }
    }
  }
  return words;
}

std::vector<std::uint8_t> unpack_frame(const program::FrameLayout& layout, const std::vector<isa::Word>& words) {
  if (words.size() != frame_words(layout)) {
    throw Error(fmt::format("frame of {}: {} words, it has {}", network::quoted_name(layout.tensor), words.size(),
                            frame_words(layout)));
  }
  check_lanes(layout);
  std::vector<std::uint8_t> codes(layout.frames * element_count(layout));
  std::vector<bool> found(codes.size());
  std::array<std::uint8_t, 4 * chip::word_bytes> lanes;
  for_each_word(layout, [&](std::uint64_t word, const std::vector<std::int64_t>& elements) {
    const auto count = static_cast<std::uint32_t>(elements.size());
    unpack_codes(words[word].data(), layout.bits, layout.is_signed, count, lanes.data());
    for (std::size_t lane = 0; lane < elements.size(); ++lane) {
      if (elements[lane] < 0) continue;
      codes[static_cast<std::size_t>(elements[lane])] = lanes[lane];
      found[static_cast<std::size_t>(elements[lane])] = true;
    }
  });
  for (std::size_t element = 0; element < found.size(); ++element) {
    if (!found[element]) {
      throw Error(fmt::format("frame of {}: its layout does not hold element {}", network::quoted_name(layout.tensor),
                              element));
    }
  }
  return codes;
}

}  // namespace northpole::machine
