// Quantization-aware training: a float network, labelled pictures and a choice of bits become a quantized network. The
// way in for the command; no libtorch in this header.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "network/graph.h"
#include "train/settings.h"

namespace northpole::train {

struct Progress {
  std::int64_t epoch = 0, epochs = 0;  // counted from 1
  std::int64_t step = 0, steps = 0;    // done, of the whole training
  double loss = 0, accuracy = 0;       // of this epoch's training pictures so far
  double seconds_to_go = 0;
};

struct Epoch {
  std::int64_t epoch = 0;               // counted from 1
  double loss = 0, accuracy = 0;        // on its training pictures, augmented, while it learned
  std::optional<double> test_accuracy;  // of the integer network behind it
  double learning_rate = 0, seconds = 0;
};

struct Task {
  network::Graph graph;         // float, from read_network()
  std::string training_data;    // as data::open_dataset() takes it
  std::string test_data;        // likewise; empty: none
  std::int64_t test_limit = 0;  // test pictures, spread evenly; 0: all
  std::string folder;           // of the run: checkpoint, log.jsonl, curves.html; made if it is not there
  bool restart = false;         // forget what is in the folder
  bool any_labels = false;      // train on labels that the float network does not know at all
  double checkpoint_seconds = 60;
  Settings settings;
  std::function<void(const Progress&)> progress;  // after each step
  std::function<void(const Epoch&)> epoch_done;
  std::function<void(const std::string&)> remark;  // one line for people
  const std::atomic<bool>* stop = nullptr;         // becomes true: keep a checkpoint and return
};

struct Result {
  bool finished = true;  // false: stopped; the same task goes on from the checkpoint
  network::Graph graph;  // quantized, as quantize::quantize() gives it
  std::int64_t test_pictures = 0;
  double float_accuracy = 0, accuracy = 0;  // on them; accuracy of the integer network
  double seconds = 0;                       // of training, all runs together
  std::int64_t resumed_at = 0;              // step
};

// Goes on from the folder's checkpoint when there is one of the same settings. The result depends on the task alone,
// not on where a run was stopped. Throws Error in one line: for what cannot be trained, wrong labels, other settings
// than the checkpoint's, a loss that is no number or diverges, and files that cannot be written. The last checkpoint
// stays.
Result train(const Task& task);

}  // namespace northpole::train
