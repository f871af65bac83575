#include "isa/vector_function.h"

#include <algorithm>
#include <bit>

#include "isa/bytes.h"

namespace northpole::isa {
namespace {

constexpr std::array<std::uint8_t, 3> widths = {8, 4, 2};  // of an element, by their codes
constexpr std::uint8_t no_width = 3;

std::uint8_t width_code(std::uint8_t bits) {
  for (std::uint8_t code = 0; code < widths.size(); ++code) {
    if (widths[code] == bits) return code;
  }
  return no_width;
}

bool takes_second(VectorOperation operation) {
  return operation == VectorOperation::add || operation == VectorOperation::subtract ||
         operation == VectorOperation::reverse_subtract || operation == VectorOperation::multiply ||
         operation == VectorOperation::offset;
}

// What the vector unit has no meaning for, although each field by itself has one.
bool consistent(const VectorFunction& function) {
  return takes_second(function.operation) == (function.second != VectorSecond::none) &&
         (function.source == VectorSource::memory || function.reduction == VectorReduction::none) &&
         (function.operation != VectorOperation::offset ||
          (function.source == VectorSource::partial_sum && function.second == VectorSecond::constant)) &&
         (function.source == VectorSource::memory || function.source_bits == 8) &&
         (function.second == VectorSecond::memory || function.second_bits == 8) &&
         function.middle_lowest <= function.middle_highest && function.output_lowest <= function.output_highest;
}

}  // namespace

std::array<Word, 2> encode(const VectorFunction& function) {
  std::array<Word, 2> words{};
  Word& first = words[0];
  first[0] = static_cast<std::uint8_t>(function.source);
  first[1] = static_cast<std::uint8_t>(function.reduction);
  first[2] = static_cast<std::uint8_t>(function.operation);
  first[3] = static_cast<std::uint8_t>(function.second);
  first[4] = function.source_signed ? 1 : 0;
  first[5] = function.second_signed ? 1 : 0;
  first[6] = static_cast<std::uint8_t>(width_code(function.source_bits) | width_code(function.second_bits) << 2 |
                                       width_code(function.output_bits) << 4);
  put32(first, 8, static_cast<std::uint32_t>(function.source_zero));
  put32(first, 12, static_cast<std::uint32_t>(function.second_zero));
  put32(first, 16, static_cast<std::uint32_t>(function.middle_lowest));
  put32(first, 20, static_cast<std::uint32_t>(function.middle_highest));
  put32(first, 24, static_cast<std::uint32_t>(function.output_zero));
  put32(first, 28, static_cast<std::uint32_t>(function.output_lowest));
  Word& second = words[1];
  put32(second, 0, static_cast<std::uint32_t>(function.output_highest));
  put32(second, 4, std::bit_cast<std::uint32_t>(function.kx));
  put32(second, 8, std::bit_cast<std::uint32_t>(function.ky));
  put32(second, 12, std::bit_cast<std::uint32_t>(function.alpha));
  put32(second, 16, std::bit_cast<std::uint32_t>(function.beta));
  return words;
}

std::optional<VectorFunction> decode_vector_function(const Word& first, const Word& second) {
  const auto last = [](auto enumerator) { return static_cast<std::uint8_t>(enumerator); };
  if (first[0] > last(VectorSource::memory) || first[1] > last(VectorReduction::maximum) ||
      first[2] > last(VectorOperation::offset) || first[3] > last(VectorSecond::constant) || first[4] > 1 ||
      first[5] > 1 || first[6] > 0x3f || first[7] != 0) {
    return std::nullopt;
  }
  const std::array<std::uint8_t, 3> width = {static_cast<std::uint8_t>(first[6] & 3),
                                             static_cast<std::uint8_t>(first[6] >> 2 & 3),
                                             static_cast<std::uint8_t>(first[6] >> 4 & 3)};
  if (std::find(width.begin(), width.end(), no_width) != width.end()) return std::nullopt;
  if (std::any_of(second.begin() + 20, second.end(), [](std::uint8_t byte) { return byte != 0; })) return std::nullopt;
  const auto integer = [](const Word& word, std::size_t at) { return static_cast<std::int32_t>(get32(word, at)); };
  VectorFunction function;
  function.source = static_cast<VectorSource>(first[0]);
  function.reduction = static_cast<VectorReduction>(first[1]);
  function.operation = static_cast<VectorOperation>(first[2]);
  function.second = static_cast<VectorSecond>(first[3]);
  function.source_signed = first[4] != 0;
  function.second_signed = first[5] != 0;
  function.source_bits = widths[width[0]];
  function.second_bits = widths[width[1]];
  function.output_bits = widths[width[2]];
  function.source_zero = integer(first, 8);
  function.second_zero = integer(first, 12);
  function.middle_lowest = integer(first, 16);
  function.middle_highest = integer(first, 20);
  function.output_zero = integer(first, 24);
  function.output_lowest = integer(first, 28);
  function.output_highest = integer(second, 0);
  function.kx = std::bit_cast<float>(get32(second, 4));
  function.ky = std::bit_cast<float>(get32(second, 8));
  function.alpha = std::bit_cast<float>(get32(second, 12));
  function.beta = std::bit_cast<float>(get32(second, 16));
  if (!consistent(function)) return std::nullopt;
  return function;
}

}  // namespace northpole::isa
