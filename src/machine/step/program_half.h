// One half of a core's program buffer and of its parameter registers: what has been received, and how many threads run
// in it.
#pragma once

#include <cstdint>
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

}  // namespace northpole::machine::step
