#include "machine/frame.h"

#include <fmt/format.h>

#include "network/error.h"
#include "network/text.h"

namespace northpole::machine {
namespace {

std::uint64_t element_count(const program::FrameLayout& layout) {
  return std::uint64_t{layout.channels} * layout.tensor_height * layout.tensor_width;
}

// A layout made by hand may be anything.
void check_lanes(const program::FrameLayout& layout) {
  const std::size_t lanes = std::size_t{layout.blocks} * chip::lanes;
  bool sound = layout.channel.size() == lanes && layout.offset_y.size() == lanes && layout.offset_x.size() == lanes;
  for (const std::int32_t channel : layout.channel) sound = sound && channel < std::int64_t{layout.channels};
  if (!sound)
    throw Error(fmt::format("frame of {}: its layout does not name a channel and offsets for each lane",
                            network::quoted_name(layout.tensor)));
}

// Calls visit(word, lane, element) for every byte of the frame; element is -1 for padding.
template <typename Visit>
void for_each_byte(const program::FrameLayout& layout, Visit visit) {
  std::uint64_t word = 0;
  for (std::uint32_t block = 0; block < layout.blocks; ++block) {
    for (std::uint32_t i = 0; i < layout.height; ++i) {
      for (std::uint32_t j = 0; j < layout.width; ++j, ++word) {
        for (std::uint32_t lane = 0; lane < chip::lanes; ++lane) {
          const std::size_t entry = std::size_t{block} * chip::lanes + lane;
          const std::int64_t channel = layout.channel[entry];
          const std::int64_t y = std::int64_t{i} * layout.step_y + layout.offset_y[entry];
          const std::int64_t x = std::int64_t{j} * layout.step_x + layout.offset_x[entry];
          const bool inside = channel >= 0 && y >= 0 && y < layout.tensor_height && x >= 0 && x < layout.tensor_width;
          visit(word, lane, inside ? (channel * layout.tensor_height + y) * layout.tensor_width + x : std::int64_t{-1});
        }
      }
    }
  }
}

}  // namespace

std::uint64_t frame_words(const program::FrameLayout& layout) {
  return std::uint64_t{layout.blocks} * layout.height * layout.width;
}

std::vector<isa::Word> pack_frame(const program::FrameLayout& layout, const std::vector<std::uint8_t>& codes) {
  if (codes.size() != element_count(layout)) {
    throw Error(fmt::format("frame of {}: {} codes, it takes {}", network::quoted_name(layout.tensor), codes.size(),
                            element_count(layout)));
  }
  check_lanes(layout);
  std::vector<isa::Word> words(frame_words(layout));
  for_each_byte(layout, [&](std::uint64_t word, std::uint32_t lane, std::int64_t element) {
    words[word][lane] = element < 0 ? layout.padding : codes[static_cast<std::size_t>(element)];
  });
  return words;
}

std::vector<std::uint8_t> unpack_frame(const program::FrameLayout& layout, const std::vector<isa::Word>& words) {
  if (words.size() != frame_words(layout)) {
    throw Error(fmt::format("frame of {}: {} words, it has {}", network::quoted_name(layout.tensor), words.size(),
                            frame_words(layout)));
  }
  check_lanes(layout);
  std::vector<std::uint8_t> codes(element_count(layout));
  std::vector<bool> found(codes.size());
  for_each_byte(layout, [&](std::uint64_t word, std::uint32_t lane, std::int64_t element) {
    if (element < 0) return;
    codes[static_cast<std::size_t>(element)] = words[word][lane];
    found[static_cast<std::size_t>(element)] = true;
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
