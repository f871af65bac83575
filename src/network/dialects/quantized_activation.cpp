// Quantizers of activations, and tails of scales, offsets and normalisations before a quantizer.
#include <algorithm>
#include <cmath>

#include "network/add_constant.h"
#include "network/dialects/exact_requantization.h"
#include "network/dialects/import_quantizers.h"
#include "network/dialects/linear_source.h"
#include "network/dialects/value_chain.h"

namespace northpole::network {
namespace {

// What a layer's quantizer gives, and the layer that gives exactly that.
class ExactLayer {
 public:
  ExactLayer(Graph& graph, const NodeView& view, const LinearSource& source, const ValueChain& chain,
             const Quantizer& quantizer)
      : graph_(graph), view_(view), source_(source), chain_(chain), quantizer_(quantizer), ranges_(source.ranges()) {}

  // The codes of all channels, of a quantizer that does not bound them itself.
  void bound(Quantizer& quantizer) const {
    std::int64_t least = quantizer.highest, largest = quantizer.lowest;
    for (std::size_t c = 0; c < ranges_.size(); ++c)
      for (const std::int64_t sum : {ranges_[c].least, ranges_[c].largest}) {
        least = std::min(least, quantizer.code(value(c, sum)));
        largest = std::max(largest, quantizer.code(value(c, sum)));
      }
    quantizer.lowest = least;
    quantizer.highest = largest;
  }

  // The layer; its result is real, and its codes those of a QuantizeLinear behind it.
  std::vector<Node> nodes(const std::string& output) {
    const auto outputs = static_cast<std::size_t>(source_.outputs);
    std::vector<Requantization> found;
    for (std::size_t c = 0; c < outputs; ++c) found.push_back(requantization(c));
    const bool has_offsets = std::any_of(found.begin(), found.end(), [](const auto& f) { return f.real_bias != 0; });
    if (has_offsets)  // one bias is for all: what was found as an integer has an offset, too
      for (std::size_t c = 0; c < outputs; ++c)
        if (found[c].bias != 0) found[c] = requantization(c, false);

    std::vector<std::int64_t> weights = source_.weights;
    std::int64_t low = 0, high = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (falls(source_.channel_of(i))) weights[i] = -weights[i];
      low = std::min(low, weights[i]);
      high = std::max(high, weights[i]);
    }
    const auto [type, zero] = weight_type(low, high);
    for (std::int64_t& weight : weights) weight += zero;
    const Shape channels{source_.outputs};
    Tensor scales = Tensor::zeros(ElementType::float32, channels);
    for (std::size_t c = 0; c < outputs; ++c) scales.data<float>()[c] = found[c].weight_scale;
    const std::int64_t axis = source_.op == "Conv" ? 0 : 1;
    const std::vector<std::int64_t> zeros(outputs, zero);
    const std::string stem = view_.node.outputs[0];
    const std::string w = value_named(stem + "_weights", source_.weight_shape);
    std::vector<Node> result{
        {source_.name + "_weights",
         "DequantizeLinear",
         "",
         {add_constant(graph_, stem + "_weight_codes", Tensor::of_integers(type, source_.weight_shape, weights)),
          add_constant(graph_, stem + "_weight_scale", scales),
          add_constant(graph_, stem + "_weight_zero_point", Tensor::of_integers(type, channels, zeros))},
         {w},
         {{"axis", axis}}}};
    Node layer{source_.name,      source_.op == "Conv" ? "Conv" : "Gemm", "", {source_.input, w}, {output},
               source_.attributes};
    if (layer.op == "Gemm" && graph_.values.at(source_.input).shape.size() != 2) layer.op = "MatMul";
    const bool has_bias =
        std::any_of(found.begin(), found.end(), [](const auto& f) { return f.real_bias != 0 || f.bias != 0; });
    if (has_bias && layer.op == "MatMul")
      view_.fail("its input is no list of numbers; only the product of one vector with a matrix has a bias here");
    if (has_offsets)
      layer.inputs.push_back(real_bias(stem, found));
    else if (has_bias)
      layer.inputs.push_back(integer_bias(stem, found, scales, result));
    result.push_back(std::move(layer));
    return result;
  }

 private:
  double value(std::size_t channel, std::int64_t sum) const {
    return chain_.at(channel, static_cast<double>(sum) * source_.unit[channel] + source_.bias[channel]);
  }
  bool falls(std::size_t channel) const { return chain_.slope(channel) < 0; }

