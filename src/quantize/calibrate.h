// The float network on the calibration pictures: how its values are distributed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "network/graph.h"
#include "quantize/histogram.h"
#include "quantize/points.h"
#include "reference/float_interpreter.h"

namespace northpole::quantize {

// The pictures to calibrate with, as network inputs by name. `inputs` may be called from several threads at once.
struct Calibration {
  std::int64_t count = 0;
  std::function<std::map<std::string, network::Tensor>(std::int64_t index)> inputs;
};

// Called after each picture, from any thread but never from two at once.
using Progress = std::function<void(std::int64_t done, std::int64_t total)>;

// Runs the network on every picture and gives one distribution for each group: of its sources. The result does not
// depend on the number of threads. Throws Error when there are no pictures, or naming the value that became infinite or
// not a number.
std::vector<Histogram> observe(const reference::FloatInterpreter& network, const Points& points,
                               const Calibration& calibration, int threads, const Progress& progress = {});

// Calls visit(index) for 0 .. count - 1 from `threads` threads, each index once. Rethrows the first exception.
void for_each_picture(std::int64_t count, int threads, const std::function<void(std::int64_t index)>& visit);

}  // namespace northpole::quantize
