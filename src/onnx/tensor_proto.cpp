#include "onnx/tensor_proto.h"

#include <bit>
#include <cstring>

#include "network/element_number.h"
#include "network/error.h"
#include "network/half_float.h"
#include "network/text.h"
#include "onnx/external_data.h"

namespace northpole::onnx {
namespace {

using network::ElementType;
using network::Error;
using network::Tensor;
static_assert(std::endian::native == std::endian::little, "raw_data is little endian");

constexpr std::int32_t bfloat16_number = 16;

// Bits that one element takes in a file.
std::uint64_t stored_bits(ElementType type, bool bfloat16) {
  return bfloat16 ? 16 : static_cast<std::uint64_t>(network::element_bits(type));
}

// Sub-byte elements, the first in the lowest bits, to one a byte.
std::vector<std::uint8_t> unpacked(const std::string& stored, std::uint64_t count, ElementType type) {
  const unsigned bits = static_cast<unsigned>(stored_bits(type, false));
  const unsigned each = 8 / bits;
  std::vector<std::uint8_t> elements(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto byte = static_cast<std::uint8_t>(stored[i / each]);
    elements[i] = static_cast<std::uint8_t>(network::wrapped_code(byte >> (i % each * bits), type));
  }
  return elements;
}

// The typed fields as the bytes that raw_data would hold.
template <typename Stored, typename Field>
std::string packed(const Field& field) {
  std::string bytes(static_cast<std::size_t>(field.size()) * sizeof(Stored), '\0');
  for (int i = 0; i < field.size(); ++i) {
    const auto value = static_cast<Stored>(field.Get(i));
    std::memcpy(bytes.data() + static_cast<std::size_t>(i) * sizeof(Stored), &value, sizeof(Stored));
  }
  return bytes;
}

std::string typed_bytes(const ::onnx::TensorProto& proto, ElementType type, bool bfloat16) {
  if (bfloat16) return packed<std::uint16_t>(proto.int32_data());
  switch (type) {
    case ElementType::float32:
      return packed<float>(proto.float_data());
    case ElementType::float64:
      return packed<double>(proto.double_data());
    case ElementType::int64:
      return packed<std::int64_t>(proto.int64_data());
    case ElementType::uint64:
      return packed<std::uint64_t>(proto.uint64_data());
    case ElementType::uint32:
      return packed<std::uint32_t>(proto.uint64_data());
    case ElementType::int32:
      return packed<std::int32_t>(proto.int32_data());
    case ElementType::float16:
    case ElementType::int16:
    case ElementType::uint16:
      return packed<std::uint16_t>(proto.int32_data());
    default:
      return packed<std::uint8_t>(proto.int32_data());  // 8 bits, boolean, and packed sub-byte types
  }
}

std::string external_bytes(const ::onnx::TensorProto& proto, const std::filesystem::path& folder,
                           std::uint64_t needed) {
  if (folder.empty()) throw Error("its elements are in another file, which is not read here");
  ExternalData data;
  for (const auto& entry : proto.external_data()) {
    if (entry.key() == "location") data.location = entry.value();
    if (entry.key() == "offset") data.offset = entry.value();
    if (entry.key() == "length") data.length = entry.value();
  }
  return read_external(data, folder, needed);
}

Tensor widened(const std::string& stored, network::Shape shape, float (*convert)(std::uint16_t)) {
  Tensor tensor = Tensor::zeros(ElementType::float32, std::move(shape));
  for (std::size_t i = 0; i < stored.size() / 2; ++i) {
    std::uint16_t bits;
    std::memcpy(&bits, stored.data() + 2 * i, 2);
    tensor.data<float>()[i] = convert(bits);
  }
  return tensor;
}

Tensor decoded(::onnx::TensorProto& proto, const std::filesystem::path& folder) {
  const auto type = network::element_type_of(proto.data_type());
  if (!type) {
    const std::string name =
        ::onnx::TensorProto_DataType_IsValid(proto.data_type())
            ? ::onnx::TensorProto_DataType_Name(static_cast<::onnx::TensorProto_DataType>(proto.data_type()))
            : "number " + std::to_string(proto.data_type());
    throw Error("element type " + name + " is not supported");
  }
  if (proto.has_segment()) throw Error("tensors in segments are not supported");
  const bool bfloat16 = proto.data_type() == bfloat16_number;
  network::Shape shape(proto.dims().begin(), proto.dims().end());
  const auto count = static_cast<std::uint64_t>(network::element_count(shape));
  const std::uint64_t needed = (count * stored_bits(*type, bfloat16) + 7) / 8;

  std::string stored;
  if (proto.data_location() == ::onnx::TensorProto::EXTERNAL) {
    stored = external_bytes(proto, folder, needed);
  } else if (proto.has_raw_data()) {
    stored = std::move(*proto.mutable_raw_data());
  } else {
    stored = typed_bytes(proto, *type, bfloat16);
  }
  if (stored.size() != needed)
    throw Error("it has " + std::to_string(stored.size()) + " bytes of elements, the shape " +
                network::to_string(shape) + " of " + std::string(network::element_name(*type)) + " needs " +
                std::to_string(needed));

  if (bfloat16) return widened(stored, std::move(shape), network::bfloat16_to_float);
  if (*type == ElementType::float16) return widened(stored, std::move(shape), network::half_to_float);
  Tensor tensor;
  tensor.type = *type;
  tensor.shape = std::move(shape);
  if (stored_bits(*type, false) < 8) {
    tensor.bytes = unpacked(stored, count, *type);
  } else {
    tensor.bytes.assign(stored.begin(), stored.end());
  }
  return tensor;
}

}  // namespace

Tensor take_tensor(::onnx::TensorProto& proto, const std::filesystem::path& folder) {
  try {
    Tensor tensor = decoded(proto, folder);
    proto.Clear();
    return tensor;
  } catch (const Error& error) {
    throw Error("tensor " + network::quoted_name(proto.name()) + ": " + error.what());
  }
}

void put_tensor(const Tensor& tensor, ::onnx::TensorProto& proto) {
  for (const std::int64_t dimension : tensor.shape) proto.add_dims(dimension);
  proto.set_data_type(static_cast<std::int32_t>(network::number_of(tensor.type)));
  const unsigned bits = static_cast<unsigned>(stored_bits(tensor.type, false));
  if (bits >= 8) {
    proto.set_raw_data(tensor.bytes.data(), tensor.bytes.size());
    return;
  }
  const std::size_t each = 8 / bits;
  std::string stored((tensor.bytes.size() + each - 1) / each, '\0');
  for (std::size_t i = 0; i < tensor.bytes.size(); ++i) {
    const unsigned code = tensor.bytes[i] & ((1u << bits) - 1);
    stored[i / each] = static_cast<char>(static_cast<unsigned char>(stored[i / each]) | code << (i % each * bits));
  }
  proto.set_raw_data(std::move(stored));
}

}  // namespace northpole::onnx
