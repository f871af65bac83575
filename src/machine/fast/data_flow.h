// What a program computes, free of when and where: every word that the machine ever makes is a *value*, made once by
// one operation from other values. Sends, copies, partial-sum passes and weight transport are gone; what they carried
// is named by the operations that use it.
//
// Values are numbered from 1 on: first the input frame's words in their order, then constants and results as they come.
// A value is 32 bytes: a memory word, or 32 codes of a byte each that the machine keeps in 4 or 2 bits (conversion.h).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "isa/vector_function.h"
#include "machine/fast/conversion.h"
#include "machine/fast/sequence_table.h"
#include "machine/run_result.h"
#include "program/program.h"

namespace northpole::machine::fast {

using Value = std::uint32_t;
inline constexpr Value no_value = 0;
inline constexpr std::size_t block_bytes = 1024;

// What the vector unit does with a vector, with the lanes' constants where the function has them. All its elements are
// of 8 bit here: operands come as codes, and what it gives is a code's low byte.
struct VectorSetup {
  isa::VectorFunction function;
  std::array<std::int32_t, chip::lanes> bias{};
  std::array<float, chip::lanes> scale{};
  std::array<float, chip::lanes> constant{};
};

// output = vector function of the sum over terms of (activation word x weight block).
struct LinearOperation {
  std::uint32_t level = 0;        // above that of every value it reads; what is made from constants alone has 1
  std::uint32_t blocks = 0;       // DataFlow::block_lists: its terms' blocks
  std::uint32_t setup = 0;        // DataFlow::setups
  std::uint32_t activations = 0;  // DataFlow::activation_lists: its terms' activation words, as many
  Value second = no_value;
  Value output = no_value;
};

// output = vector function of the largest code (lane by lane) of some words; usually of one.
struct WordOperation {
  std::uint32_t level = 0;
  std::uint32_t setup = 0;
  std::uint32_t inputs = 0;  // DataFlow::activation_lists
  Value second = no_value;
  Value output = no_value;
};

struct ConversionOperation {
  std::uint32_t level = 0;
  Conversion conversion;
  std::uint32_t inputs = 0;  // DataFlow::activation_lists
  Value output = no_value;
};

// What lies in the words of a Program::locations entry.
struct LocationWords {
  std::size_t location = 0;
  std::vector<Value> words;  // 32 codes each, in the order of location_words.h, up to the first problem
  std::string problem;       // what makes it no tensor, known from the program alone
};

struct DataFlow {
  std::uint32_t frames = 1;       // that a run takes
  std::uint32_t input_words = 0;  // of all of them, frame after frame
  struct Constant {
    Value value;
    isa::Word word;
  };
  std::vector<Constant> constants;
  std::uint32_t values = 0;  // highest number

  std::vector<std::array<std::uint8_t, block_bytes>> blocks;  // 32 lanes of 32 weights of 8 bit; all different
  std::vector<VectorSetup> setups;
  SequenceTable block_lists;  // of 2 * block + (activations signed)
  SequenceTable activation_lists;
  std::vector<LinearOperation> linear;
  std::vector<WordOperation> word;
  std::vector<ConversionOperation> conversions;

  std::vector<std::vector<Value>> outputs;  // of each output frame's words
  std::vector<LocationWords> locations;     // as an observer sees them
  RunResult result;                         // of every run
};

}  // namespace northpole::machine::fast
