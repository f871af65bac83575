// THE reference: a plain integer interpreter of a quantized (QDQ) network, which does what docs/numerics.md says to the
// bit. It shares no code with the compiler or the machine, whose results are compared with this one's.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "network/graph.h"
#include "reference/half.h"
#include "reference/quantized_tensor.h"

namespace northpole::reference {

class QuantizedInterpreter {
 public:
  // Tensors by value name.
  using Tensors = std::map<std::string, network::Tensor>;
  // Sees every quantized activation under the name of its QuantizeLinear's output (a network input that is quantized
  // already: under its own), in the order of the nodes.
  using Visitor = std::function<void(const std::string& name, const QuantizedTensor& value)>;

  // graph: as prepared() gives it (network/prepare.h).
  // Throws Error naming the node for a network that docs/numerics.md gives no meaning: an operator without a
  // QuantizeLinear behind it, weights that are not quantized, accumulators that could exceed int32, ratios of scales
  // that overflow or vanish.
  QuantizedInterpreter(network::Graph graph, Precision precision);
  QuantizedInterpreter(const QuantizedInterpreter&) = delete;
  QuantizedInterpreter& operator=(const QuantizedInterpreter&) = delete;

  const network::Graph& graph() const { return graph_; }

  // One tensor of the right type and shape for each network input; gives the network's outputs. May be called from
  // several threads at once. Throws Error for a missing or misshapen input.
  Tensors run(const Tensors& inputs, const Visitor& visit = {}) const;

 private:
  // What a run has computed so far.
  struct State {
    const Tensors& inputs;
    const Visitor& visit;
    std::vector<QuantizedTensor> slots;
    Tensors host;  // float values on the host
  };
  // A quantized activation: where a run keeps it, and what its codes mean.
  struct Slot {
    std::size_t index = 0;
    Quantization quantization;
  };
  using Step = std::function<void(State&)>;

  void plan(const network::Node& node);
  void plan_quantize(const network::Node& node);
  void plan_dequantize(const network::Node& node);
  void plan_movement(const network::Node& node);
  void plan_host(const network::Node& node);
  void plan_output(const network::Port& port);
  Slot new_slot(const Quantization& quantization) { return {slots_++, quantization}; }
  bool on_host(const std::string& value) const;
  // Makes sure that the float value is on the host, dequantizing it if need be.
  void bring_to_host(const std::string& value);
  void check_all_used() const;

  network::Graph graph_;
  Precision precision_;
  std::vector<Step> steps_;
  std::size_t slots_ = 0;
  std::map<std::string, Slot> carried_;   // value (codes or their real values) to the slot that holds it
  std::map<std::string, bool> host_;      // float values on the host
  std::map<std::string, bool> awaiting_;  // outputs of operators: true once a QuantizeLinear has taken them
};

}  // namespace northpole::reference
