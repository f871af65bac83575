// ONNX files to networks. The protobuf types stay inside this folder.
#pragma once

#include <filesystem>
#include <string>

#include "network/graph.h"

namespace northpole::onnx {

// Reads a model of opset 7 to 25, as the file has it: nothing folded, nothing normalised, but nodes in topological
// order and named. float16 and bfloat16 become float32. Dynamic batch (a first dimension without a number) becomes 1;
// other dynamic input dimensions are an Error. External data is read from files in the model's own folder, and nowhere
// else. Throws network::Error with one line that names the file (and the node or tensor) for anything that cannot be
// read.
network::Graph read_onnx(const std::filesystem::path& path);

// The same from bytes; external data is refused. `source` stands for the file in messages.
network::Graph read_onnx_bytes(const std::string& bytes, const std::string& source);

}  // namespace northpole::onnx
