// Tensor elements that lie in a file beside the model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace northpole::onnx {

struct ExternalData {
  std::string location;  // relative to the model's folder
  std::string offset;    // decimal; empty means 0
  std::string length;    // decimal; empty means what the tensor needs
};

// Reads `needed` bytes. Throws network::Error when the location leaves the folder (absolute, "..", or by a symbolic
// link), or the file is missing or too short.
std::string read_external(const ExternalData& data, const std::filesystem::path& folder, std::uint64_t needed);

}  // namespace northpole::onnx
