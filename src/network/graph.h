// The graph of a network: nodes in topological order over named values.
//
// It is the form in which the reader hands a network on, and in which every rewrite, the quantizer, the
// reference interpreter and the lowering to machine layers see it. It knows nothing of ONNX files, of the
// machine, or of how it will be executed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "network/tensor.h"

namespace northpole::network {

using Attribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>,
                               std::vector<float>, std::vector<std::string>, Tensor>;

struct Node {
  std::string name;      // unique and never empty once the graph was read (the reader makes one up from the output)
  std::string op;        // ONNX operator name: "Conv", "QuantizeLinear", ...
  std::string domain;    // "" for the standard operators
  std::vector<std::string> inputs;   // value names; "" marks an optional input left out
  std::vector<std::string> outputs;  // value names; "" marks an output nobody uses
  std::map<std::string, Attribute> attributes;

  bool has(const std::string& attribute) const { return attributes.count(attribute) != 0; }
  // The attribute, or the default; throws Error naming the node when it has another type.
  std::int64_t integer(const std::string& attribute, std::int64_t otherwise) const;
  float real(const std::string& attribute, float otherwise) const;
  std::string text(const std::string& attribute, const std::string& otherwise) const;
  std::vector<std::int64_t> integers(const std::string& attribute, std::vector<std::int64_t> otherwise) const;
  // "node 'layer1/conv' (Conv)": how every message names a node.
  std::string described() const;
};

// An input or output of the network. A dynamic batch (or an unnamed dimension) is read as 1.
struct Port {
  std::string name;
  ElementType type = ElementType::float32;
  Shape shape;
};

struct Graph {
  std::string name;
  std::string source;  // the file it was read from, for messages; may be empty
  std::int64_t opset = 17;
  std::vector<Port> inputs;   // initialisers listed as inputs by old exporters are not among them
  std::vector<Port> outputs;
  std::vector<Node> nodes;    // topological order
  std::map<std::string, Tensor> constants;  // initialisers and everything folded
  // Free key/value pairs of the file. Keys of this project start with "northpole."; how a picture becomes
  // the input is kept under "northpole.picture" (see data/picture_transform.h), class names under "northpole.classes".
  std::map<std::string, std::string> metadata;

  // Type and shape of every value, filled by infer_shapes().
  std::map<std::string, Port> values;

  const Tensor* constant(const std::string& value) const {
    auto found = constants.find(value);
    return found == constants.end() ? nullptr : &found->second;
  }
  // Index of the node that produces the value, or nothing (an input or a constant).
  std::optional<std::size_t> producer(const std::string& value) const;
  // Indices of the nodes that read the value, in order.
  std::vector<std::size_t> consumers(const std::string& value) const;
  bool is_output(const std::string& value) const;
};

// "file.onnx: node 'x' (Conv): " prefix for an Error about a node of this graph.
std::string place(const Graph& graph, const Node& node);

}  // namespace northpole::network
