// Networks from ONNX files, ready for every later stage.
#pragma once

#include <string>
#include <vector>

#include "network/graph.h"

namespace northpole {

// What the user says about a network beside its file. It is written into the network's metadata and travels from there
// into the quantized file and into the program.
struct InputOptions {
  // How a picture becomes the input, as JSON (data/picture_transform.h). Keys that are missing, or an empty text, leave
  // what the file says, or the default for the input's shape.
  std::string picture;
  std::vector<std::string> classes;  // names by class number; empty leaves the file's
};

// Reads and prepares (network/prepare.h) an ONNX file, float or quantized. Throws northpole::Error in one line.
network::Graph read_network(const std::string& path, const InputOptions& options = {});

// Whether there is any quantization in it.
bool is_quantized(const network::Graph& graph);

}  // namespace northpole
