// The walk over the graph, and what it knows on the way. Private to src/lower.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lower/element_view.h"
#include "lower/factorize.h"
#include "lower/layer.h"
#include "lower/linear_layer.h"
#include "lower/lower.h"
#include "lower/quantization_of.h"
#include "network/graph.h"

namespace northpole::lower {

// An operator whose result waits for its QuantizeLinear, with the Relu and Clips in between.
struct Pending {
  const network::Node* node = nullptr;  // nullptr: the views themselves, to be requantized
  std::vector<ElementView> views;       // nullptr node: one; Concat: its inputs
  float lowest = -std::numeric_limits<float>::infinity();
  float highest = std::numeric_limits<float>::infinity();
  bool narrowed = false;
};

// A value that the host makes from the network's output.
struct HostValue {
  std::string base;  // the dequantized value it starts from
  std::vector<program::HostOperation> operations;
  bool reshaped = false;  // since the last of them
};

// Output codes of a quantized result, narrowed by what stands between operator and QuantizeLinear.
struct CodeRange {
  std::int32_t lowest, highest;
};

class Lowering {
 public:
  Lowering(const network::Graph& graph, const chip::ChipDescription& chip, const Options& options)
      : graph_(graph), chip_(chip), options_(options) {}
  LayerGraph run();

 private:
  // lower.cpp: the walk
  void visit(const network::Node& node);
  void quantize(const network::Node& node);
  void quantize_input(const network::Node& node);
  void input_codes(const network::Node& node);
  // The network's input as the host writes it, under the name of its codes.
  void take_input(const network::Node& node, const std::string& codes, const Quantization& q);
  std::int32_t add_tensor(const std::string& name, const network::Node& node, const network::Shape& shape,
                          const Quantization& q, bool in_graph);
  void add_layer(Layer layer, std::int32_t output);
  void check_size(const network::Node& node, const network::Shape& shape) const;
  void check_constant(const network::Node& node, float value, const char* what) const;
  float rounded(float value) const;  // to the vector precision
  [[noreturn]] void refuse(const network::Node& node, const std::string& why) const;

  // host.cpp
  void visit_before_quantization(const network::Node& node);
  // Add, Sub, Mul, Relu, Clip or MatMul with constants, of values of that shape.
  std::vector<program::HostOperation> host_operations_of(const network::Node& node) const;

  // outputs.cpp
  void visit_on_host(const network::Node& node);
  void finish_outputs();

  // views.cpp
  bool has_view(const std::string& value) const { return views_.count(value) != 0; }
  // The view of the node's input; Error when the value has not been quantized.
  const ElementView& view_of(const network::Node& node, std::size_t input) const;
  Extent extent_of(const network::Node& node, const ElementView& view) const;  // Error when it has none
  std::int32_t padding_code(const ElementView& view) const;
  void check_padded_size(const network::Node& node, const ElementView& view,
                         const std::vector<std::int64_t>& pads) const;
  // rows x columns x channels; a helper layer stores the view first when it is not, or not canonical.
  View factorized(const network::Node& node, const ElementView& view, const std::vector<std::int64_t>& pads,
                  std::int32_t padding);
  View canonical(const network::Node& node, const ElementView& view);
  View canonical(const network::Node& node, const ElementView& view, const std::vector<std::int64_t>& pads,
                 std::int32_t padding);
  // That helper layer: the same elements, stored in order.
  ElementView materialize(const network::Node& node, const ElementView& view);
  // The same elements in stored tensors of that width (a power of two above the view's); tensors that several nodes
  // need wider are stored once.
  ElementView widened(const network::Node& node, const ElementView& view, std::int32_t bits);
  // A move's result; padded inputs are stored first where the result's padding would hold several codes.
  ElementView moved(const network::Node& node, std::vector<ElementView> inputs);

  // linear_operators.cpp
  Layer convolution(const network::Node& node, const Quantization& output, CodeRange range);
  Layer matrix_product(const network::Node& node, const Quantization& output, CodeRange range);
  Layer average(const network::Node& node, const Quantization& output, CodeRange range);
  // The node's first input, stored wider where the weights do not fit into elements of its width.
  ElementView input_for(const network::Node& node, const QuantizedConstant& weights);
  // Bits of weights that the compiler makes up (0 and 1), for activations of that width.
  std::int32_t bits_of_ones(const Quantization& activations) const;
  // The node's third input as what is added to the sums or, after scaling, to what they give; needs its output.
  void set_bias(LinearSpecification& from, const network::Node& node, const QuantizedConstant& weights,
                float input_scale) const;

  // vector_operators.cpp
  Layer binary(const network::Node& node, const Quantization& output, CodeRange range);
  Layer unary(const network::Node& node, const Quantization& output, CodeRange range);
  Layer maximum(const network::Node& node, const Quantization& output, CodeRange range);
  Layer elementwise(const network::Node& node, View input, const Quantization& output, CodeRange range) const;
  Layer requantized(const network::Node& node, View view, const Quantization& output, CodeRange range) const;
  isa::VectorFunction memory_function(const Quantization& input, const Quantization& output, CodeRange range) const;

  // input_packing.cpp
  void pack_input(Layer& layer);
  bool alone_on_input() const;

  const network::Graph& graph_;
  const chip::ChipDescription& chip_;
  const Options options_;
  LayerGraph result_;
  std::map<std::string, ElementView> views_;  // codes and dequantized values alike
  std::map<std::string, Pending> pending_;
  std::map<std::string, HostValue> host_values_;
  std::map<std::string, std::vector<program::HostOperation>> input_operations_;  // by value between input and codes
  std::map<std::pair<std::int32_t, std::int32_t>, std::int32_t> wide_copies_;  // by tensor and bits
  std::string current_output_;                                                 // QuantizeLinear output being made
};

}  // namespace northpole::lower
