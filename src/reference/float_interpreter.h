// A float network in float32, picture by picture: what calibration and the accuracy of the float network are measured
// with. Every run of the same network on the same picture gives the same bits, on every host of the same C library.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "network/graph.h"
#include "reference/float_operators.h"

namespace northpole::reference {

class FloatInterpreter {
 public:
  // Tensors by value name.
  using Tensors = std::map<std::string, network::Tensor>;
  // Sees every value as soon as it is computed: the inputs first, then the nodes' outputs in order.
  using Visitor = std::function<void(const std::string& name, const network::Tensor& value)>;

  // graph: as prepared() gives it (network/prepare.h). QuantizeLinear and DequantizeLinear are evaluated in float, as
  // ONNX defines them, on activations and biases; weights must be float constants.
  // Throws Error naming the node for what it cannot run.
  explicit FloatInterpreter(network::Graph graph);
  FloatInterpreter(const FloatInterpreter&) = delete;
  FloatInterpreter& operator=(const FloatInterpreter&) = delete;

  const network::Graph& graph() const { return graph_; }

  // One tensor of the right type and shape for each network input; gives the network's outputs. May be called from
  // several threads at once. Throws Error for a missing or misshapen input.
  Tensors run(const Tensors& inputs, const Visitor& visit = {}) const;

 private:
  network::Graph graph_;
  std::vector<FloatOperator> operators_;              // one a node
  std::vector<std::vector<std::string>> last_reads_;  // values that nobody reads after the node
};

// Throws Error unless `inputs` holds a tensor of the right type and shape for every input of the graph.
void check_inputs(const network::Graph& graph, const std::map<std::string, network::Tensor>& inputs);

}  // namespace northpole::reference
