#include "reference/quantized_interpreter.h"

#include "network/error.h"
#include "network/host_share.h"
#include "network/rewrites.h"
#include "reference/float_interpreter.h"
#include "reference/float_operators.h"
#include "reference/movement.h"
#include "reference/quantized_constants.h"
#include "reference/quantized_operators.h"

namespace northpole::reference {

using network::ElementType;
using network::Node;
using network::Tensor;

namespace {

// The quantization that the scale and zero point of a QuantizeLinear or DequantizeLinear give its codes.
Quantization quantization_of(const network::Graph& graph, const Node& node, ElementType type) {
  const Tensor* scale = graph.constant(node.inputs[1]);
  const Tensor* zero_point = graph.constant(node.inputs[2]);
  if (!scale || !zero_point || scale->size() != 1 || zero_point->size() != 1) {
    throw Error(network::place(graph, node) +
                "an activation needs one constant scale and zero point for the whole tensor");
  }
  if (!network::is_quantized_type(type)) {
    throw Error(network::place(graph, node) + "activations of type " + std::string(network::element_name(type)) +
                " are not supported; quantize to at most 8 bit");
  }
  if (!(scale->data<float>()[0] > 0)) throw Error(network::place(graph, node) + "the scale must be positive");
  return {type, scale->data<float>()[0], static_cast<std::int32_t>(zero_point->integer(0))};
}

bool is_clamp(const Node& node) { return node.op == "Relu" || node.op == "Clip"; }

Tensor dequantized(const QuantizedTensor& tensor, const network::Shape& shape) {
  Tensor real = Tensor::zeros(ElementType::float32, shape);
  const auto& [type, scale, zero_point] = tensor.quantization;
  for (std::size_t i = 0; i < tensor.codes.size(); ++i) {
    real.data<float>()[i] = static_cast<float>(tensor.codes[i] - zero_point) * scale;
  }
  return real;
}

}  // namespace

QuantizedInterpreter::QuantizedInterpreter(network::Graph graph, Precision precision)
    : graph_(std::move(graph)), precision_(precision) {
  network::quantize_constants(graph_);
  for (const network::Port& port : graph_.inputs) {
    if (port.type == ElementType::float32) host_[port.name] = true;
  }
  for (const Node& node : graph_.nodes) plan(node);
  for (const network::Port& port : graph_.outputs) plan_output(port);
  check_all_used();
}

void QuantizedInterpreter::plan(const Node& node) {
  if (node.op == "QuantizeLinear") return plan_quantize(node);
  if (node.op == "DequantizeLinear") return plan_dequantize(node);
  if (node.op == "Softmax" || node.op == "ArgMax" || network::is_before_quantization(graph_, node) ||
      network::is_behind_quantization(graph_, node))
    return plan_host(node);
  if (is_movement(node.op)) return plan_movement(node);
  for (const std::string& output : node.outputs) awaiting_[output] = false;
}

void QuantizedInterpreter::plan_dequantize(const Node& node) {
  const std::string& codes = node.inputs[0];
  if (graph_.constant(codes)) return;  // operators look their constants up themselves
  if (auto found = carried_.find(codes); found != carried_.end()) {
    const Quantization named = quantization_of(graph_, node, found->second.quantization.type);
    carried_[node.outputs[0]] = found->second;
    if (named == found->second.quantization) return;
    // The codes are read with another meaning than they were written with.
    const Slot from = found->second, to = carried_[node.outputs[0]] = new_slot(named);
    steps_.push_back([from, to](State& state) {
      state.slots[to.index] = state.slots[from.index];
      state.slots[to.index].quantization = to.quantization;
    });
    return;
  }
  for (const network::Port& port : graph_.inputs) {
    if (port.name != codes) continue;
    const Slot slot = carried_[codes] = carried_[node.outputs[0]] = new_slot(quantization_of(graph_, node, port.type));
    steps_.push_back([slot, codes](State& state) {
      const Tensor& given = state.inputs.at(codes);
      QuantizedTensor& tensor = state.slots[slot.index] = {slot.quantization, given.shape, {}};
      const ElementType type = slot.quantization.type;
      for (std::int64_t i = 0; i < given.size(); ++i) {
        const std::int64_t code = given.integer(i);
        if (code < network::lowest_code(type) || code > network::highest_code(type))
          throw Error("network input '" + codes + "' holds " + std::to_string(code) + ", which is no " +
                      std::string(network::element_name(type)));
        tensor.codes.push_back(static_cast<std::int16_t>(code));
      }
      if (state.visit) state.visit(codes, tensor);
    });
    return;
  }
  throw Error(network::place(graph_, node) + "its input '" + codes + "' is neither quantized nor a constant");
}

void QuantizedInterpreter::plan_movement(const Node& node) {
  if (on_host(node.inputs[0])) return plan_host(node);
  std::vector<Slot> slots;
  for (const std::string& input : node.inputs) {
    auto found = carried_.find(input);
    if (found == carried_.end()) {
      throw Error(network::place(graph_, node) + "its input '" + input +
                  "' is not quantized: put a QuantizeLinear and a DequantizeLinear before it");
    }
    slots.push_back(found->second);
    if (slots.back().quantization == slots[0].quantization) continue;
    awaiting_[node.outputs[0]] = false;  // a Concat that requantizes into what stands behind it
    return;
  }
  const Quantization quantization = slots[0].quantization;
  const auto padded = static_cast<std::int16_t>(quantized(node.real("value", 0), quantization));
  const std::vector<Movement> movements = movements_of(graph_, node);
  for (std::size_t i = 0; i < movements.size(); ++i) {
    if (node.outputs[i].empty()) continue;
    const Slot to = carried_[node.outputs[i]] = new_slot(quantization);
    steps_.push_back([slots, to, padded, movement = movements[i]](State& state) {
      std::vector<std::pair<const std::int16_t*, std::int64_t>> inputs;
      for (const Slot& slot : slots) {
        const auto& codes = state.slots[slot.index].codes;
        inputs.emplace_back(codes.data(), static_cast<std::int64_t>(codes.size()));
      }
      QuantizedTensor& moved = state.slots[to.index] = {to.quantization, movement.shape, {}};
      moved.codes.resize(static_cast<std::size_t>(network::element_count(movement.shape)));
      movement.apply(inputs, padded, moved.codes.data());
    });
  }
}

void QuantizedInterpreter::plan_quantize(const Node& node) {
  const std::string& output = node.outputs[0];
  const network::Shape& shape = graph_.values.at(output).shape;
  Target target(quantization_of(graph_, node, graph_.values.at(output).type), precision_);
  // Back over the clamps to the operator, the carried codes or the host's value that they clamp.
  std::string value = node.inputs[0];
  std::vector<const Node*> clamps;
  std::optional<std::size_t> producer;
  while (carried_.count(value) == 0 && (producer = graph_.producer(value)) && is_clamp(graph_.nodes[*producer])) {
    awaiting_[value] = true;
    clamps.insert(clamps.begin(), &graph_.nodes[*producer]);
    value = graph_.nodes[*producer].inputs[0];
  }
  for (const Node* clamp : clamps) target.narrow(*clamp);
  const Slot to = new_slot(target.quantization);
  auto written = [to, shape, output](State& state, const auto& compute) {
    QuantizedTensor& tensor = state.slots[to.index] = {to.quantization, shape, {}};
    tensor.codes.resize(static_cast<std::size_t>(network::element_count(shape)));
    compute(tensor.codes.data());
    if (state.visit) state.visit(output, tensor);
  };
  if (auto found = carried_.find(value); found != carried_.end()) {
    const Slot from = found->second;
    const Site site{graph_, node, {from.quantization}, shape, target};
    steps_.push_back([=, run = make_requantize(from.quantization, network::element_count(shape), site)](State& state) {
      written(state, [&](std::int16_t* codes) { run({&state.slots[from.index]}, codes); });
    });
  } else if (host_.count(value) != 0) {
    steps_.push_back([=](State& state) {
      auto computed = state.host.find(value);
      const float* real = (computed != state.host.end() ? computed->second : state.inputs.at(value)).data<float>();
      written(state, [&](std::int16_t* codes) {
        for (std::int64_t i = 0, size = network::element_count(shape); i < size; ++i) {
          codes[i] = target.code(real[i] / target.quantization.scale);
        }
      });
    });
  } else {
    if (!producer) throw Error(network::place(graph_, node) + "quantizes a constant that an operator cannot use");
    const Node& op = graph_.nodes[*producer];
    awaiting_[value] = true;
    Site site{graph_, op, {}, shape, target};
    std::vector<std::optional<std::size_t>> slots;
    for (const std::string& input : op.inputs) {
      auto found = carried_.find(input);
      site.inputs.push_back(found == carried_.end() ? std::nullopt : std::optional(found->second.quantization));
      slots.push_back(found == carried_.end() ? std::nullopt : std::optional(found->second.index));
    }
    steps_.push_back([=, run = make_quantized_operator(site)](State& state) {
      std::vector<const QuantizedTensor*> inputs;
      for (const auto& slot : slots) inputs.push_back(slot ? &state.slots[*slot] : nullptr);
      written(state, [&](std::int16_t* codes) { run(inputs, codes); });
    });
  }
  carried_[output] = to;
}

bool QuantizedInterpreter::on_host(const std::string& value) const { return host_.count(value) != 0; }

void QuantizedInterpreter::bring_to_host(const std::string& value) {
  if (on_host(value) || graph_.constant(value)) return;
  auto found = carried_.find(value);
  if (found == carried_.end()) {
    const auto producer = graph_.producer(value);
    const std::string place = producer ? network::place(graph_, graph_.nodes[*producer]) : graph_.source + ": ";
    throw Error(place + "its output '" + value + "' has no QuantizeLinear behind it: quantize the network first");
  }
  host_[value] = true;
  steps_.push_back([value, slot = found->second, shape = graph_.values.at(value).shape](State& state) {
    state.host[value] = dequantized(state.slots[slot.index], shape);
  });
}

void QuantizedInterpreter::plan_host(const Node& node) {
  for (const std::string& input : node.inputs) bring_to_host(input);
  for (const std::string& output : node.outputs) host_[output] = true;
  steps_.push_back([this, &node, run = make_float_operator(graph_, node)](State& state) {
    std::vector<const Tensor*> inputs;
    for (const std::string& input : node.inputs) {
      if (const Tensor* constant = graph_.constant(input)) {
        inputs.push_back(constant);
        continue;
      }
      auto found = state.host.find(input);
      inputs.push_back(found != state.host.end() ? &found->second : &state.inputs.at(input));
    }
    std::vector<Tensor> outputs = run(inputs);
    for (std::size_t i = 0; i < outputs.size(); ++i) state.host[node.outputs[i]] = std::move(outputs[i]);
  });
}

void QuantizedInterpreter::plan_output(const network::Port& port) {
  if (port.type == ElementType::float32 || on_host(port.name)) return bring_to_host(port.name);
  auto found = carried_.find(port.name);
  if (found == carried_.end()) throw Error(graph_.source + ": network output '" + port.name + "' is not quantized");
  steps_.push_back([name = port.name, slot = found->second](State& state) {
    const QuantizedTensor& tensor = state.slots[slot.index];
    state.host[name] =
        Tensor::of_integers(slot.quantization.type, tensor.shape, {tensor.codes.begin(), tensor.codes.end()});
  });
}

void QuantizedInterpreter::check_all_used() const {
  for (const auto& [value, used] : awaiting_) {
    if (used) continue;
    const Node& node = graph_.nodes[*graph_.producer(value)];
    throw Error(network::place(graph_, node) + "has no QuantizeLinear behind it: quantize the network first");
  }
}

QuantizedInterpreter::Tensors QuantizedInterpreter::run(const Tensors& inputs, const Visitor& visit) const {
  check_inputs(graph_, inputs);
  State state{inputs, visit, std::vector<QuantizedTensor>(slots_), {}};
  for (const Step& step : steps_) step(state);
  Tensors outputs;
  for (const network::Port& port : graph_.outputs) {
    auto computed = state.host.find(port.name);
    outputs[port.name] = computed != state.host.end() ? computed->second : inputs.at(port.name);
  }
  return outputs;
}

}  // namespace northpole::reference
