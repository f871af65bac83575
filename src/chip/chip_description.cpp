#include "chip/chip_description.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "network/error.h"

namespace northpole::chip {
namespace {

struct Limit {
  const char* key;
  std::uint32_t ChipDescription::*member;
  std::uint32_t lowest;
  std::uint32_t highest;
};

// The highest values are what the instructions' fields can name (16-bit operands, 8-bit registers, four lanes and
// skews, 32-bit masks of rows and columns); a vector's second operand is read a cycle after its issue, so its result
// comes after that.
constexpr std::array<Limit, 15> limits = {{
    {"rows", &ChipDescription::rows, 1, 32},
    {"columns", &ChipDescription::columns, 1, 32},
    {"operations_per_multiply_accumulate", &ChipDescription::operations_per_multiply_accumulate, 1, 2},
    {"banks", &ChipDescription::banks, 1, 256},
    {"bank_words", &ChipDescription::bank_words, 1, 65536},
    {"weight_blocks", &ChipDescription::weight_blocks, 1, 2048},
    {"partial_sums", &ChipDescription::partial_sums, 1, 65536},
    {"program_words", &ChipDescription::program_words, 2, 65535},
    {"parameters", &ChipDescription::parameters, 8, 65536},
    {"constant_words", &ChipDescription::constant_words, 1, 256},
    {"vmm_latency", &ChipDescription::vmm_latency, 1, 1024},
    {"vector_latency", &ChipDescription::vector_latency, 2, 1024},
    {"partial_sum_link_cycles", &ChipDescription::partial_sum_link_cycles, 1, 64},
    {"word_link_cycles", &ChipDescription::word_link_cycles, 1, 64},
    {"frame_words_per_row", &ChipDescription::frame_words_per_row, 1, 65536},
}};

}  // namespace

void check(const ChipDescription& description, const std::string& source_name) {
  for (const Limit& limit : limits) {
    const std::uint32_t value = description.*limit.member;
    if (value < limit.lowest || value > limit.highest) {
      throw Error(fmt::format("{}: chip description: '{}' is {}, must be {} to {}", source_name, limit.key, value,
                              limit.lowest, limit.highest));
    }
  }
  // The lane range of an instruction counts lanes in ones, twos or fours.
  if (description.model_lanes != 1 && description.model_lanes != 2 && description.model_lanes != 4) {
    throw Error(fmt::format("{}: chip description: 'model_lanes' is {}, must be 1, 2 or 4", source_name,
                            description.model_lanes));
  }
  // A memory word brings eight parameters at a time.
  if (description.parameters % 8 != 0) {
    throw Error(fmt::format("{}: chip description: 'parameters' is {}, must be a multiple of 8", source_name,
                            description.parameters));
  }
  const std::uint64_t memory_words = std::uint64_t{description.banks} * description.bank_words;
  if (memory_words > 65536) {
    throw Error(
        fmt::format("{}: chip description: 'banks' times 'bank_words' is {} words of memory, must be at most 65536",
                    source_name, memory_words));
  }
  if (!(description.clock_megahertz > 0) || !(description.clock_megahertz <= 1e6)) {
    throw Error(fmt::format("{}: chip description: 'clock_megahertz' is {}, must be above 0 and at most 1000000",
                            source_name, description.clock_megahertz));
  }
  if (description.vector_precision != VectorPrecision::fp16 && description.vector_precision != VectorPrecision::fp32) {
    throw Error(fmt::format("{}: chip description: 'vector_precision' must be \"fp16\" or \"fp32\"", source_name));
  }
}

}  // namespace northpole::chip
