// One half of a core's program buffer and of its parameter registers: what has been received, and how many threads run
// in it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "isa/instruction.h"

namespace northpole::machine::step {

struct ProgramHalf {
  std::vector<isa::Word> words;
  std::vector<std::uint8_t> word_there;
  std::vector<std::uint32_t> parameters;
  std::vector<std::uint8_t> group_there;  // eight parameters each
  std::uint32_t threads = 0;              // running in this half

  ProgramHalf(std::uint32_t word_count, std::uint32_t parameter_count)
      : words(word_count), word_there(word_count), parameters(parameter_count), group_there(parameter_count / 8) {}

  void clear() {
    std::fill(word_there.begin(), word_there.end(), std::uint8_t{0});
    std::fill(group_there.begin(), group_there.end(), std::uint8_t{0});
  }
  bool has_parameter(std::uint32_t index) const { return group_there[index / 8] != 0; }
};

// Threads on their way from half to half within a cycle: a half that was left in it and has no thread in the next one is
// empty then.
class HalfMoves {
 public:
  void leave(std::uint32_t core, std::uint8_t half) { leaving_.push_back({core, half}); }
  void enter(std::uint32_t core, std::uint8_t half) { entering_.push_back({core, half}); }
  void clear() {
    leaving_.clear();
    entering_.clear();
  }
  // At the cycle's end.
  void settle(std::vector<std::array<ProgramHalf, 2>>& halves) {
    if (leaving_.empty()) return;
    for (const auto& [core, half] : entering_) ++halves[core][half].threads;
    for (const auto& [core, half] : leaving_) --halves[core][half].threads;
    for (const auto& [core, half] : leaving_) {
      if (halves[core][half].threads == 0) halves[core][half].clear();
    }
    clear();
  }

 private:
  std::vector<std::pair<std::uint32_t, std::uint8_t>> leaving_, entering_;  // core and half
};

}  // namespace northpole::machine::step