  Requantization requantization(std::size_t channel, bool integers = true) const {
    const bool turned = falls(channel);
    const double scale = static_cast<double>(quantizer_.scale);
    WantedCodes wanted;
    wanted.code = [&, turned](std::int64_t sum) {
      return quantizer_.code(value(channel, turned ? -sum : sum)) - quantizer_.zero_point;
    };
    wanted.least_sum = turned ? -ranges_[channel].largest : ranges_[channel].least;
    wanted.largest_sum = turned ? -ranges_[channel].least : ranges_[channel].largest;
    wanted.lowest = quantizer_.lowest - quantizer_.zero_point;
    wanted.highest = quantizer_.highest - quantizer_.zero_point;
    wanted.slope = std::abs(chain_.slope(channel)) * source_.unit[channel] / scale / quantizer_.divisor;
    wanted.intercept = (chain_.slope(channel) * source_.bias[channel] + chain_.intercept(channel)) / scale;
    wanted.input_scale = source_.codes.scale;
    wanted.output_scale = quantizer_.scale;
    wanted.integers = integers;
    if (const auto found = find_requantization(wanted)) return *found;
    view_.fail("no layer gives exactly its codes of output channel " + std::to_string(channel) + " of " + source_.name +
               ": what lies between the two is no straight line within the quantizer's range; export " +
               "with an activation quantizer of its own before each clamp, and scales within float32");
  }

  // The narrowest type, with a zero point where only that makes it so (the negative of the lowest code).
  std::pair<ElementType, std::int64_t> weight_type(std::int64_t low, std::int64_t high) const {
    for (const int bits : {2, 4, 8}) {
      const std::int64_t span = std::int64_t{1} << bits;
      if (low >= -span / 2 && high < span / 2) return {quantized_type(bits, true), 0};
      if (high - low < span) return {quantized_type(bits, false), -low};
    }
    view_.fail("the weights of " + source_.name + " take more than 8 bits; export them with fewer (bit_width)");
  }

  std::string value_named(const std::string& stem, const Shape& shape) {
    return add_value(graph_, stem, {"", ElementType::float32, shape});
  }

  std::string real_bias(const std::string& stem, const std::vector<Requantization>& found) {
    Tensor bias = Tensor::zeros(ElementType::float32, {source_.outputs});
    for (std::size_t c = 0; c < found.size(); ++c) bias.data<float>()[c] = found[c].real_bias;
    return add_constant(graph_, stem + "_bias", std::move(bias));
  }

  std::string integer_bias(const std::string& stem, const std::vector<Requantization>& found, const Tensor& scales,
                           std::vector<Node>& nodes) {
    const Shape channels{source_.outputs};
    std::vector<std::int64_t> codes;
    Tensor steps = scales;
    for (std::size_t c = 0; c < found.size(); ++c) {
      codes.push_back(found[c].bias);
      steps.data<float>()[c] *= source_.codes.scale;
    }
    const std::string bias = value_named(stem + "_bias", channels);
    nodes.push_back(
        {source_.name + "_bias",
         "DequantizeLinear",
         "",
         {add_constant(graph_, stem + "_bias_codes", Tensor::of_integers(ElementType::int32, channels, codes)),
          add_constant(graph_, stem + "_bias_scale", std::move(steps)),
          add_constant(graph_, stem + "_bias_zero_point", Tensor::zeros(ElementType::int32, channels))},
         {bias},
         {{"axis", std::int64_t{0}}}});
    return bias;
  }

  Graph& graph_;
  const NodeView& view_;
  const LinearSource& source_;
  const ValueChain& chain_;
  const Quantizer& quantizer_;
  std::vector<LinearSource::Range> ranges_;
};

// QuantizeLinear, of a real value, and DequantizeLinear; a Clip before them where the type has more codes than wanted.
void add_pair(Graph& graph, const NodeView& view, const Quantizer& quantizer, std::string real,
              std::vector<Node>& nodes) {
  const Node& node = view.node;
  const std::string& output = node.outputs[0];
  const ElementType type = type_of_codes(view, quantizer.lowest, quantizer.highest, quantizer.zero_point);
  const Port port = graph.values.at(output);
  if (quantizer.lowest > lowest_code(type) || quantizer.highest < highest_code(type)) {
    const std::string clipped = add_value(graph, output + "_clipped", port);
    Node clip{node.name + "_range", "Clip", "", {real}, {clipped}, {}};
    const auto bound = [&](std::int64_t code) {
      return static_cast<float>(code - quantizer.zero_point) * quantizer.scale;
    };
    clip.attributes = {{"min", bound(quantizer.lowest)}, {"max", bound(quantizer.highest)}};
    nodes.push_back(std::move(clip));
    real = clipped;
  }
  const std::string scale = add_constant(graph, output + "_scale", Tensor::of_floats({}, {quantizer.scale}));
  const std::string zero =
      add_constant(graph, output + "_zero_point", Tensor::of_integers(type, {}, {quantizer.zero_point}));
  const std::string codes = add_value(graph, output + "_codes", {"", type, port.shape});
  nodes.push_back({node.name + "_quantize", "QuantizeLinear", "", {real, scale, zero}, {codes}, {}});
  nodes.push_back({node.name, "DequantizeLinear", "", {codes, scale, zero}, {output}, {}});
}

// The layer before a quantizer, or the activation itself; nothing where the law of numerics.md is to do it.
std::optional<LinearSource> source_before(const Graph& graph, const Node& node, ValueChain& chain) {
  const std::string& value = node.inputs[0];
  for (const std::int64_t axis : {std::int64_t{1}, std::int64_t{-1}}) {
    chain = chain_before(graph, value, axis);
    auto source = linear_source_of(graph, chain.source);
    const auto rank = static_cast<std::int64_t>(graph.values.at(value).shape.size());
    if (source && (source->axis < 0 ? source->axis + rank : source->axis) == (axis < 0 ? axis + rank : axis))
      return source;
    if (axis == 1 && codes_of_activation(graph, chain.source))
      return pointwise_source_of(graph, chain.source, node.name);
  }
  chain = chain_before(graph, value, 1);
  return std::nullopt;
}

// The same codes, perhaps fewer of them: nothing to compute.
bool is_same(const ValueChain& chain, const CodesOf& codes, const Quantizer& quantizer) {
  return chain.affine_steps() == 0 && quantizer.rounding == Quantizer::Rounding::half_even && quantizer.divisor == 1 &&
         codes.scale == quantizer.scale && codes.zero_point == quantizer.zero_point;
}

}  // namespace

