// Convolutions, matrix products and pools of random networks.
#include <algorithm>
#include <cmath>

#include "support/network_generator.h"

namespace northpole::tests {

using network::Shape;

namespace {

std::int64_t windows(std::int64_t size, std::int64_t pads, std::int64_t kernel, std::int64_t stride,
                     std::int64_t dilation) {
  const std::int64_t room = size + pads - (kernel - 1) * dilation - 1;
  return room < 0 ? 0 : room / stride + 1;
}

// Root of the mean square of a real value with codes spread evenly.
double magnitude(const NetworkGenerator::Value& value) {
  const double middle = (value.low() + value.high()) / 2, half = (value.high() - value.low()) / 2;
  return std::sqrt(middle * middle + half * half / 3);
}

}  // namespace

void NetworkGenerator::convolution() {
  const Value x = some(true);
  const std::int64_t channels = x.channels();
  std::int64_t groups = 1, outputs = 1;
  const int form = static_cast<int>(below(4));
  if (form == 0) {  // depthwise, with a multiplier now and then
    groups = channels;
    outputs = channels * (chance(0.2) ? 2 : 1);
  } else if (form == 1) {
    Ints divisors;
    for (std::int64_t d = 1; d <= channels; ++d)
      if (channels % d == 0) divisors.push_back(d);
    groups = divisors[static_cast<std::size_t>(below(static_cast<std::int64_t>(divisors.size())))];
    outputs = groups * between(1, std::max<std::int64_t>(1, 48 / groups));
  } else {
    outputs = any_of<std::int64_t>({1, 3, 8, 16, 24, 31, 32, 33, 40, 64, 70, 96});
  }
  for (int attempt = 0; attempt < 20; ++attempt) {
    const Ints kernel{any_of<std::int64_t>({1, 1, 2, 3, 3, 4, 5}), any_of<std::int64_t>({1, 1, 2, 3, 3, 5, 7})};
    const Ints strides{any_of<std::int64_t>({1, 1, 1, 2, 2, 3}), any_of<std::int64_t>({1, 1, 1, 2, 2, 3})};
    const Ints dilations{any_of<std::int64_t>({1, 1, 1, 2, 3}), any_of<std::int64_t>({1, 1, 1, 2})};
    Ints pads;
    for (std::size_t i = 0; i < 4; ++i) pads.push_back(between(0, (kernel[i % 2] - 1) * dilations[i % 2]));
    const Shape shape{1, outputs, windows(x.height(), pads[0] + pads[2], kernel[0], strides[0], dilations[0]),
                      windows(x.width(), pads[1] + pads[3], kernel[1], strides[1], dilations[1])};
    const Shape weight_shape{outputs, channels / groups, kernel[0], kernel[1]};
    if (shape[2] == 0 || shape[3] == 0 || !fits(shape) || network::element_count(weight_shape) > 40000) continue;
    double deviation = 0;
    std::vector<float> scales;
    const std::string w = weights(weight_shape, 0, x, deviation, scales);
    const double reach =
        2.5 * std::sqrt(static_cast<double>(channels / groups * kernel[0] * kernel[1])) * magnitude(x) * deviation;
    std::vector<std::string> inputs{x.name, w};
    if (const std::string b = bias(outputs, x, scales, reach / 3); !b.empty()) inputs.push_back(b);
    Attributes attributes{{"kernel_shape", kernel}, {"strides", strides}, {"dilations", dilations}, {"group", groups}};
    if (chance(0.9))
      attributes["pads"] = pads;
    else
      attributes["pads"] = pads;
    const double asymmetric = chance(0.5) ? -1.0 : -0.3;
    keep(quantized(node("Conv", inputs, attributes)[0], shape, asymmetric * reach, reach));
    return;
  }
}

void NetworkGenerator::matrix_product() {
  Value x = some(values_.back().picture());
  std::string vector = x.name;
  const std::int64_t inputs = network::element_count(x.shape);
  if (inputs > 3000) return;
  if (x.picture()) {
    switch (below(3)) {
      case 0:
        vector = node("Flatten", {x.name}, {{"axis", std::int64_t{1}}})[0];
        break;
      case 1:
        vector = node("Reshape", {x.name, integers({1, -1})})[0];
        break;
      case 2:
        vector = node("Reshape", {x.name, integers({0, inputs})})[0];
        break;
    }
    if (chance(0.2)) vector = quantized_as(vector, {1, inputs}, x).name;
  }
  const std::int64_t outputs = any_of<std::int64_t>({1, 5, 10, 32, 33, 64, 100});
  if (inputs * outputs > 40000) return;
  double deviation = 0;
  std::vector<float> scales;
  const double reach = 2.5 * std::sqrt(static_cast<double>(inputs)) * magnitude(x);
  if (chance(0.3)) {
    const std::string w = weights({inputs, outputs}, 1, x, deviation, scales);
    keep(quantized(node("MatMul", {vector, w})[0], {1, outputs}, -reach * deviation, reach * deviation));
    return;
  }
  const bool transposed = chance(0.7);
  const std::string w =
      weights(transposed ? Shape{outputs, inputs} : Shape{inputs, outputs}, transposed ? 0 : 1, x, deviation, scales);
  std::vector<std::string> operands{vector, w};
  if (const std::string b = bias(outputs, x, scales, reach * deviation / 3); !b.empty()) operands.push_back(b);
  keep(quantized(node("Gemm", operands, {{"transB", std::int64_t{transposed}}})[0], {1, outputs}, -reach * deviation,
                 reach * deviation));
}

void NetworkGenerator::average() {
  const Value x = some(true);
  const std::int64_t form = below(4);
  if (form == 0)
    return keep(quantized(node("GlobalAveragePool", {x.name})[0], {1, x.channels(), 1, 1}, x.low() / 2, x.high() / 2));
  if (form == 1) {
    const bool keeps = chance(0.6);
    const Shape shape = keeps ? Shape{1, x.channels(), 1, 1} : Shape{1, x.channels()};
    return keep(quantized(
        node("ReduceMean", {x.name}, {{"axes", Ints{2, chance(0.5) ? 3 : -1}}, {"keepdims", std::int64_t{keeps}}})[0],
        shape, x.low() / 2, x.high() / 2));
  }
  for (int attempt = 0; attempt < 20; ++attempt) {
    const Ints kernel{between(1, 4), between(1, 4)}, strides{between(1, 3), between(1, 3)};
    Ints pads(4, 0);
    const bool padded = chance(0.5);
    if (padded)
      for (std::size_t i = 0; i < 4; ++i) pads[i] = between(0, kernel[i % 2] - 1);
    const Shape shape{1, x.channels(), windows(x.height(), pads[0] + pads[2], kernel[0], strides[0], 1),
                      windows(x.width(), pads[1] + pads[3], kernel[1], strides[1], 1)};
    if (shape[2] == 0 || shape[3] == 0) continue;
    keep(quantized(node("AveragePool", {x.name},
                        {{"kernel_shape", kernel},
                         {"strides", strides},
                         {"pads", pads},
                         {"count_include_pad", std::int64_t{padded || chance(0.3)}}})[0],
                   shape, x.low() / 2, x.high() / 2));
    return;
  }
}

void NetworkGenerator::maximum() {
  const Value x = some(true);
  for (int attempt = 0; attempt < 20; ++attempt) {
    const Ints kernel{between(1, 4), between(1, 4)}, strides{between(1, 3), between(1, 3)},
        dilations{any_of<std::int64_t>({1, 1, 1, 2}), any_of<std::int64_t>({1, 1, 1, 2})};
    Ints pads;
    const bool padded = chance(0.6);
    for (std::size_t i = 0; i < 4; ++i) pads.push_back(padded ? between(0, kernel[i % 2] - 1) : 0);
    const Shape shape{1, x.channels(), windows(x.height(), pads[0] + pads[2], kernel[0], strides[0], dilations[0]),
                      windows(x.width(), pads[1] + pads[3], kernel[1], strides[1], dilations[1])};
    if (shape[2] == 0 || shape[3] == 0) continue;
    const std::string pooled =
        node("MaxPool", {x.name},
             {{"kernel_shape", kernel}, {"strides", strides}, {"pads", pads}, {"dilations", dilations}})[0];
    keep(chance(0.6) ? quantized_as(pooled, shape, x) : quantized(pooled, shape, x.low(), x.high()));
    return;
  }
}

}  // namespace northpole::tests
