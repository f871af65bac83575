#include "evaluate/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "chip/difference.h"
#include "data/class_names.h"
#include "evaluate/chip_engine.h"
#include "evaluate/network_engine.h"
#include "network/error.h"
#include "northpole/network.h"
#include "program/program_file.h"

namespace northpole::evaluate {
namespace {

void use_network(Model& model, network::Graph graph, EngineKind engine, chip::VectorPrecision precision) {
  model.engine = engine;
  graph = with_scores_as_output(std::move(graph));
  model.transform = data::transform_of(graph);
  model.classes = data::class_names_of(graph);
  model.graph = std::make_shared<const network::Graph>(graph);
  if (engine == EngineKind::floats) {
    model.make_engine = float_engines(std::move(graph), model.transform);
  } else {
    model.make_engine = reference_engines(
        std::move(graph), model.transform,
        precision == chip::VectorPrecision::fp16 ? reference::Precision::fp16 : reference::Precision::fp32);
  }
}

Model open_network(const std::string& path, const ModelOptions& options) {
  network::Graph graph = read_network(path);
  const EngineKind suitable = is_quantized(graph) ? EngineKind::reference : EngineKind::floats;
  if (options.engine && *options.engine != suitable) {
    throw Error(fmt::format("{}: engine '{}' does not suit a {} network, '{}' does", path, name(*options.engine),
                            suitable == EngineKind::reference ? "quantized" : "float", name(suitable)));
  }
  Model model;
  model.source = path;
  use_network(model, std::move(graph), suitable, options.precision);
  return model;
}

network::Graph quantized_network(const std::string& path) {
  network::Graph graph = read_network(path);
  if (!is_quantized(graph)) throw Error(path + ": a quantized network is expected, this one is float");
  return graph;
}

Model open_program(const std::string& path, const ModelOptions& options) {
  const EngineKind engine = options.engine.value_or(EngineKind::fast);
  if (engine == EngineKind::floats) throw Error(path + ": engine 'float' takes a float ONNX network, not a program");
  if (engine == EngineKind::reference && options.network.empty()) {
    throw Error(path + ": engine 'reference' needs the quantized network that the program was compiled from, too");
  }
  Model model;
  model.source = path;
  auto program = std::make_shared<const program::Program>(program::read_program(path));
  if (options.chip) {
    const std::string different = chip::difference(program->chip, "the program", *options.chip, "the given chip");
    if (!different.empty()) {
      throw Error(fmt::format("{}: made for another chip: {}; compile the network for this chip", path, different));
    }
  }
  if (engine == EngineKind::reference) {
    use_network(model, quantized_network(options.network), engine, program->chip.vector_precision);
  } else {
    if (!options.network.empty()) {
      model.graph = std::make_shared<const network::Graph>(quantized_network(options.network));
    }
    model.engine = engine;
    model.transform = transform_of(*program, path);
    model.frames = program->frames;
    model.make_engine = chip_engines(program, model.transform, engine);
  }
  model.classes = program->classes;
  for (const program::HostOperation& operation : program->host_operations)
    model.host_operations.push_back(operation.op);
  model.program = std::move(program);
  return model;
}

}  // namespace

const char* name(EngineKind kind) {
  switch (kind) {
    case EngineKind::fast:
      return "fast";
    case EngineKind::step:
      return "step";
    case EngineKind::reference:
      return "reference";
    case EngineKind::floats:
      return "float";
  }
  return "";
}

EngineKind engine_kind(const std::string& text) {
  for (const EngineKind kind : {EngineKind::fast, EngineKind::step, EngineKind::reference, EngineKind::floats}) {
    if (text == name(kind)) return kind;
  }
  throw Error(fmt::format("'{:.60}' is no engine; known are fast, step, reference, float", text));
}

bool is_program_file(const std::string& path) {
  if (!path.ends_with(".onnx")) return true;
  std::ifstream file(path, std::ios::binary);
  std::string start(8, '\0');
  return file.read(start.data(), 8) && start == "NORTHPOL";
}

Model open_model(const std::string& path, const ModelOptions& options) {
  return is_program_file(path) ? open_program(path, options) : open_network(path, options);
}

}  // namespace northpole::evaluate
