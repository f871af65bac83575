// What values of a partly imported graph stand for.
#pragma once

#include <optional>
#include <vector>

#include "network/graph.h"

namespace northpole::network {

// A constant, or a constant behind a DequantizeLinear, as real numbers.
struct RealConstant {
  Shape shape;
  std::vector<double> values;
};
std::optional<RealConstant> real_constant_of(const Graph& graph, const std::string& value);

// A constant behind a DequantizeLinear as integers, zero point subtracted.
struct IntegerConstant {
  Tensor codes;                       // as the graph has them
  std::vector<std::int64_t> numbers;  // codes less their zero point
  std::vector<float> scales;          // one, or one for each index of the axis
  std::vector<std::int64_t> zero_points;
  std::int64_t axis = 0;
  float scale_of(std::int64_t index) const { return scales[scales.size() == 1 ? 0 : static_cast<std::size_t>(index)]; }
};
std::optional<IntegerConstant> integer_constant_of(const Graph& graph, const std::string& value);

// An activation behind a DequantizeLinear of one scale, perhaps moved since: what its codes mean.
struct CodesOf {
  ElementType type = ElementType::int8;
  float scale = 1;
  std::int64_t zero_point = 0;
  bool operator==(const CodesOf&) const = default;
};
std::optional<CodesOf> codes_of_activation(const Graph& graph, std::string value);

// Operators that only move elements of their first input (or of all alike), whatever the opset calls them.
bool only_moves(const Node& node);

}  // namespace northpole::network
