#include "onnx/write_onnx.h"

#include <climits>

#include "network/element_number.h"
#include "network/error.h"
#include "network/infer_shapes.h"
#include "network/normal_form.h"
#include "network/text.h"
#include "onnx/tensor_proto.h"
#include "program/atomic_file.h"

namespace northpole::onnx {
namespace {

using network::Error;
using network::Graph;
using network::Node;
using network::Port;

// The file format version that goes with an opset; 7 is the oldest in which initialisers need not be listed as inputs
// and that every runtime reads.
std::int64_t format_version(std::int64_t opset) {
  if (opset >= 25) return 13;
  if (opset >= 24) return 12;
  if (opset >= 23) return 11;
  if (opset >= 21) return 10;
  if (opset >= 19) return 9;
  return opset >= 15 ? 8 : 7;
}

struct AttributeWriter {
  ::onnx::AttributeProto& proto;
  using Proto = ::onnx::AttributeProto;

  void operator()(std::int64_t value) const {
    proto.set_type(Proto::INT);
    proto.set_i(value);
  }
  void operator()(float value) const {
    proto.set_type(Proto::FLOAT);
    proto.set_f(value);
  }
  void operator()(const std::string& value) const {
    proto.set_type(Proto::STRING);
    proto.set_s(value);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    proto.set_type(Proto::INTS);
    proto.mutable_ints()->Add(values.begin(), values.end());
  }
  void operator()(const std::vector<float>& values) const {
    proto.set_type(Proto::FLOATS);
    proto.mutable_floats()->Add(values.begin(), values.end());
  }
  void operator()(const std::vector<std::string>& values) const {
    proto.set_type(Proto::STRINGS);
    for (const std::string& value : values) proto.add_strings(value);
  }
  void operator()(const network::Tensor& value) const {
    proto.set_type(Proto::TENSOR);
    put_tensor(value, *proto.mutable_t());
  }
};

void write_port(const Port& port, bool with_shape, ::onnx::ValueInfoProto& proto) {
  proto.set_name(port.name);
  auto& tensor = *proto.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(static_cast<std::int32_t>(network::number_of(port.type)));
  if (!with_shape) return;
  tensor.mutable_shape();  // a scalar has a shape without dimensions
  for (const std::int64_t dimension : port.shape) tensor.mutable_shape()->add_dim()->set_dim_value(dimension);
}

void write_node(const Node& node, ::onnx::NodeProto& proto) {
  proto.set_name(node.name);
  proto.set_op_type(node.op);
  if (!node.domain.empty()) proto.set_domain(node.domain);
  for (const std::string& input : node.inputs) proto.add_input(input);
  for (const std::string& output : node.outputs) proto.add_output(output);
  for (const auto& [name, value] : node.attributes) {
    auto& attribute = *proto.add_attribute();
    attribute.set_name(name);
    std::visit(AttributeWriter{attribute}, value);
  }
}

void write_domains(const Graph& graph, ::onnx::ModelProto& model) {
  auto& standard = *model.add_opset_import();
  standard.set_domain("");
  standard.set_version(graph.opset);
  std::map<std::string, int> others;
  for (const Node& node : graph.nodes)
    if (!node.domain.empty()) others[node.domain] = 1;
  for (const auto& [domain, version] : others) {
    auto& import = *model.add_opset_import();
    import.set_domain(domain);
    import.set_version(version);
  }
}

// Types and shapes of the outputs, where they can be known.
void complete_outputs(Graph& graph) {
  try {
    network::infer_shapes(graph);
  } catch (const Error&) {
    graph.values.clear();  // a network with operators of others; it is written with what it declares
  }
}

}  // namespace

std::string onnx_bytes(const Graph& original) {
  Graph graph = network::standard_form(original);
  complete_outputs(graph);
  ::onnx::ModelProto model;
  model.set_ir_version(format_version(graph.opset));
  model.set_producer_name("northpole");
  write_domains(graph, model);
  for (const auto& [key, value] : graph.metadata) {
    auto& entry = *model.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  auto& proto = *model.mutable_graph();
  proto.set_name(graph.name.empty() ? "network" : graph.name);
  for (const Node& node : graph.nodes) write_node(node, *proto.add_node());
  for (const Port& input : graph.inputs) write_port(input, true, *proto.add_input());
  for (const Port& output : graph.outputs)
    write_port(output, !graph.values.empty() || !output.shape.empty(), *proto.add_output());
  for (auto& [name, tensor] : graph.constants) {
    auto& initializer = *proto.add_initializer();
    put_tensor(tensor, initializer);
    initializer.set_name(name);
    tensor = {};  // large networks need not be in memory twice
  }
  if (model.ByteSizeLong() > INT_MAX) throw Error("the network is larger than 2 GiB, which an ONNX file cannot hold");
  std::string bytes;
  model.SerializeToString(&bytes);
  return bytes;
}

void write_onnx(const Graph& graph, const std::filesystem::path& path) {
  std::string bytes;
  try {
    bytes = onnx_bytes(graph);
  } catch (const Error& error) {
    throw Error(path.string() + ": cannot be written: " + error.what());
  }
  program::write_file_atomically(bytes, path.string());
}

}  // namespace northpole::onnx
