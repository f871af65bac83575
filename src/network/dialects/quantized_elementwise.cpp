// Everything else on codes: sums, functions, averages, concatenations.
#include "network/dialects/operator_oriented.h"

namespace northpole::network {

void expand_qlinear_binary(Expansion& expansion, const CodeTypes& types) {
  const std::string a = expansion.real(expansion.required(0, "first input"), expansion.required(1, "first scale"),
                                       expansion.optional(2), 1);
  const std::string b = expansion.real(expansion.required(3, "second input"), expansion.required(4, "second scale"),
                                       expansion.optional(5), 1);
  const std::string y = expansion.add(expansion.node.op == "QLinearAdd" ? "Add" : "Mul", {a, b}, {});
  expansion.finish_codes(y, expansion.required(6, "output scale"), expansion.optional(7),
                         code_type(expansion, types, 0, 2));
}

void expand_qlinear_unary(Expansion& expansion, const CodeTypes& types) {
  const Node& node = expansion.node;
  if (node.integer("channels_last", 0) != 0)
    expansion.fail(
        "its channels stand last; export the network before ONNX Runtime rearranges it (optimise offline at "
        "the level 'basic' or 'extended', not 'all')");
  const std::string x =
      expansion.real(expansion.required(0, "input"), expansion.required(1, "input scale"), expansion.optional(2), 1);
  auto attributes = node.attributes;
  attributes.erase("channels_last");
  const std::string y = expansion.add(node.op.substr(std::string("QLinear").size()), {x}, attributes);
  expansion.finish_codes(y, expansion.required(3, "output scale"), expansion.optional(4),
                         code_type(expansion, types, 0, 2));
}

void expand_qlinear_concat(Expansion& expansion, const CodeTypes& types) {
  const Node& node = expansion.node;
  if (node.inputs.size() < 5 || (node.inputs.size() - 2) % 3 != 0)
    expansion.fail("it needs an output scale and zero point, then a tensor, a scale and a zero point for each part");
  std::vector<std::string> parts;
  for (std::size_t i = 2; i < node.inputs.size(); i += 3)
    parts.push_back(expansion.real(expansion.required(i, "part"), expansion.required(i + 1, "part's scale"),
                                   expansion.optional(i + 2), 1));
  const std::string y = expansion.add("Concat", parts, node.attributes);
  expansion.finish_codes(y, expansion.required(0, "output scale"), expansion.optional(1),
                         code_type(expansion, types, 2, 4));
}

void refuse_dynamic(Expansion& expansion, const CodeTypes&) {
  expansion.fail(
      "it measures its scales anew for every picture, which the machine cannot do; quantize statically (ONNX Runtime: "
      "quantize_static with a calibration reader instead of quantize_dynamic)");
}

void refuse_softmax(Expansion& expansion, const CodeTypes&) {
  expansion.fail(
      "a Softmax is left to the host, in float32; quantize without it (ONNX Runtime: nodes_to_exclude, or "
      "op_types_to_quantize without Softmax)");
}

}  // namespace northpole::network
