// Files that can answer pictures, whatever they are: float network, quantized network, program.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chip/chip_description.h"
#include "data/picture_transform.h"
#include "evaluate/engine.h"
#include "network/graph.h"
#include "program/program.h"

namespace northpole::evaluate {

// Throws Error naming the known ones.
EngineKind engine_kind(const std::string& name);

struct ModelOptions {
  std::optional<EngineKind> engine;  // default: the one that suits the file, `fast` for a program
  std::string network;               // the quantized network that a program was compiled from, if it is to be asked
  std::optional<chip::ChipDescription> chip;  // the machine there is; default: the one that the program was made for
  // For the reference on an ONNX file; a program's own precision counts where there is a program.
  chip::VectorPrecision precision = chip::VectorPrecision::fp16;
};

struct Model {
  std::string source;  // the file
  EngineKind engine = EngineKind::fast;
  data::PictureTransform transform;
  std::vector<std::string> classes;
  std::vector<std::string> host_operations;         // what the host does after the machine, in order
  std::shared_ptr<const program::Program> program;  // null for networks
  std::shared_ptr<const network::Graph> graph;      // null for a program alone
  std::int64_t frames = 1;                          // pictures that an engine answers together
  // A new engine, one for each thread that wants to ask. May be called from several threads at once.
  std::function<std::unique_ptr<Engine>()> make_engine;
};

// Opens an ONNX file or a program file. Throws northpole::Error in one line for a file that is neither, for an engine
// that does not suit it, and for a program that was made for another chip.
Model open_model(const std::string& path, const ModelOptions& options = {});

// Whether the file begins as a program file does (or is not called .onnx).
bool is_program_file(const std::string& path);

}  // namespace northpole::evaluate
