#include "network/tensor.h"

#include <algorithm>
#include <cmath>

#include "network/error.h"
#include "network/half_float.h"

namespace northpole::network {
namespace {

struct TypeFacts {
  std::string_view name;
  std::size_t bytes;
  bool quantized;
  std::int32_t lowest, highest;  // of integer types of at most 32 bits (uint32: as far as int32 goes)
};

constexpr std::int32_t lowest32 = INT32_MIN, highest32 = INT32_MAX;

const TypeFacts& facts(ElementType type) {
  static constexpr TypeFacts table[] = {
      {"float32", 4, false, 0, 0},        {"float16", 2, false, 0, 0},
      {"float64", 8, false, 0, 0},        {"int8", 1, true, -128, 127},
      {"uint8", 1, true, 0, 255},         {"int16", 2, false, -32768, 32767},
      {"uint16", 2, false, 0, 65535},     {"int32", 4, false, lowest32, highest32},
      {"uint32", 4, false, 0, highest32}, {"int64", 8, false, 0, 0},
      {"uint64", 8, false, 0, 0},         {"boolean", 1, false, 0, 1},
      {"int4", 1, true, -8, 7},           {"uint4", 1, true, 0, 15},
      {"int2", 1, true, -2, 1},           {"uint2", 1, true, 0, 3},
  };
  return table[static_cast<std::size_t>(type)];
}

template <typename T>
T element(const Tensor& tensor, std::int64_t index) {
  T value;
  std::memcpy(&value, tensor.bytes.data() + static_cast<std::size_t>(index) * sizeof(T), sizeof(T));
  return value;
}

template <typename Visitor>
auto visit(const Tensor& tensor, std::int64_t index, Visitor&& visitor) {
  switch (tensor.type) {
    case ElementType::float32:
      return visitor(element<float>(tensor, index));
    case ElementType::float16:
      return visitor(half_to_float(element<std::uint16_t>(tensor, index)));
    case ElementType::float64:
      return visitor(element<double>(tensor, index));
    case ElementType::int8:
    case ElementType::int4:
    case ElementType::int2:
      return visitor(element<std::int8_t>(tensor, index));
    case ElementType::uint8:
    case ElementType::boolean:
    case ElementType::uint4:
    case ElementType::uint2:
      return visitor(element<std::uint8_t>(tensor, index));
    case ElementType::int16:
      return visitor(element<std::int16_t>(tensor, index));
    case ElementType::uint16:
      return visitor(element<std::uint16_t>(tensor, index));
    case ElementType::int32:
      return visitor(element<std::int32_t>(tensor, index));
    case ElementType::uint32:
      return visitor(element<std::uint32_t>(tensor, index));
    case ElementType::int64:
      return visitor(element<std::int64_t>(tensor, index));
    case ElementType::uint64:
      return visitor(element<std::uint64_t>(tensor, index));
  }
  throw Error("a tensor of unknown element type");
}

// Out-of-range and not-a-number are undefined for a plain cast; here they saturate.
struct ToInteger {
  template <typename T>
  std::int64_t operator()(T value) const {
    if constexpr (std::is_floating_point_v<T>) {
      const double number = value;
      if (std::isnan(number)) return 0;
      if (number >= 9.2233720368547758e18) return INT64_MAX;
      if (number <= -9.2233720368547758e18) return INT64_MIN;
    }
    return static_cast<std::int64_t>(value);
  }
};

}  // namespace

std::size_t element_size(ElementType type) { return facts(type).bytes; }
std::string_view element_name(ElementType type) { return facts(type).name; }
bool is_quantized_type(ElementType type) { return facts(type).quantized; }
ElementType quantized_type(int bits, bool is_signed) {
  switch (bits) {
    case 8:
      return is_signed ? ElementType::int8 : ElementType::uint8;
    case 4:
      return is_signed ? ElementType::int4 : ElementType::uint4;
    case 2:
      return is_signed ? ElementType::int2 : ElementType::uint2;
    default:
      throw Error("codes of " + std::to_string(bits) + " bit are not supported; use 8, 4 or 2");
  }
}
int element_bits(ElementType type) {
  switch (type) {
    case ElementType::int4:
    case ElementType::uint4:
      return 4;
    case ElementType::int2:
    case ElementType::uint2:
      return 2;
    default:
      return static_cast<int>(8 * element_size(type));
  }
}
std::int64_t wrapped_code(std::int64_t number, ElementType type) {
  const int unused = 64 - element_bits(type);
  const std::uint64_t raised = static_cast<std::uint64_t>(number) << unused;
  return lowest_code(type) < 0 ? static_cast<std::int64_t>(raised) >> unused
                               : static_cast<std::int64_t>(raised >> unused);
}
std::int32_t lowest_code(ElementType type) { return facts(type).lowest; }
std::int32_t highest_code(ElementType type) { return facts(type).highest; }

std::int64_t element_count(const Shape& shape) {
  constexpr std::int64_t most = std::int64_t{1} << 40;
  bool empty = false;
  for (const std::int64_t dimension : shape) {
    if (dimension < 0) throw Error("shape " + to_string(shape) + " has a negative dimension");
    empty = empty || dimension == 0;
  }
  if (empty) return 0;
  std::int64_t count = 1;
  for (const std::int64_t dimension : shape) {
    if (dimension > most / count) throw Error("shape " + to_string(shape) + " has more than 2^40 elements");
    count *= dimension;
  }
  return count;
}

std::string to_string(const Shape& shape) {
  if (shape.empty()) return "scalar";
  std::string text;
  for (const std::int64_t dimension : shape) text += (text.empty() ? "" : "x") + std::to_string(dimension);
  return text;
}

double Tensor::number(std::int64_t index) const {
  return visit(*this, index, [](auto value) { return static_cast<double>(value); });
}

std::int64_t Tensor::integer(std::int64_t index) const { return visit(*this, index, ToInteger{}); }

Tensor Tensor::zeros(ElementType type, Shape shape) {
  Tensor tensor;
  tensor.type = type;
  tensor.bytes.assign(static_cast<std::size_t>(element_count(shape)) * element_size(type), 0);
  tensor.shape = std::move(shape);
  return tensor;
}

Tensor Tensor::of_floats(Shape shape, const std::vector<float>& values) {
  if (element_count(shape) != static_cast<std::int64_t>(values.size()))
    throw Error("a tensor of shape " + to_string(shape) + " cannot be made of " + std::to_string(values.size()) +
                " values");
  Tensor tensor = zeros(ElementType::float32, std::move(shape));
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), values.size() * sizeof(float));
  return tensor;
}

