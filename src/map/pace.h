// How long a run takes as layers follow one another: what of a layer's transfers and weights hides behind other layers'
// computing, and what does not.
#pragma once

#include <cstdint>

#include "map/cost.h"

namespace northpole::map {

// One layer in its mapping, with what its inputs have to travel.
struct Step {
  Cost cost;
  // Pieces of the output that are finished one after another: words of a position times pixel tiles.
  std::uint64_t pieces = 1;
  std::uint64_t passes = 1;       // lane groups times pixel tiles: the VMM may pause for a cycle before each
  std::uint64_t first_pass = 0;   // cycles of the first of them
  std::uint64_t tile_pixels = 1;  // outputs of a pixel tile and lane group
  std::uint64_t preloaded = 0;    // cycles of the vector unit that come before the layer begins
  std::uint64_t recent = 0;       // cycles of transfers from the layer just before
  std::uint64_t older = 0;        // of transfers from layers before that, which are over
  std::uint64_t during = 0;       // of transfers that bring the first layer's inputs while it computes
  bool overlaps = false;          // a vector layer that takes rows as the layer just before makes them
  bool follows = false;           // it reads what the layer just before makes, ...
  bool follows_far = false;       // ... and not in place
};

// The end of the last issue of a layer.
struct Pace {
  std::uint64_t cycles = 0;
  std::uint64_t weights_ahead = 0;  // cycles of weight transfer that the weight buffer already holds of later layers
  std::uint64_t computed = 0;       // cycles of the last layer
  std::uint64_t vector_idle = 0;    // of them, those in which the vector units had nothing to do
  std::uint64_t pieces = 1, tile_pixels = 1;  // of the last layer
};

// A layer begins when its first words are there, and takes words in the order in which they come. So between two layers
// there is what the last piece of the output still takes to arrive, less the passes over the pieces before it; words of
// the last piece travel while its last pixels are still computed. Besides, transfers that did not fit behind the layer
// before. A layer then takes its bound, less the weights that came early.
class PaceModel {
 public:
  // `weight_price`: what a cycle of weight transfer counts.
  PaceModel(const chip::ChipDescription& chip, std::uint32_t group_rows, std::uint64_t weight_price = 1);
  std::uint64_t gap(const Pace& before, const Step& step) const;
  Pace after(const Pace& before, const Step& step) const;
  // From the issue of a word's last product to its first use: where it is made, and in the middle of the group.
  std::uint64_t latency_in_place() const { return in_place_; }
  std::uint64_t latency_far() const { return far_; }

 private:
  std::uint64_t in_place_, far_, most_weights_ahead_, weight_price_;
};

}  // namespace northpole::map
