// Convolutions and matrix products on codes.
#include "network/add_constant.h"
#include "network/dialects/operator_oriented.h"

namespace northpole::network {
namespace {

constexpr std::int64_t last_axis = -1;

// int32 biases count in steps of input scale times weight scale.
std::string real_bias(Expansion& expansion, const std::string& bias, const std::string& input_scale,
                      const std::string& weight_scale) {
  const std::string step = expansion.add("Mul", {input_scale, weight_scale}, {});
  return expansion.real(bias, step, "", 0);
}

std::string one(Expansion& expansion) {
  return add_constant(expansion.graph, expansion.node.outputs.at(0) + "_one", Tensor::of_floats({}, {1.0F}));
}

void check_channels_first(const Expansion& expansion) {
  if (expansion.node.integer("channels_last", 0) != 0)
    expansion.fail(
        "its channels stand last; export the network before ONNX Runtime rearranges it (optimise offline at "
        "the level 'basic' or 'extended', not 'all')");
}

}  // namespace

void expand_qlinear_conv(Expansion& expansion, const CodeTypes& types) {
  check_channels_first(expansion);
  const std::string x_scale = expansion.required(1, "input scale"), w_scale = expansion.required(4, "weight scale");
  const std::string x = expansion.real(expansion.required(0, "input"), x_scale, expansion.optional(2), 1);
  const std::string w_zero = zero_points_like(expansion, w_scale, expansion.optional(5));
  const std::string w = expansion.real(expansion.required(3, "weights"), w_scale, w_zero, 0);
  std::vector<std::string> inputs{x, w};
  if (expansion.has(8)) inputs.push_back(real_bias(expansion, expansion.node.inputs[8], x_scale, w_scale));
  auto attributes = expansion.node.attributes;
  attributes.erase("channels_last");
  const std::string y = expansion.add("Conv", inputs, attributes);
  expansion.finish_codes(y, expansion.required(6, "output scale"), expansion.optional(7),
                         code_type(expansion, types, 0, 2));
}

void expand_qlinear_matmul(Expansion& expansion, const CodeTypes& types) {
  const std::string a =
      expansion.real(expansion.required(0, "input"), expansion.required(1, "input scale"), expansion.optional(2), 0);
  const std::string b_scale = expansion.required(4, "weight scale");
  const std::string b = expansion.real(expansion.required(3, "weights"), b_scale,
                                       zero_points_like(expansion, b_scale, expansion.optional(5)), last_axis);
  const std::string y = expansion.add("MatMul", {a, b}, {});
  expansion.finish_codes(y, expansion.required(6, "output scale"), expansion.optional(7),
                         code_type(expansion, types, 0, 2));
}

void expand_qgemm(Expansion& expansion, const CodeTypes& types) {
  const Node& node = expansion.node;
  const float alpha = node.real("alpha", 1);
  if (alpha != 1)
    expansion.fail("its alpha is " + std::to_string(alpha) +
                   ", not 1; export the network with Gemm's alpha in the weights");
  const std::string a_scale = expansion.required(1, "input scale"), b_scale = expansion.required(4, "weight scale");
  const std::string a = expansion.real(expansion.required(0, "input"), a_scale, expansion.optional(2), 0);
  const bool turned = node.integer("transB", 0) != 0;
  const std::string b = expansion.real(expansion.required(3, "weights"), b_scale,
                                       zero_points_like(expansion, b_scale, expansion.optional(5)), turned ? 0 : 1);
  std::vector<std::string> inputs{a, b};
  if (expansion.has(6)) inputs.push_back(real_bias(expansion, node.inputs[6], a_scale, b_scale));
  const std::map<std::string, Attribute> attributes{{"transA", node.integer("transA", 0)},
                                                    {"transB", node.integer("transB", 0)}};
  // Without an output scale the result is real.
  if (!expansion.has(7)) return expansion.finish("Gemm", inputs, attributes);
  const std::string y = expansion.add("Gemm", inputs, attributes);
  expansion.finish_codes(y, node.inputs[7], expansion.optional(8), code_type(expansion, types, 0, 2));
}

// The sums of products themselves, as real numbers: their scales stand in the float tail behind.
void expand_conv_integer(Expansion& expansion, const CodeTypes&) {
  const std::string scale = one(expansion);
  const std::string x = expansion.real(expansion.required(0, "input"), scale, expansion.optional(2), 1);
  const std::string w = expansion.real(expansion.required(1, "weights"), scale, expansion.optional(3), 0);
  expansion.finish("Conv", {x, w}, expansion.node.attributes);
}

void expand_matmul_integer(Expansion& expansion, const CodeTypes&) {
  const std::string scale = one(expansion);
  const std::string a = expansion.real(expansion.required(0, "input"), scale, expansion.optional(2), 0);
  const std::string b = expansion.real(expansion.required(1, "weights"), scale, expansion.optional(3), last_axis);
  expansion.finish("MatMul", {a, b}, {});
}

void expand_matmul_integer_to_float(Expansion& expansion, const CodeTypes&) {
  const std::string a =
      expansion.real(expansion.required(0, "input"), expansion.required(2, "input scale"), expansion.optional(4), 0);
  const std::string b_scale = expansion.required(3, "weight scale");
  const std::string b = expansion.real(expansion.required(1, "weights"), b_scale,
                                       zero_points_like(expansion, b_scale, expansion.optional(5)), last_axis);
  if (!expansion.has(6)) return expansion.finish("MatMul", {a, b}, {});
  const std::string product = expansion.add("MatMul", {a, b}, {});
  expansion.finish("Add", {product, expansion.node.inputs[6]}, {});
}

}  // namespace northpole::network
