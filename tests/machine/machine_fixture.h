// Running hand-made programs and looking into the machine through what it shows: observers and output frames.
#pragma once

#include <gtest/gtest.h>

#include <cstring>

#include "northpole/chip.h"
#include "support/program_builder.h"

namespace northpole::tests {

using Word = isa::Word;

// Words `address` .. of a core's memory with this tag, after a cycle of the run. The run must be sound.
inline std::vector<Word> words_after(program::Program program, std::uint64_t cycle, std::uint32_t core,
                                     std::uint16_t address, std::uint32_t count, std::uint16_t tag) {
  program::TensorLocation location;
  location.tensor = "watched";
  location.tag = tag;
  location.cycle = cycle;
  location.channels = chip::lanes, location.height = 1, location.width = count;
  location.pieces = {{core, address, 0, 1, 0, count, 0, 1, 0, 1}};
  program.locations = {location};
  Chip chip(program.chip, EngineKind::step);
  chip.configure(program);
  std::vector<Word> words;
  const machine::RunResult result = chip.run_network([&](const machine::TensorSnapshot& snapshot) {
    EXPECT_EQ(snapshot.problem, "");
    words.resize(count);
    for (std::uint32_t lane = 0; lane < chip::lanes; ++lane) {
      for (std::uint32_t i = 0; i < count; ++i) words[i][lane] = snapshot.codes[lane * count + i];
    }
  });
  EXPECT_FALSE(result.fault) << to_text(*result.fault);
  return words;
}

// The word that ProgramBuilder::image(core, address, tensor, count) puts there.
inline Word image_word(std::uint32_t core, std::uint32_t address) {
  Word word;
  for (std::size_t byte = 0; byte < word.size(); ++byte)
    word[byte] = static_cast<std::uint8_t>(core * 89 + address * 37 + byte * 11);
  return word;
}

// 32 numbers of 4 bytes as the four words of constant registers.
template <typename T>
std::vector<Word> register_words(const std::array<T, chip::lanes>& values) {
  static_assert(sizeof(T) == 4);
  std::vector<Word> words(4);
  std::memcpy(words.data(), values.data(), sizeof values);
  return words;
}

inline machine::RunResult run(const program::Program& program) {
  Chip chip(program.chip, EngineKind::step);
  chip.configure(program);
  return chip.run_network();
}

}  // namespace northpole::tests
