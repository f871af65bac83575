// The numbers by which the operator standard names element types, in attributes such as Cast's "to" and in files.
#pragma once

#include <cstdint>
#include <optional>

#include "network/tensor.h"

namespace northpole::network {

// Nothing for types that tensors here cannot hold (strings, complex numbers, 8-bit floats). bfloat16 (16) is float32
// here.
std::optional<ElementType> element_type_of(std::int64_t number);
std::int64_t number_of(ElementType type);

}  // namespace northpole::network
