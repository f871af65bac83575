// What the user may choose about a training.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "quantize/bits.h"

namespace northpole::train {

// Slightly different pictures each time, so that the network learns what is on them and not their pixels.
struct Augmentation {
  bool mirror = false;  // half of the pictures left for right
  int shift = 0;        // by up to so many pixels each way; black comes in
  double turn = 0;      // by up to so many degrees, scaled by up to 1 % for each degree
  bool operator==(const Augmentation&) const = default;
};

enum class InitialSteps : std::uint8_t {
  published,    // 2 mean|v| / sqrt(Qp)
  least_error,  // the step of the least mean squared error
};

enum class Optimizer : std::uint8_t { sgd, adam };

struct Settings {
  quantize::BitChoice bits;
  int residual_bits = 0;  // of values that skip layers (residual_stream.h); 0: those of the layers that read them
  InitialSteps initial_steps = InitialSteps::published;
  Optimizer optimizer = Optimizer::sgd;
  double learning_rate = 0.01;  // highest of the cosine schedule
  double warm_up = 0.02;        // share of the training in which the rate rises from 0
  double weight_decay = 1e-4;   // of weights, not of steps and biases
  double distillation = 0;      // share of the loss that asks for the float network's answers, 0 to 1
  double temperature = 2;       // at which they are compared
  double label_smoothing = 0;   // share of the target spread over all classes
  bool batch_norm = false;      // normalise behind every layer while training
  Augmentation augmentation;
  std::int64_t epochs = 10;
  std::int64_t batch = 64;
  std::int64_t limit = 0;  // training pictures, spread evenly over the data; 0: all
  std::uint64_t seed = 1;
  int threads = 1;  // another number gives slightly different sums in libtorch
};

// Names and values of all settings that the result depends on; a run is only resumed with the same.
std::map<std::string, std::string> described(const Settings& settings);

}  // namespace northpole::train
