// Operators of random networks that only move elements.
#include <algorithm>

#include "support/network_generator.h"

namespace northpole::tests {

using network::ElementType;
using network::Shape;
using network::Tensor;

void NetworkGenerator::concatenate() {
  const Value a = some(values_.back().picture());
  std::vector<Value> partners;
  for (const Value& value : values_) {
    bool alike = value.shape.size() == a.shape.size();
    for (std::size_t axis = 2; alike && axis < a.shape.size(); ++axis) alike = value.shape[axis] == a.shape[axis];
    if (alike) partners.push_back(value);
  }
  const auto count = between(2, 3);
  std::vector<Value> parts{a};
  while (static_cast<std::int64_t>(parts.size()) < count)
    parts.push_back(partners[static_cast<std::size_t>(below(static_cast<std::int64_t>(partners.size())))]);
  std::shuffle(parts.begin(), parts.end(), random_);
  Shape shape = a.shape;
  shape[1] = 0;
  double low = 0, high = 0;
  const bool equal = chance(0.5);
  std::vector<std::string> names;
  for (Value& part : parts) {
    shape[1] += part.channels();
    low = std::min(low, part.low());
    high = std::max(high, part.high());
    const bool same = part.type == a.type && part.scale == a.scale && part.zero_point == a.zero_point;
    if (equal && !same) part = quantized_as(part.name, part.shape, a);
    names.push_back(part.name);
  }
  if (!fits(shape) || shape[1] > 160) return;
  const std::string joined =
      node("Concat", names, {{"axis", std::int64_t{chance(0.5) ? 1 : 1 - static_cast<std::int64_t>(shape.size())}}})[0];
  if (equal)
    keep_moved(joined, shape, a);
  else
    keep(quantized(joined, shape, low, high));
}

void NetworkGenerator::slice() {
  const Value x = some(values_.back().picture());
  Ints starts, ends, axes, steps;
  Shape shape = x.shape;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) {
    if (!chance(0.5)) continue;
    const std::int64_t size = shape[axis], start = below(size), end = between(start + 1, size),
                       step = any_of<std::int64_t>({1, 1, 2, 3});
    axes.push_back(static_cast<std::int64_t>(axis));
    starts.push_back(chance(0.3) ? start - size : start);
    ends.push_back(end == size && chance(0.5) ? std::int64_t{1} << 40 : end);
    steps.push_back(step);
    shape[axis] = (end - start + step - 1) / step;
  }
  if (axes.empty()) return;
  keep_moved(node("Slice", {x.name, integers(starts), integers(ends), integers(axes), integers(steps)})[0], shape, x);
}

void NetworkGenerator::split() {
  const Value x = some(values_.back().picture());
  const std::size_t axis = x.picture() ? any_of<std::size_t>({1, 1, 1, 2, 3}) : 1;
  const std::int64_t size = x.shape[axis];
  if (size < 2) return;
  Ints sizes{between(1, size - 1)};
  sizes.push_back(size - sizes[0]);
  if (sizes[1] > 1 && chance(0.3)) {
    const std::int64_t middle = between(1, sizes[1] - 1);
    sizes = {sizes[0], middle, sizes[1] - middle};
  }
  const auto pieces = node("Split", {x.name, integers(sizes)}, {{"axis", static_cast<std::int64_t>(axis)}},
                           static_cast<int>(sizes.size()));
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    Shape shape = x.shape;
    shape[axis] = sizes[i];
    keep_moved(pieces[i], shape, x);
  }
}

void NetworkGenerator::pad() {
  const Value x = some(true);
  Ints pads(8, 0);
  Shape shape = x.shape;
  for (const std::size_t axis : {1, 2, 3}) {
    if (axis == 1 && !chance(0.15)) continue;
    pads[axis] = between(0, 2);
    pads[axis + 4] = between(0, 2);
    shape[axis] += pads[axis] + pads[axis + 4];
  }
  if (!fits(shape)) return;
  std::vector<std::string> inputs{x.name, integers(pads)};
  const auto kind = below(3);
  if (kind == 1) inputs.push_back(constant(Tensor::of_floats({}, {0.0F})));
  if (kind == 2) inputs.push_back(constant(Tensor::of_floats({}, {static_cast<float>(real(x.low(), x.high()))})));
  keep_moved(node("Pad", inputs, {{"mode", std::string("constant")}})[0], shape, x);
}

