// The state of a training in a file: all that is needed to go on as if it had not been stopped.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <string>

namespace northpole::train {

struct Checkpoint {
  std::map<std::string, torch::Tensor> tensors;  // parameters, statistics, what the optimizer remembers
  std::map<std::string, std::string> settings;   // described(); resumed only with the same
  std::int64_t step = 0;                         // steps done
  std::int64_t log_lines = 0;                    // of the run's log at that time
  double first_loss = 0;                         // of the first step
  double loss_sum = 0;                           // over the steps of the epoch that is under way
  std::int64_t right = 0;                        // training pictures of that epoch that were right
  double seconds = 0;                            // that the training took so far
};

// There whole or not at all; throws Error naming the file and the reason, and leaves the checkpoint before it in place.
void write_checkpoint(const Checkpoint& checkpoint, const std::string& path);

// Throws Error naming the file when it is damaged or no checkpoint.
Checkpoint read_checkpoint(const std::string& path);

}  // namespace northpole::train
