// What happened in a run, a JSON object a line: steps ({"step", "epoch", "loss", "learning_rate"}) and epochs ({"step",
// "epoch", "training_loss", "training_accuracy", "test_accuracy", "seconds"}), after a first line that names the run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace northpole::train {

class RunLog {
 public:
  // Keeps the first `lines` lines of the file, if any; later ones are of steps that will be done again.
  RunLog(std::string path, std::int64_t lines);

  // Appends the line at once. Throws Error naming the file and the reason.
  void add(const std::string& json);

  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::string path_;
  std::vector<std::string> lines_;
};

}  // namespace northpole::train
