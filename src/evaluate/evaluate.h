// How many pictures of a data set a model gets right.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "data/dataset.h"
#include "evaluate/model.h"

namespace northpole::evaluate {

struct EvaluateOptions {
  std::int64_t limit = 0;                                               // the first so many pictures; 0 takes all
  int threads = 1;                                                      // changes nothing in the result but the seconds
  std::function<void(std::int64_t done, std::int64_t total)> progress;  // never from two threads at once
};

struct Evaluation {
  std::string engine;
  std::int64_t pictures = 0, right1 = 0, right5 = 0;
  std::int64_t frames = 1;   // pictures answered together
  std::uint64_t cycles = 0;  // of a run of so many frames, by an engine that counts them
  double seconds = 0;        // of the host
  double top1() const { return pictures == 0 ? 0 : static_cast<double>(right1) / static_cast<double>(pictures); }
  double cycles_per_frame() const { return static_cast<double>(cycles) / static_cast<double>(frames); }
  double top5() const { return pictures == 0 ? 0 : static_cast<double>(right5) / static_cast<double>(pictures); }
};

// Pictures are answered Model::frames at a time, in their order; where the last are fewer, the surplus answers are
// dropped. Throws northpole::Error in one line for a picture that cannot be read (naming it), for an output that is no
// list of scores, for a class number that the network does not have, and for no pictures at all.
Evaluation evaluate(const Model& model, const data::Dataset& pictures, const EvaluateOptions& options = {});

// {"pictures":..,"top1":..,"top5":.., ...}; docs/command-line.md lists the keys.
std::string to_json(const Evaluation& evaluation);

}  // namespace northpole::evaluate
