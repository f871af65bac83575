// A tensor value: element type, shape and the elements themselves.
//
// Shapes are row-major; activations are NCHW, convolution weights OIHW. Sub-byte types hold one element
// a byte here (sign-extended for int4/int2); packing is the business of files and of the machine.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace northpole::network {

enum class ElementType : std::uint8_t {
  float32, float16, float64,
  int8, uint8, int16, uint16, int32, uint32, int64, uint64,
  boolean,
  int4, uint4, int2, uint2,
};

// Bytes that one element takes in Tensor::bytes (sub-byte types take one).
std::size_t element_size(ElementType type);
// "float32", "uint4", ... as printed in messages.
std::string_view element_name(ElementType type);
// True for the types that a QuantizeLinear of this project may produce: int8/uint8/int4/uint4/int2/uint2.
bool is_quantized_type(ElementType type);
// The type of codes of 8, 4 or 2 bit; throws Error for another width.
ElementType quantized_type(int bits, bool is_signed);
// Bits that one element takes where elements are packed: in files and in the machine. 4 for int4, 32 for float32.
int element_bits(ElementType type);
// Smallest and largest code of an integer type of at most 32 bits.
std::int32_t lowest_code(ElementType type);
std::int32_t highest_code(ElementType type);
// What an integer of at most 8 bit keeps of a number: its low bits, as the type reads them (int4: 9 gives -7).
std::int64_t wrapped_code(std::int64_t number, ElementType type);

using Shape = std::vector<std::int64_t>;

// Product of the dimensions; 1 for a scalar (empty shape).
// Throws network::Error when a dimension is negative or the product exceeds 2^40.
std::int64_t element_count(const Shape& shape);
// "1x3x224x224", or "scalar".
std::string to_string(const Shape& shape);

struct Tensor {
  ElementType type = ElementType::float32;
  Shape shape;
  std::vector<std::uint8_t> bytes;  // element_count(shape) * element_size(type)

  std::int64_t size() const { return element_count(shape); }

  template <typename T> T* data() { return reinterpret_cast<T*>(bytes.data()); }
  template <typename T> const T* data() const { return reinterpret_cast<const T*>(bytes.data()); }

  // Any element as a double / integer, whatever the type.
  double number(std::int64_t index) const;
  std::int64_t integer(std::int64_t index) const;

  static Tensor zeros(ElementType type, Shape shape);
  static Tensor of_floats(Shape shape, const std::vector<float>& values);
  // Integers take the low bits of each number.
  static Tensor of_integers(ElementType type, Shape shape, const std::vector<std::int64_t>& values);
};

}  // namespace northpole::network
