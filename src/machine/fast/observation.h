// A run that is looked at: the words of Program::locations, copied as soon as they are made, before their slots are
// used again.
#pragma once

#include <vector>

#include "machine/fast/translation.h"
#include "machine/run_result.h"

namespace northpole::machine::fast {

class Observation {
 public:
  // The translation outlives it.
  explicit Observation(const Translation& translation);

  // All steps of this level and of those before it are done (level 0: input and constants are in place).
  void take(std::uint32_t level, const std::uint8_t* arena);
  // After the last level: tensor `index` of Plan::locations.
  TensorSnapshot snapshot(std::size_t index) const;
  void start() { next_ = 0; }

 private:
  struct Copy {
    std::uint32_t level, location, word;
  };
  const Translation& translation_;
  std::vector<Copy> copies_;  // by level
  std::size_t next_ = 0;
  std::vector<std::vector<isa::Word>> codes_;  // of each location's words
};

}  // namespace northpole::machine::fast