std::vector<Node> quantized_activation(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  Quantizer quantizer = quantizer_of(view);
  ValueChain chain;
  const auto source = source_before(graph, node, chain);
  std::vector<Node> nodes;
  const auto activation = codes_of_activation(graph, chain.source);
  if (source && !(activation && is_same(chain, *activation, quantizer))) {
    ExactLayer layer(graph, view, *source, chain, quantizer);
    if (quantizer.divisor != 1) layer.bound(quantizer);
    type_of_codes(view, quantizer.lowest, quantizer.highest, quantizer.zero_point);
    const std::string real = add_value(graph, node.outputs[0] + "_real", graph.values.at(node.outputs[0]));
    nodes = layer.nodes(real);
    add_pair(graph, view, quantizer, real, nodes);
    return nodes;
  }
  if (quantizer.divisor != 1)
    view.fail("it truncates something else than a sum of products or an average of quantized numbers");
  if (quantizer.rounding == Quantizer::Rounding::sign || quantizer.rounding == Quantizer::Rounding::bipolar)
    view.fail(
        "the sign of something else than a sum of products of quantized numbers is not supported; export the "
        "network with a quantizer of more levels (Quant) here");
  if (quantizer.rounding != Quantizer::Rounding::half_even)
    view.fail("its rounding_mode '" + node.text("rounding_mode", "") +
              "' is only supported behind a sum of products of quantized numbers; export it with ROUND");
  if (quantizer.zero_point % 2 != 0)
    view.fail(
        "its zero point " + std::to_string(quantizer.zero_point) +
        " is odd: halves would be rounded the other way than the machine does; export it with an even zero point, "
        "or symmetric (zero point 0)");
  add_pair(graph, view, quantizer, node.inputs[0], nodes);
  return nodes;
}

std::vector<Node> folded_tail(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  const Tensor* scale = view.constant(1);
  const Tensor* zero = view.constant(2);
  if (graph.constant(node.inputs[0]) != nullptr || scale == nullptr || zero == nullptr || scale->size() != 1 ||
      zero->size() != 1 || !is_quantized_type(zero->type))
    return {};
  // Most have none; weights are looked at only where there is one.
  if (chain_before(graph, node.inputs[0], 1).affine_steps() + chain_before(graph, node.inputs[0], -1).affine_steps() ==
      0)
    return {};
  ValueChain chain;
  const auto source = source_before(graph, node, chain);
  if (!source || chain.affine_steps() == 0) return {};
  // One operator with a constant, perhaps clamped behind, is what the vector unit does, by the law of numerics.md.
  if (codes_of_activation(graph, chain.source) && chain.affine_steps() == 1 && chain.steps[0].is_affine) return {};
  check_scale(view, scale->number(0));
  Quantizer quantizer;
  quantizer.scale = scale->data<float>()[0];
  quantizer.zero_point = zero->integer(0);
  quantizer.lowest = lowest_code(zero->type);
  quantizer.highest = highest_code(zero->type);
  // QuantizeLinear rounds first and adds the zero point then; parity of the code less its zero point decides ties.
  quantizer.rounds_before_zero_point = true;
  ExactLayer layer(graph, view, *source, chain, quantizer);
  const std::string real = add_value(graph, node.outputs[0] + "_real", {"", ElementType::float32, view.shape(0)});
  std::vector<Node> nodes = layer.nodes(real);
  Node quantize = node;
  quantize.inputs[0] = real;
  nodes.push_back(std::move(quantize));
  return nodes;
}

}  // namespace northpole::network