void NetworkGenerator::shuffle() {
  const Value x = some(true);
  std::vector<std::int64_t> divisors;
  for (std::int64_t d = 2; d < x.channels(); ++d)
    if (x.channels() % d == 0) divisors.push_back(d);
  if (divisors.empty()) return;
  const std::int64_t groups = divisors[static_cast<std::size_t>(below(static_cast<std::int64_t>(divisors.size())))];
  const std::string apart =
      node("Reshape", {x.name, integers({1, groups, x.channels() / groups, x.height(), x.width()})})[0];
  const std::string turned = node("Transpose", {apart}, {{"perm", Ints{0, 2, 1, 3, 4}}})[0];
  keep_moved(node("Reshape", {turned, integers({1, -1, x.height(), x.width()})})[0], x.shape, x);
}

void NetworkGenerator::space_to_depth() {
  const Value x = some(true);
  const std::int64_t c = x.channels(), h = x.height() / 2, w = x.width() / 2;
  if (x.height() % 2 != 0 || x.width() % 2 != 0 || c * 4 > 160) return;
  const std::string apart = node("Reshape", {x.name, integers({1, c, h, 2, w, 2})})[0];
  const std::string turned =
      node("Transpose", {apart}, {{"perm", chance(0.5) ? Ints{0, 3, 5, 1, 2, 4} : Ints{0, 1, 3, 5, 2, 4}}})[0];
  keep_moved(node("Reshape", {turned, integers({1, 4 * c, h, w})})[0], {1, 4 * c, h, w}, x);
}

void NetworkGenerator::resize() {
  const Value x = some(true);
  const std::int64_t factor_y = chance(0.8) ? 2 : 1, factor_x = chance(0.8) ? 2 : 3;
  const Shape shape{1, x.channels(), x.height() * factor_y, x.width() * factor_x};
  if (!fits(shape)) return;
  std::vector<std::string> inputs{x.name, ""};
  if (chance(0.5)) {
    inputs.push_back(
        constant(Tensor::of_floats({4}, {1, 1, static_cast<float>(factor_y), static_cast<float>(factor_x)})));
  } else {
    inputs.push_back("");
    inputs.push_back(integers(shape));
  }
  Attributes attributes{{"mode", std::string("nearest")}};
  if (chance(0.7))
    attributes["coordinate_transformation_mode"] = std::string("asymmetric"),
    attributes["nearest_mode"] = std::string("floor");
  keep_moved(node("Resize", inputs, attributes)[0], shape, x);
}

void NetworkGenerator::requantize() {
  const Value x = some(values_.back().picture());
  keep(quantized(x.name, x.shape, x.low(), x.high()));
}

void NetworkGenerator::flatten_or_back() {
  const Value x = values_.back();
  if (x.picture() && x.height() == 1 && x.width() == 1) {
    const Shape shape{1, x.channels()};
    switch (below(3)) {
      case 0:
        return keep_moved(node("Flatten", {x.name})[0], shape, x);
      case 1:
        return keep_moved(node("Squeeze", {x.name, integers({2, 3})})[0], shape, x);
      case 2:
        return keep_moved(node("Reshape", {x.name, integers({1, -1})})[0], shape, x);
    }
  }
  if (x.picture()) return;
  const Shape shape{1, x.channels(), 1, 1};
  if (chance(0.5)) return keep_moved(node("Unsqueeze", {x.name, integers({2, 3})})[0], shape, x);
  keep_moved(node("Reshape", {x.name, integers({0, -1, 1, 1})})[0], shape, x);
}

}  // namespace northpole::tests
