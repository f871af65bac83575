#include "support/onnx_runtime.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "network/infer_shapes.h"
#include "onnx/write_onnx.h"
#include "reference/quantized_interpreter.h"
#include "support/temporary_folder.h"

namespace northpole::tests::onnxruntime {

using network::ElementType;
using network::Graph;
using network::Node;
using network::Tensor;

namespace {

const std::string script = std::string(NORTHPOLE_SOURCE_DIR) + "/tests/onnxruntime/run_model.js";

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

ElementType type_named(const std::string& name) {
  for (ElementType type :
       {ElementType::float32, ElementType::int8, ElementType::uint8, ElementType::int32, ElementType::int64}) {
    if (network::element_name(type) == name) return type;
  }
  throw std::runtime_error("unexpected element type " + name);
}

void write_inputs(const TemporaryFolder& folder, const Tensors& inputs) {
  nlohmann::json listed = nlohmann::json::array();
  for (const auto& [name, tensor] : inputs) {
    const std::string file = "input" + std::to_string(listed.size()) + ".bin";
    folder.write(file, tensor.bytes);
    listed.push_back(
        {{"name", name}, {"type", network::element_name(tensor.type)}, {"dims", tensor.shape}, {"file", file}});
  }
  folder.write("inputs.json", listed.dump());
}

}  // namespace

std::optional<std::string> missing() {
  if (std::system("node --version >/dev/null 2>&1") != 0) return "node is not installed";
  const std::string look =
      "cd '" + std::string(NORTHPOLE_SOURCE_DIR) + "/setup' && node -e \"require('onnxruntime-node')\" >/dev/null 2>&1";
  if (std::system(look.c_str()) != 0) return "onnxruntime-node is not installed (setup/install brings it)";
  return std::nullopt;
}

namespace {

// The same network with int8 activations as uint8, zero points 128 higher: code - zero point stays what it is. ONNX
// Runtime has integer kernels for these alone on x86. It makes the change itself, except where a value is a network
// output, as all are in this comparison; those operators would run in float.
Graph with_unsigned_activations(Graph graph) {
  for (Node& node : graph.nodes) {
    const bool quantize = node.op == "QuantizeLinear", dequantize = node.op == "DequantizeLinear";
    if ((!quantize && !dequantize) || graph.constant(node.inputs[0])) continue;
    const Tensor& zero_point = *graph.constant(node.inputs[2]);
    if (zero_point.type != ElementType::int8) continue;
    const std::string name = node.inputs[2] + " + 128";
    graph.constants[name] = Tensor::of_integers(ElementType::uint8, {}, {zero_point.integer(0) + 128});
    node.inputs[2] = name;
  }
  network::infer_shapes(graph);
  return graph;
}

// Every QuantizeLinear's output, by the real value that the DequantizeLinear behind it makes of it, from which the
// codes are worked out.
std::map<std::string, const Node*> pairs_of(const Graph& graph) {
  std::map<std::string, const Node*> pairs;
  for (const Node& node : graph.nodes) {
    if (node.op != "DequantizeLinear") continue;
    const auto producer = graph.producer(node.inputs[0]);
    if (producer && graph.nodes[*producer].op == "QuantizeLinear") pairs[node.outputs[0]] = &node;
  }
  return pairs;
}

Tensor codes_of(const Graph& graph, const Node& dequantize_linear, const Tensor& real) {
  const float scale = graph.constant(dequantize_linear.inputs[1])->data<float>()[0];
  const std::int64_t zero_point = graph.constant(dequantize_linear.inputs[2])->integer(0);
  std::vector<std::int64_t> codes;
  for (std::int64_t i = 0; i < real.size(); ++i)
    codes.push_back(std::lround(real.data<float>()[i] / scale) + zero_point);
  return Tensor::of_integers(graph.values.at(dequantize_linear.inputs[0]).type, real.shape, codes);
}

}  // namespace

Tensors run_file(const std::string& path, const Tensors& inputs, const std::string& optimization) {
  const TemporaryFolder folder;
  write_inputs(folder, inputs);
  const std::string command = "node '" + script + "' '" + path + "' '" + folder.path() + "' " + optimization + " >'" +
                              folder.path("said") + "' 2>&1";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("ONNX Runtime: " + contents(folder.path("said")));
  Tensors outputs;
  for (const auto& listed : nlohmann::json::parse(contents(folder.path("outputs.json")))) {
    const std::string bytes = contents(folder.path(listed.at("file"))), name = listed.at("name");
    outputs[name] = {type_named(listed.at("type")), listed.at("dims"), {bytes.begin(), bytes.end()}};
  }
  return outputs;
}

Tensors run(const Graph& graph, const Tensors& inputs, const std::string& optimization) {
  Graph with_codes = with_unsigned_activations(graph);
  const auto pairs = pairs_of(graph);
  for (const auto& [real, node] : pairs) {
    if (!graph.is_output(real)) with_codes.outputs.push_back(graph.values.at(real));
  }
  const TemporaryFolder folder;
  onnx::write_onnx(with_codes, folder.path("model.onnx"));
  Tensors outputs = run_file(folder.path("model.onnx"), inputs, optimization);
  for (const auto& [real, node] : pairs) outputs[node->inputs[0]] = codes_of(graph, *node, outputs.at(real));
  return outputs;
}

Graph operator_of(const Graph& graph, const Node& quantize_linear) {
  Graph part;
  part.source = graph.source;
  part.opset = graph.opset;
  part.outputs = {graph.values.at(quantize_linear.outputs[0])};
  std::set<std::size_t> nodes;
  std::set<std::string> inputs;
  std::vector<std::string> open = quantize_linear.inputs;
  while (!open.empty()) {
    const std::string value = open.back();
    open.pop_back();
    if (const Tensor* constant = graph.constant(value)) {
      part.constants[value] = *constant;
      continue;
    }
    const auto producer = graph.producer(value);
    if (!producer || graph.nodes[*producer].op == "QuantizeLinear") {
      if (inputs.insert(value).second) part.inputs.push_back(graph.values.at(value));
    } else if (nodes.insert(*producer).second) {
      open.insert(open.end(), graph.nodes[*producer].inputs.begin(), graph.nodes[*producer].inputs.end());
    }
  }
  for (std::size_t node : nodes) part.nodes.push_back(graph.nodes[node]);
  part.nodes.push_back(quantize_linear);
  network::infer_shapes(part);
  return part;
}

std::map<std::string, Share> compare_operators(const Graph& graph, const Tensors& computed, const Tensors& inputs) {
  std::map<std::string, Share> shares;
  for (const Node& node : graph.nodes) {
    if (node.op != "QuantizeLinear" || graph.constant(node.inputs[0])) continue;
    const Graph part = operator_of(graph, node);
    std::string name;
    Tensors given;
    for (const Node& inner : part.nodes) {
      if (inner.op != "DequantizeLinear" && inner.op != "QuantizeLinear") name += (name.empty() ? "" : "+") + inner.op;
    }
    if (name.empty()) name = "QuantizeLinear";
    for (const network::Port& port : part.inputs) {
      given[port.name] = inputs.count(port.name) != 0 ? inputs.at(port.name) : computed.at(port.name);
    }
    const reference::QuantizedInterpreter interpreter(part, reference::Precision::fp32);
    const Tensor ours = interpreter.run(given).at(node.outputs[0]);
    const Tensor& theirs = computed.at(node.outputs[0]);
    Share& share = shares[name];
    for (std::int64_t i = 0; i < ours.size(); ++i) {
      const std::int64_t step = std::abs(ours.integer(i) - theirs.integer(i));
      ++share.elements;
      share.different += step > 0;
      share.by_more_than_one += step > 1;
    }
  }
  return shares;
}

void add(std::map<std::string, Share>& sum, const std::map<std::string, Share>& more) {
  for (const auto& [name, share] : more) {
    sum[name].elements += share.elements;
    sum[name].different += share.different;
    sum[name].by_more_than_one += share.by_more_than_one;
  }
}

void expect_agreement(const std::map<std::string, Share>& shares) {
  for (const auto& [name, share] : shares) {
    std::printf("  %-20s %10lld elements, %lld differ (%.4f %%), %lld by more than one step\n", name.c_str(),
                static_cast<long long>(share.elements), static_cast<long long>(share.different),
                100.0 * static_cast<double>(share.different) / static_cast<double>(share.elements),
                static_cast<long long>(share.by_more_than_one));
    EXPECT_EQ(share.by_more_than_one, 0) << name;
    const std::string op = name.substr(0, name.find('+'));
    const std::set<std::string> exact{"Conv",    "Gemm", "MatMul", "MaxPool", "Split",
                                      "Reshape", "Pad",  "Slice",  "Resize",  "Transpose"};
    if (exact.count(op) != 0) {
      EXPECT_EQ(share.different, 0) << name;
    }
  }
}

}  // namespace northpole::tests::onnxruntime
