// A small float network in which every operator that is computed or moved occurs, with seeded random weights.
#pragma once

#include <random>

#include "network/prepare.h"
#include "support/network_builder.h"

namespace northpole::tests {

class EveryOperator : private network::NetworkBuilder {
 public:
  explicit EveryOperator(unsigned seed) : NetworkBuilder(17), random_(seed) {
    graph.source = "every-operator.onnx";
    input("picture", {1, 3, 12, 12});
    convolution("picture", "stem", {16, 3, 3, 3}, {{"pads", Ints{1, 1, 1, 1}}});
    node("Relu", {"stem"}, {"stem_relu"});
    node("MaxPool", {"stem_relu"}, {"pooled"}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
    convolution("pooled", "depthwise", {16, 1, 3, 3}, {{"pads", Ints{1, 1, 1, 1}}, {"group", std::int64_t{16}}});
    floats("zero", {}, {0.0f}).floats("six", {}, {6.0f}).node("Clip", {"depthwise", "zero", "six"}, {"clipped"});
    convolution("clipped", "left", {8, 16, 1, 1}, {});
    convolution("pooled", "right", {8, 16, 1, 1}, {});
    node("Add", {"left", "right"}, {"sum"}).node("LeakyRelu", {"sum"}, {"leaky"}, {{"alpha", 0.1f}});
    node("Sub", {"left", "leaky"}, {"difference"}).node("HardSwish", {"difference"}, {"swished"});
    squeeze_and_excite();
    node("Concat", {"gated", "hard_gated"}, {"joined"}, {{"axis", std::int64_t{1}}});
    values("by_channel", {16, 1, 1}, 0.5f).node("Add", {"joined", "by_channel"}, {"shifted"});
    values("factors", {16, 1, 1}, 1.0f).node("Mul", {"shifted", "factors"}, {"scaled"});
    integers("halves", {8, 8}).node("Split", {"scaled", "halves"}, {"first", "second"}, {{"axis", std::int64_t{1}}});
    pools();
    node("Concat", {"with_padding", "without_padding"}, {"all_pools"}, {{"axis", std::int64_t{1}}});
    convolution(
        "all_pools", "dilated", {8, 8, 3, 3},
        {{"pads", Ints{2, 2, 2, 2}}, {"dilations", Ints{2, 2}}, {"strides", Ints{2, 2}}, {"group", std::int64_t{2}}});
    floats("no_region", {0}, {}).floats("sizes", {4}, {1, 1, 2, 2});
    node("Resize", {"dilated", "no_region", "sizes"}, {"enlarged"}, {{"mode", std::string("nearest")}});
    integers("margins", {0, 0, 1, 0, 0, 0, 0, 1}).node("Pad", {"enlarged", "margins"}, {"padded"});
    integers("from", {0}).integers("to", {4}).integers("axis", {3});
    node("Slice", {"padded", "from", "to", "axis"}, {"sliced"});
    node("Transpose", {"sliced"}, {"turned"}, {{"perm", Ints{0, 1, 3, 2}}});
    node("ReduceMean", {"turned"}, {"means"}, {{"axes", Ints{2, 3}}, {"keepdims", std::int64_t{0}}});
    node("Flatten", {"turned"}, {"flat"});
    const std::int64_t features = 8 * 4 * 5;
    values("dense_w", {features, 12}, 0.2f).values("dense_b", {12}, 0.5f);
    node("Gemm", {"flat", "dense_w", "dense_b"}, {"dense"});
    values("mixer", {8, 12}, 0.5f).node("MatMul", {"means", "mixer"}, {"mixed"});
    node("Add", {"dense", "mixed"}, {"logits"}).node("Softmax", {"logits"}, {"shares"}, {{"axis", std::int64_t{1}}});
    output("shares").output("logits");
  }

  network::Graph prepared() const { return network::prepared(graph); }

  // A picture for it.
  std::map<std::string, network::Tensor> picture(unsigned index) const {
    std::mt19937 random(1000 + index);
    std::vector<float> values(3 * 12 * 12);
    for (float& value : values) value = uniform(random, 1.5f);
    return {{"picture", network::Tensor::of_floats({1, 3, 12, 12}, values)}};
  }

 private:
  using Ints = std::vector<std::int64_t>;

  // The standard library's distributions are not the same everywhere.
  static float uniform(std::mt19937& random, float bound) {
    return bound * (2.0f * static_cast<float>(random() >> 8) / 16777216.0f - 1.0f);
  }

  EveryOperator& values(const std::string& name, const network::Shape& shape, float bound) {
    std::vector<float> made(static_cast<std::size_t>(network::element_count(shape)));
    for (float& value : made) value = uniform(random_, bound);
    floats(name, shape, made);
    return *this;
  }

  void convolution(const std::string& from, const std::string& to, const network::Shape& weights,
                   Attributes attributes) {
    const auto fan_in = static_cast<float>(weights[1] * weights[2] * weights[3]);
    values(to + "_w", weights, 2.0f / std::sqrt(fan_in)).values(to + "_b", {weights[0]}, 0.3f);
    node("Conv", {from, to + "_w", to + "_b"}, {to}, std::move(attributes));
  }

  void squeeze_and_excite() {
    node("GlobalAveragePool", {"swished"}, {"squeezed"});
    convolution("squeezed", "excited", {8, 8, 1, 1}, {});
    node("Sigmoid", {"excited"}, {"gate"}).node("Mul", {"swished", "gate"}, {"gated"});
    node("HardSigmoid", {"excited"}, {"hard_gate"}, {{"alpha", 0.2f}, {"beta", 0.5f}});
    node("Mul", {"leaky", "hard_gate"}, {"hard_gated"});
  }

  void pools() {
    const Ints kernel{3, 3}, strides{2, 2}, pads{1, 1, 1, 1};
    for (std::int64_t count : {0, 1}) {
      node("AveragePool", {count == 0 ? "first" : "second"}, {count == 0 ? "without_padding" : "with_padding"},
           {{"kernel_shape", kernel}, {"strides", strides}, {"pads", pads}, {"count_include_pad", count}});
    }
  }

  std::mt19937 random_;
};

}  // namespace northpole::tests
