#include "generate/random_picture.h"

#include <algorithm>
#include <string>

#include "generate/random_weights.h"

namespace northpole::generate {

data::Picture random_picture(std::uint64_t seed, std::int64_t index, int width, int height) {
  constexpr int patches = 7;    // along each side
  constexpr int noise = 24;     // the largest deviation of a sample from its patch
  std::mt19937_64 generator = generator_for(seed, "picture " + std::to_string(index));
  data::Picture coarse = data::Picture::blank(patches, patches);
  for (std::uint8_t& sample : coarse.samples) sample = static_cast<std::uint8_t>(generator() >> 56);
  data::Picture picture = data::resize(coarse, width, height);
  for (std::uint8_t& sample : picture.samples) {
    const int shift = static_cast<int>(generator() % (2 * noise + 1)) - noise;
    sample = static_cast<std::uint8_t>(std::clamp(sample + shift, 0, 255));
  }
  return picture;
}

}  // namespace northpole::generate
