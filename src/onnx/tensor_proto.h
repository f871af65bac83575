// TensorProto to Tensor and back. Internal to this folder: it shows protobuf types.
#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>

#include "network/tensor.h"

namespace northpole::onnx {

// Decodes any of the forms in which ONNX stores elements; float16 and bfloat16 become float32. Frees the proto's data.
// `folder` is where external data may lie; empty refuses external data. Errors name the tensor, not the file.
network::Tensor take_tensor(::onnx::TensorProto& proto, const std::filesystem::path& folder);

// As raw_data, sub-byte types packed two or four to a byte.
void put_tensor(const network::Tensor& tensor, ::onnx::TensorProto& proto);

}  // namespace northpole::onnx
