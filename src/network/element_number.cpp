#include "network/element_number.h"

namespace northpole::network {
namespace {

struct Pair {
  std::int64_t number;
  ElementType type;
};

constexpr Pair pairs[] = {
    {1, ElementType::float32},  {2, ElementType::uint8},    {3, ElementType::int8},    {4, ElementType::uint16},
    {5, ElementType::int16},    {6, ElementType::int32},    {7, ElementType::int64},   {9, ElementType::boolean},
    {10, ElementType::float16}, {11, ElementType::float64}, {12, ElementType::uint32}, {13, ElementType::uint64},
    {21, ElementType::uint4},   {22, ElementType::int4},    {25, ElementType::uint2},  {26, ElementType::int2},
};

}  // namespace

std::optional<ElementType> element_type_of(std::int64_t number) {
  if (number == 16) return ElementType::float32;
  for (const Pair& pair : pairs)
    if (pair.number == number) return pair.type;
  return std::nullopt;
}

std::int64_t number_of(ElementType type) {
  for (const Pair& pair : pairs)
    if (pair.type == type) return pair.number;
  return 0;
}

}  // namespace northpole::network
