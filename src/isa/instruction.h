// The instruction set: what a thread can be told. docs/instruction-set.md gives each instruction's exact
// effect; this header gives its form. An instruction is one operation word, followed by up to four loop words
// of two loops each. Every word is 32 bytes, the width of the instruction network.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chip/chip_description.h"

namespace northpole::isa {

// The eight threads of a core, in the order of the program buffer's directory.
enum class Thread : std::uint8_t { vmm, vector, memory, send, receive, partial_sums, weights, programs };
inline constexpr std::uint32_t thread_count = 8;

enum class Opcode : std::uint8_t {
  end = 1,                // any thread: stop for this run
  switch_program = 2,     // any thread: go on at this thread's section in the other half of the program buffer
  loop = 3,               // not an operation: one or two loops around the operation that it follows
  multiply = 16,          // vmm
  vector = 32,            // vector
  constants = 33,         // vector: memory word -> constant register
  send_weights = 48,      // memory: memory words -> model network
  send_program = 49,      // memory: memory word -> instruction network
  copy = 50,              // memory: memory word -> memory word
  parameters = 51,        // memory: memory word -> eight parameters of the other half
  send = 64,              // send: memory word -> activation network
  receive = 80,           // receive: activation network -> memory word
  pass = 96,              // partial_sums: add and hand on a vector of partial sums
  receive_weights = 112,  // weights: model network -> weight buffer
  receive_program = 128,  // programs: instruction network -> the other half of the program buffer
};

enum Operand : std::uint8_t { operand_a, operand_b, operand_c, operand_d };

struct Loop {
  std::uint16_t count = 1;  // trips, at least 1
  std::uint32_t interval =
      0;  // cycles from one trip's start to the next one's; at least the length of a trip's body, unless count is 1
  std::array<std::int16_t, 4> stride{};  // added to operands a, b, c, d with each trip
  // Bit 0: count, bit 1: interval, bits 2..5: strides a..d hold a parameter's index instead of a value.
  std::uint8_t parameter_mask = 0;

  bool operator==(const Loop&) const = default;
};

// Bits of Instruction::parameter_mask.
inline constexpr std::uint8_t parameter_delay = 1, parameter_a = 2, parameter_b = 4, parameter_c = 8, parameter_d = 16,
                              parameter_immediate0 = 32, parameter_immediate1 = 64;
inline constexpr std::uint8_t maximum_loops = 8;

struct Instruction {
  Opcode opcode = Opcode::end;
  std::uint8_t flags = 0;           // by opcode, see below
  std::uint8_t parameter_mask = 0;  // which fields hold a parameter's index instead of a value
  std::uint32_t delay = 0;  // idle cycles between the last event of the instruction before and the first of this
  std::array<std::uint16_t, 4> operand{};  // a, b, c, d
  std::array<std::uint16_t, 4> tensor{};   // which tensor (Program::tensors) each memory operand belongs to
  std::array<std::uint32_t, 2> immediate{};
  std::vector<Loop> loops;  // outermost first

  bool operator==(const Instruction&) const = default;
};

// flags of multiply; masks over loops: bit i is loop i, outermost is 0
inline constexpr std::uint8_t multiply_initialize =
    1;  // start a new sum where every loop of the initialize mask is at its first trip
inline constexpr std::uint8_t multiply_release =
    2;                 // the weight block is used up where every loop of the release mask is at its last trip
struct MultiplyMode {  // immediate[0]
  std::uint8_t initialize_mask = 0;
  std::uint8_t release_mask = 0;
  bool activation_signed = true;
  std::uint8_t activation_bits = 8;  // 8, 4 or 2
  std::uint8_t weight_bits = 8;  // at most activation_bits
};
std::uint32_t encode(const MultiplyMode& mode);
MultiplyMode decode_multiply_mode(std::uint32_t immediate);

struct VectorMode {                    // immediate[0] of vector
  std::uint8_t function_register = 0;  // where the two words of the VectorFunction lie
  std::uint8_t first_mask = 0;         // a window begins where every loop of the mask is at its first trip
  std::uint8_t last_mask = 0;          // ... and ends, giving an output, where every loop is at its last trip
};
std::uint32_t encode(const VectorMode& mode);
VectorMode decode_vector_mode(std::uint32_t immediate);

struct VectorParts {  // immediate[1] of vector: which 32 elements of a word, where elements are narrower than 8 bit
  std::uint8_t output = 0, source = 0, second = 0;  // part p holds elements 32 p .. 32 p + 31
  bool first = false;  // the output word is new: all its other parts become unwritten
  bool rest = false;   // the parts after this one are written too, with zeros: the tensor has no more channels
  bool operator==(const VectorParts&) const = default;
};
std::uint32_t encode(const VectorParts& parts);
VectorParts decode_vector_parts(std::uint32_t immediate);

struct LaneRange {  // flags of send_weights and receive_weights
  std::uint8_t first = 0;
  std::uint8_t count = 1;  // 1, 2 or 4
};
std::uint8_t encode(const LaneRange& range);
LaneRange decode_lane_range(std::uint8_t flags);

inline constexpr std::uint8_t send_west_edge = 1;  // flag of send: to the frame buffer of the sender's own row

enum class Direction : std::uint8_t { none, north, east, south, west };
struct PassMode {  // immediate[0] of pass
  Direction in = Direction::none;
  Direction out = Direction::none;
  bool local = true;  // the core's own partial sum takes part
};
std::uint32_t encode(const PassMode& mode);
PassMode decode_pass_mode(std::uint32_t immediate);

using Word = std::array<std::uint8_t, chip::word_bytes>;

// Words that the instruction takes: 1 + ceil(loops / 2).
std::uint32_t encoded_words(const Instruction& instruction);
void append_encoded(const Instruction& instruction, std::vector<Word>& words);

// Decodes the instruction at words[index] and moves index past it and its loop words. On malformed words
// (unknown opcode, loop word without operation, set reserved bits, more than eight loops) returns nothing and
// says why in `problem`; index is left alone.
std::optional<Instruction> decode(const Word* words, std::size_t count, std::size_t& index, std::string& problem);

// Which thread may run the operation; nothing for end, switch_program and loop.
std::optional<Thread> thread_of(Opcode opcode);
const char* name(Opcode opcode);
const char* name(Thread thread);

// Directory word of a program: first instruction's word index for each thread.
Word encode_directory(const std::array<std::uint16_t, thread_count>& start);
std::array<std::uint16_t, thread_count> decode_directory(const Word& word);

}  // namespace northpole::isa
