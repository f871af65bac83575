// Tensors that are made where their next reader wants them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "lower/layer.h"
#include "schedule/buffers.h"
#include "schedule/holding.h"

namespace northpole::schedule {

// A layer that reads the tensor whole, padded at most, whose every core needs what it holds of the tensor and some of
// its neighbours': then the tensor is made where that layer wants it, and only the neighbours' words travel.
struct Home {
  std::size_t layer = 0, input = 0;  // of the reader
  std::int32_t top = 0, left = 0;    // padding before the tensor's first row and column
  Holding around;                    // in the view's rows and columns

  // Gives the output its place inside `around`, which has taken its room.
  void put(Holding& output);
  // When the words that the cores hold of it are written, as the reading layer sees them.
  void enter(const Holding& output);
};

// The home of what layer `maker` makes, nothing when it has none. `owned`: what each core makes of it;
// around_of(layer): what each core reads of input 0 of that layer.
std::unique_ptr<Home> home_of(const lower::LayerGraph& graph, std::size_t maker, const std::vector<map::Region>& owned,
                              const std::function<std::vector<map::Region>(std::size_t)>& around_of);

}  // namespace northpole::schedule
