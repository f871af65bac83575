// The network's outputs, and what the host makes of the first of them.
#include <algorithm>

#include "lower/lowering.h"
#include "network/error.h"

namespace northpole::lower {

using network::Node;

void Lowering::visit_on_host(const Node& node) {
  HostValue value;
  const std::size_t activation = graph_.constant(node.inputs[0]) != nullptr ? 1 : 0;  // of Sub it may be the second
  const std::string& input = node.inputs.at(activation);
  if (auto found = host_values_.find(input); found != host_values_.end())
    value = found->second;
  else if (has_view(input))
    value.base = input;
  else
    refuse(node, "it runs on the host at the end of the network only, on a quantized value");
  if (node.op == "Reshape") {
    value.reshaped = true;
  } else if (node.op != "Softmax" && node.op != "ArgMax") {
    for (program::HostOperation& operation : host_operations_of(node)) {
      if (value.reshaped && operation.op != "Clip" && operation.values.size() != 1)
        refuse(node, "a Reshape between operators that run on the host is not supported");
      value.operations.push_back(std::move(operation));
    }
  } else {
    if (value.reshaped) refuse(node, "a Reshape between operators that run on the host is not supported");
    value.operations.push_back({node.op, node.integer("axis", node.op == "Softmax" ? -1 : 0), {}});
  }
  host_values_[node.outputs[0]] = value;
}

void Lowering::finish_outputs() {
  for (const auto& port : graph_.outputs) {
    std::string value = port.name;
    if (auto found = host_values_.find(value); found != host_values_.end()) {
      if (!result_.outputs.empty())
        throw Error(graph_.source + ": output '" + port.name + "' is made by " + found->second.operations.back().op +
                    " on the host, which is supported for the first output only");
      value = found->second.base;
      result_.host_operations = found->second.operations;
    }
    if (!has_view(value)) {
      if (auto found = pending_.find(value); found != pending_.end() && found->second.node != nullptr)
        refuse(*found->second.node, "no QuantizeLinear follows it; quantize the network first (northpole quantize)");
      throw Error(graph_.source + ": output '" + port.name +
                  "' is not quantized; quantize the network first (northpole quantize)");
    }
    const ElementView& elements = views_.at(value);
    Node describing;
    describing.name = port.name;
    describing.op = "output";
    current_output_ = port.name;
    FrameOutput output;
    output.name = port.name;
    // Only the order of elements matters to the host: what a matrix product made is put out as the vector that it is.
    ElementView stored = elements;
    const std::int64_t count = network::element_count(elements.shape);
    if (std::count(elements.shape.begin(), elements.shape.end(), count) != 0 &&
        !factorize(elements, result_.tensors, {0, 0, 0, 0}, padding_code(elements)))
      stored.shape = {count};
    extent_of(describing, stored);
    output.view = canonical(describing, stored);
    program::FrameLayout& layout = output.layout;
    layout.tensor = port.name;
    layout.channels = static_cast<std::uint32_t>(output.view.channels);
    layout.tensor_height = layout.height = static_cast<std::uint32_t>(output.view.height);
    layout.tensor_width = layout.width = static_cast<std::uint32_t>(output.view.width);
    layout.blocks = static_cast<std::uint32_t>(output.view.blocks.size());
    for (std::uint32_t lane = 0; lane < layout.blocks * static_cast<std::uint32_t>(output.view.block_channels()); ++lane) {
      layout.channel.push_back(lane < layout.channels ? static_cast<std::int32_t>(lane) : -1);
      layout.offset_y.push_back(0);
      layout.offset_x.push_back(0);
    }
    layout.shape = elements.shape;
    layout.is_signed = elements.quantization.is_signed;
    layout.bits = static_cast<std::uint8_t>(elements.quantization.bits);
    layout.scale = elements.quantization.scale;
    layout.zero_point = elements.quantization.zero_point;
    result_.outputs.push_back(std::move(output));
  }
  if (result_.outputs.empty()) throw Error(graph_.source + ": the network has no output");
}

}  // namespace northpole::lower
