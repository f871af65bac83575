// Instruction words to instructions and back. The layout is the table "Encoding" of docs/instruction-set.md.
#include "isa/instruction.h"

#include <algorithm>

#include "isa/bytes.h"

namespace northpole::isa {
namespace {

constexpr std::size_t level_bytes = 14;  // count, interval, four strides
constexpr std::size_t first_level = 4;   // after opcode, number of levels and two parameter masks
constexpr std::uint8_t instruction_parameters = 0x7f;
constexpr std::uint8_t loop_parameters = 0x3f;

bool known_operation(std::uint8_t opcode) {
  return opcode != static_cast<std::uint8_t>(Opcode::loop) && name(static_cast<Opcode>(opcode)) != nullptr;
}

bool flags_well_formed(Opcode opcode, std::uint8_t flags) {
  switch (opcode) {
    case Opcode::multiply:
      return (flags & ~(multiply_initialize | multiply_release)) == 0;
    case Opcode::send:
      return (flags & ~send_west_edge) == 0;
    case Opcode::send_weights:
    case Opcode::receive_weights: {
      const auto count = decode_lane_range(flags).count;
      return count == 1 || count == 2 || count == 4;
    }
    default:
      return flags == 0;
  }
}

Word encode_operation(const Instruction& instruction) {
  Word word{};
  word[0] = static_cast<std::uint8_t>(instruction.opcode);
  word[1] = instruction.flags;
  word[2] = instruction.parameter_mask;
  put32(word, 4, instruction.delay);
  for (std::size_t i = 0; i < 4; ++i) put16(word, 8 + 2 * i, instruction.operand[i]);
  for (std::size_t i = 0; i < 4; ++i) put16(word, 16 + 2 * i, instruction.tensor[i]);
  put32(word, 24, instruction.immediate[0]);
  put32(word, 28, instruction.immediate[1]);
  return word;
}

void encode_level(const Loop& loop, std::size_t level, Word& word) {
  word[2 + level] = loop.parameter_mask;
  const std::size_t at = first_level + level * level_bytes;
  put16(word, at, loop.count);
  put32(word, at + 2, loop.interval);
  for (std::size_t i = 0; i < 4; ++i) put16(word, at + 6 + 2 * i, static_cast<std::uint16_t>(loop.stride[i]));
}

Loop decode_level(const Word& word, std::size_t level) {
  Loop loop;
  loop.parameter_mask = word[2 + level];
  const std::size_t at = first_level + level * level_bytes;
  loop.count = get16(word, at);
  loop.interval = get32(word, at + 2);
  for (std::size_t i = 0; i < 4; ++i) loop.stride[i] = static_cast<std::int16_t>(get16(word, at + 6 + 2 * i));
  return loop;
}

// Appends the word's loops; false with `problem` set when the word is malformed.
bool decode_loops(const Word& word, std::vector<Loop>& loops, std::string& problem) {
  const std::uint8_t levels = word[1];
  if (levels != 1 && levels != 2) {
    problem = "a loop word of " + std::to_string(levels) + " levels";
    return false;
  }
  if (loops.size() % 2 != 0) {
    problem = "a loop word after one that is not full";
    return false;
  }
  const auto unused = word.begin() + first_level + levels * level_bytes;
  if (((word[2] | word[3]) & ~loop_parameters) != 0 || (levels == 1 && word[3] != 0) ||
      std::any_of(unused, word.end(), [](std::uint8_t byte) { return byte != 0; })) {
    problem = "a loop word with reserved bits set";
    return false;
  }
  for (std::size_t level = 0; level < levels; ++level) loops.push_back(decode_level(word, level));
  if (loops.size() > maximum_loops) {
    problem = "more than " + std::to_string(maximum_loops) + " loops";
    return false;
  }
  return true;
}

bool decode_operation(const Word& word, Instruction& instruction, std::string& problem) {
  if (word[0] == static_cast<std::uint8_t>(Opcode::loop)) {
    problem = "a loop word without an operation before it";
    return false;
  }
  if (!known_operation(word[0])) {
    problem = "unknown opcode " + std::to_string(word[0]);
    return false;
  }
  instruction.opcode = static_cast<Opcode>(word[0]);
  instruction.flags = word[1];
  instruction.parameter_mask = word[2];
  if (!flags_well_formed(instruction.opcode, instruction.flags)) {
    problem = std::string(name(instruction.opcode)) + " with flags " + std::to_string(word[1]);
    return false;
  }
  if (word[3] != 0 || (word[2] & ~instruction_parameters) != 0) {
    problem = std::string(name(instruction.opcode)) + " with reserved bits set";
    return false;
  }
  instruction.delay = get32(word, 4);
  for (std::size_t i = 0; i < 4; ++i) instruction.operand[i] = get16(word, 8 + 2 * i);
  for (std::size_t i = 0; i < 4; ++i) instruction.tensor[i] = get16(word, 16 + 2 * i);
  instruction.immediate = {get32(word, 24), get32(word, 28)};
  return true;
}

}  // namespace

std::uint32_t encoded_words(const Instruction& instruction) {
  return 1 + static_cast<std::uint32_t>((instruction.loops.size() + 1) / 2);
}

void append_encoded(const Instruction& instruction, std::vector<Word>& words) {
  words.push_back(encode_operation(instruction));
  for (std::size_t i = 0; i < instruction.loops.size(); i += 2) {
    const std::size_t levels = std::min<std::size_t>(2, instruction.loops.size() - i);
    Word word{};
    word[0] = static_cast<std::uint8_t>(Opcode::loop);
    word[1] = static_cast<std::uint8_t>(levels);
    for (std::size_t level = 0; level < levels; ++level) encode_level(instruction.loops[i + level], level, word);
    words.push_back(word);
  }
}

std::optional<Instruction> decode(const Word* words, std::size_t count, std::size_t& index, std::string& problem) {
  if (index >= count) {
    problem = "no instruction word";
    return std::nullopt;
  }
  Instruction instruction;
  if (!decode_operation(words[index], instruction, problem)) return std::nullopt;
  std::size_t next = index + 1;
  for (; next < count && words[next][0] == static_cast<std::uint8_t>(Opcode::loop); ++next) {
    if (!decode_loops(words[next], instruction.loops, problem)) return std::nullopt;
  }
  index = next;
  return instruction;
}

Word encode_directory(const std::array<std::uint16_t, thread_count>& start) {
  Word word{};
  for (std::size_t i = 0; i < thread_count; ++i) put16(word, 2 * i, start[i]);
  return word;
}

std::array<std::uint16_t, thread_count> decode_directory(const Word& word) {
  std::array<std::uint16_t, thread_count> start{};
  for (std::size_t i = 0; i < thread_count; ++i) start[i] = get16(word, 2 * i);
  return start;
}

}  // namespace northpole::isa