Tensor Tensor::of_integers(ElementType type, Shape shape, const std::vector<std::int64_t>& values) {
  if (element_count(shape) != static_cast<std::int64_t>(values.size()))
    throw Error("a tensor of shape " + to_string(shape) + " cannot be made of " + std::to_string(values.size()) +
                " values");
  Tensor tensor = zeros(type, std::move(shape));
  const std::size_t size = element_size(type);
  for (std::size_t i = 0; i < values.size(); ++i) {
    switch (type) {
      case ElementType::float32: {
        const auto value = static_cast<float>(values[i]);
        std::memcpy(tensor.bytes.data() + i * size, &value, size);
        break;
      }
      case ElementType::float64: {
        const auto value = static_cast<double>(values[i]);
        std::memcpy(tensor.bytes.data() + i * size, &value, size);
        break;
      }
      case ElementType::float16: {
        const std::uint16_t value = float_to_half(static_cast<float>(values[i]));
        std::memcpy(tensor.bytes.data() + i * size, &value, size);
        break;
      }
      default: {
        const std::int64_t value = size == 1 ? wrapped_code(values[i], type) : values[i];
        std::memcpy(tensor.bytes.data() + i * size, &value, size);  // little endian: the low bytes
      }
    }
  }
  return tensor;
}

}  // namespace northpole::network
