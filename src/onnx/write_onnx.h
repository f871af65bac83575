// Networks to ONNX files that any ONNX runtime reads.
#pragma once

#include <filesystem>
#include <string>

#include "network/graph.h"

namespace northpole::onnx {

// Writes the network in standard form (network::standard_form). The file appears under its name only when it is
// complete; equal networks give equal bytes. Throws network::Error naming the file.
void write_onnx(const network::Graph& graph, const std::filesystem::path& path);

// The file's bytes.
std::string onnx_bytes(const network::Graph& graph);

}  // namespace northpole::onnx
