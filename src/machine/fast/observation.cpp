#include "machine/fast/observation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "machine/fast/location_words.h"

namespace northpole::machine::fast {

Observation::Observation(const Translation& translation) : translation_(translation) {
  const auto& locations = translation.plan.locations;
  for (std::uint32_t l = 0; l < locations.size(); ++l) {
    codes_.emplace_back(locations[l].words.size());
    for (std::uint32_t w = 0; w < locations[l].words.size(); ++w)
      copies_.push_back({locations[l].words[w].level, l, w});
  }
  std::ranges::stable_sort(copies_, {}, &Copy::level);
}

void Observation::take(std::uint32_t level, const std::uint8_t* arena) {
  for (; next_ < copies_.size() && copies_[next_].level <= level; ++next_) {
    const Copy& copy = copies_[next_];
    const Slot slot = translation_.plan.locations[copy.location].words[copy.word].slot;
    std::memcpy(codes_[copy.location][copy.word].data(), arena + std::size_t{slot} * chip::word_bytes,
                chip::word_bytes);
  }
}

TensorSnapshot Observation::snapshot(std::size_t index) const {
  const Plan::Location& placed = translation_.plan.locations[index];
  const program::TensorLocation& location = translation_.program->locations[placed.location];
  TensorSnapshot result{location, {}, placed.problem};
  if (location.bits != 8 && location.bits != 4 && location.bits != 2) return result;
  const std::size_t plane = std::size_t{location.height} * location.width;
  result.codes.resize(location.channels * plane);
  std::vector<bool> found(result.codes.size());
  auto codes = codes_[index].begin();
  std::string differ;
  each_location_word(location, [&](const LocationWord& word) {
    for (std::uint32_t part = 0; part < parts_of_word(location, word.block); ++part, ++codes) {
      if (codes == codes_[index].end()) return false;
      const std::uint64_t first = (word.block * (8u / location.bits) + part) * chip::lanes;
      for (std::uint32_t lane = 0; lane < chip::lanes && first + lane < location.channels; ++lane) {
        const std::size_t element = (first + lane) * plane + word.y * location.width + word.x;
        if (found[element] && result.codes[element] != (*codes)[lane] && differ.empty()) {
          differ = fmt::format("two pieces differ in channel {}, y {}, x {} (one at address {} of core {})",
                               first + lane, word.y, word.x, word.address, word.core);
        }
        result.codes[element] = (*codes)[lane];
        found[element] = true;
      }
    }
    return differ.empty();
  });
  if (!differ.empty()) result.problem = differ;
  for (std::size_t element = 0; element < found.size() && result.problem.empty(); ++element) {
    if (!found[element]) result.problem = fmt::format("element {} is in no piece", element);
  }
  return result;
}

}  // namespace northpole::machine::fast
