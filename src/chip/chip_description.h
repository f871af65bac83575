// The machine's description: every size, width and latency that the compiler, the verifier and the
// simulators agree on. docs/machine.md gives each figure's status (published, derived, chosen) and source.
#pragma once

#include <cstdint>
#include <string>

namespace northpole::chip {

enum class VectorPrecision : std::uint8_t { fp16, fp32 };

struct ChipDescription {
  // The array. Cores are numbered row by row: core = row * columns + column; row 0 is north, column 0 is west.
  std::uint32_t rows = 16;
  std::uint32_t columns = 16;
  double clock_megahertz = 400.0;
  std::uint32_t operations_per_multiply_accumulate = 2;

  // Unified memory of a core: word addresses 0 .. banks * bank_words - 1; bank = address / bank_words.
  std::uint32_t banks = 4;
  std::uint32_t bank_words = 6144;  // of 32 bytes: 192 KiB a bank

  std::uint32_t weight_blocks = 64;    // weight buffer, blocks of 1 KiB (32 words); 2 x 32
  std::uint32_t partial_sums = 512;    // partial-sum buffer, vectors of 32 x int32
  std::uint32_t program_words = 256;   // one half of the program buffer, instruction words of 32 bytes
  std::uint32_t parameters = 256;      // one half of the parameter registers, 32-bit each
  std::uint32_t constant_words = 256;  // vector unit's constant registers, words of 32 bytes

  std::uint32_t vmm_latency = 4;              // cycles from a multiply's issue until its partial sum may be read
  std::uint32_t vector_latency = 8;           // cycles from a vector issue until its output word is written
  std::uint32_t partial_sum_link_cycles = 2;  // a vector of 1,024 bit over a link of 512
  std::uint32_t word_link_cycles = 1;         // a word of 256 bit over a link of the activation or instruction network
  std::uint32_t model_lanes = 4;              // a model network link is four lanes of one word (256 bit)
  std::uint32_t frame_words_per_row = 65536;  // frame buffer behind the west edge of each row: 2 MiB

  VectorPrecision vector_precision = VectorPrecision::fp16;

  std::uint32_t cores() const { return rows * columns; }
  std::uint32_t memory_words() const { return banks * bank_words; }

  bool operator==(const ChipDescription&) const = default;
};

inline constexpr std::uint32_t word_bytes = 32;   // one memory word, activation word, instruction word
inline constexpr std::uint32_t lanes = 32;        // outputs of the VMM and of the vector unit
inline constexpr std::uint32_t block_words = 32;  // words of a weight block: word l holds lane l's weights

// One readable JSON object, a key for each member; unknown keys, wrong types and values out of range
// (an array above 32 x 32, a memory above 65,536 words, a zero) throw northpole::Error naming the key.
std::string to_json(const ChipDescription& description);
ChipDescription from_json(const std::string& text, const std::string& source_name);
// The same checks on a description made in code.
void check(const ChipDescription& description, const std::string& source_name);

}  // namespace northpole::chip
