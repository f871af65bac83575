// The whole way of a network: prepared, lowered, scheduled, verified, run on the simulated chip cycle by cycle, and
// every tensor that lies in the cores' memories held against the reference interpreter.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chip/chip_description.h"
#include "lower/lower.h"
#include "map/plan.h"
#include "network/graph.h"
#include "northpole/chip.h"
#include "program/program.h"
#include "reference/quantized_interpreter.h"

namespace northpole::tests {

// What the reference makes of one input.
struct Expected {
  std::vector<std::uint8_t> input;                           // codes of the input frame
  std::map<std::string, std::vector<std::uint8_t>> tensors;  // codes by value name
  std::map<std::string, network::Tensor> outputs;
};

struct CompiledNetwork {
  network::Graph graph;  // prepared
  std::shared_ptr<const program::Program> program;
  std::unique_ptr<reference::QuantizedInterpreter> reference;

  Expected expected(std::uint64_t seed) const;  // for a random input
  std::vector<Expected> expected_of_run(std::uint64_t run) const;  // for each frame
};

// What is free in a compilation; as compile_network() has it for one frame unless said otherwise.
struct Compilation {
  std::uint32_t frames = 1;
  map::Objective objective = map::Objective::latency;
  lower::Options lowering{true, true, true, true};
  bool every_kernel = false;  // of the fast engine, not only the fastest (whole_way only)
  // Instead of the compiler's own choice of mappings: those of the layers.
  std::function<std::vector<map::Mapping>(const lower::LayerGraph&)> mappings = {};
};

// The input codes of all frames.
std::vector<std::uint8_t> input_of(const std::vector<Expected>& frames);

// Throws northpole::Error where the compiler refuses.
CompiledNetwork compile(const network::Graph& graph, const chip::ChipDescription& chip,
                        const Compilation& compilation = {});

// The first difference between what lies in the chip's memories in one run, or what it puts out, and what is expected of
// each frame; empty when there is none. `compared` counts elements.
std::string difference(Chip& chip, const program::Program& program, const std::vector<Expected>& expected,
                       std::int64_t& compared);

struct WholeWay {
  std::string refused;  // the compiler's Error
  std::string failed;   // what went wrong otherwise
  std::int64_t tensors = 0, elements = 0;
  std::uint64_t cycles = 0, segments = 0;
};
// Everything, with `runs` runs one after another on one chip, every frame another input. Nothing is thrown.
WholeWay whole_way(const network::Graph& graph, const chip::ChipDescription& chip, int runs = 2,
                   const Compilation& compilation = {});

// Whether the text names a node of the network (or says which memory is too small, or that nothing is left of it).
bool names_a_node(const std::string& text, const network::Graph& graph);

}  // namespace northpole::tests
