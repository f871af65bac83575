#include "choose/sensitivity.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "quantize/simulation.h"

namespace northpole::choose {
namespace {

using network::Graph;
using network::Node;
using network::Tensor;
using quantize::Points;
using reference::FloatOperator;
using Tensors = std::map<std::string, Tensor>;

// A unit rounded to a width: what takes its nodes' places, and how its input is rounded.
struct Variant {
  std::size_t unit = 0;
  int width = 8;
  std::map<std::size_t, FloatOperator> operators;
  reference::Quantization input;
};

std::vector<std::string> answers_of(const Graph& graph, const Points& points) {
  std::set<std::string> answers;
  for (const network::Port& port : graph.outputs) {
    if (points.host.count(port.name) == 0) answers.insert(port.name);
  }
  for (const Node& node : graph.nodes) {
    if (node.outputs.empty() || points.host.count(node.outputs[0]) == 0) continue;
    for (const std::string& input : node.inputs) {
      if (points.host.count(input) == 0 && graph.constant(input) == nullptr && !input.empty()) answers.insert(input);
    }
  }
  return {answers.begin(), answers.end()};
}

// The network in float, with all values of one picture, and again with a variant in it.
class Network {
 public:
  Network(const Graph& graph, const Points& points)
      : graph_(graph), points_(points), answers_(answers_of(graph, points)) {
    for (const Node& node : graph.nodes) {
      const bool host = !node.outputs.empty() && points.host.count(node.outputs[0]) != 0;
      operators_.push_back(host ? FloatOperator() : reference::make_float_operator(graph, node));
    }
  }

  Tensors run(Tensors values) const {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (operators_[i]) run_node(i, operators_[i], values, [&](const std::string& name) { return &values.at(name); });
    }
    return values;
  }

  // The mean squared change of the answers as a share of their variance; the sum over them.
  double change(const Tensors& values, const std::vector<Unit>& units, const Variant& variant) const {
    Tensors changed;
    for (const std::string& value : points_.groups[units[variant.unit].group].members) {
      changed[value] = quantize::real_values(quantize::codes_of(values.at(value), variant.input));
    }
    const auto find = [&](const std::string& name) {
      const auto found = changed.find(name);
      return found != changed.end() ? &found->second : &values.at(name);
    };
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const Node& node = graph_.nodes[i];
      const auto instead = variant.operators.find(i);
      const bool touched = instead != variant.operators.end() ||
                           std::any_of(node.inputs.begin(), node.inputs.end(),
                                       [&](const std::string& input) { return changed.count(input) != 0; });
      if (!touched || !operators_[i] || changed.count(node.outputs[0]) != 0) continue;
      run_node(i, instead != variant.operators.end() ? instead->second : operators_[i], changed, find);
    }
    double sum = 0;
    for (const std::string& answer : answers_) {
      if (changed.count(answer) != 0) sum += share_of_variance(values.at(answer), changed.at(answer));
    }
    return sum;
  }

 private:
  template <typename Find>
  void run_node(std::size_t index, const FloatOperator& run, Tensors& to, const Find& find) const {
    const Node& node = graph_.nodes[index];
    std::vector<const Tensor*> inputs;
    for (const std::string& input : node.inputs) {
      const Tensor* constant = graph_.constant(input);
      inputs.push_back(input.empty() ? nullptr : constant != nullptr ? constant : find(input));
    }
    std::vector<Tensor> outputs = run(inputs);
    for (std::size_t o = 0; o < node.outputs.size(); ++o) {
      if (!node.outputs[o].empty()) to[node.outputs[o]] = std::move(outputs[o]);
    }
  }

  static double share_of_variance(const Tensor& real, const Tensor& changed) {
    double sum = 0, squares = 0, difference = 0;
    const auto count = static_cast<double>(real.size());
    for (std::int64_t i = 0; i < real.size(); ++i) {
      const double value = static_cast<double>(real.data<float>()[i]);
      const double by = static_cast<double>(changed.data<float>()[i]) - value;
      sum += value;
      squares += value * value;
      difference += by * by;
    }
    const double variance = squares - sum * sum / count;
    return difference / (variance > 0 ? variance : squares > 0 ? squares : 1);
  }

  const Graph& graph_;
  const Points& points_;
  std::vector<std::string> answers_;
  std::vector<FloatOperator> operators_;  // by node; nothing for the host's
};

std::vector<Variant> variants_of(const quantize::Quantizer& quantizer, const std::vector<Unit>& units, int width) {
  const Graph& graph = quantizer.graph();
  quantize::BitChoice bits;
  bits.inner = bits.outer = {width, width};
  bits.ends = bits.passing = width;
  const quantize::Decisions decisions = quantizer.nearest(bits);
  std::vector<Variant> variants;
  for (std::size_t unit = 0; unit < units.size(); ++unit) {
    Variant variant{unit, width, {}, decisions.groups[units[unit].group]};
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const Node& node = graph.nodes[i];
      if (std::count(units[unit].layers.begin(), units[unit].layers.end(), node.name) == 0) continue;
      const Tensor weights = quantize::real_weights(decisions.weights.at(node.name),
                                                    graph.constant(node.inputs[1])->shape, quantize::output_axis(node));
      variant.operators[i] = quantize::operator_with_weights(graph, node, weights, decisions.biases.at(node.name));
    }
    variants.push_back(std::move(variant));
  }
  return variants;
}

}  // namespace

std::vector<Unit> units_of(const Graph& graph, const Points& points) {
  const std::set<std::string> outer = quantize::first_and_last_layers(graph);
  std::vector<Unit> units;
  std::map<std::size_t, std::size_t> unit_of_group;
  for (const Node& node : graph.nodes) {
    if (!quantize::has_weights(node) || !points.quantized(node.inputs[0])) continue;
    const std::size_t group = points.group_of.at(node.inputs[0]);
    const auto [found, is_new] = unit_of_group.try_emplace(group, units.size());
    if (is_new) units.push_back({{}, group, false});
    units[found->second].layers.push_back(node.name);
    units[found->second].outer = units[found->second].outer || outer.count(node.name) != 0;
  }
  return units;
}

Sensitivities measure_sensitivities(const quantize::Quantizer& quantizer, const std::vector<Unit>& units,
                                    const std::vector<int>& widths, std::int64_t most_pictures, int threads,
                                    const quantize::Progress& progress) {
  const quantize::Calibration& calibration = quantizer.calibration();
  const std::int64_t pictures = std::min(calibration.count, most_pictures);
  const Network network(quantizer.graph(), quantizer.points());
  Sensitivities sensitivities(units.size());
  std::int64_t done = 0;
  for (const int width : widths) {
    const std::vector<Variant> variants = variants_of(quantizer, units, width);
    std::vector<std::vector<double>> changes(static_cast<std::size_t>(pictures));
    std::mutex reporting;
    quantize::for_each_picture(pictures, threads, [&](std::int64_t picture) {
      const Tensors values = network.run(calibration.inputs(picture * calibration.count / pictures));
      for (const Variant& variant : variants) {
        changes[static_cast<std::size_t>(picture)].push_back(network.change(values, units, variant));
      }
      const std::lock_guard lock(reporting);
      if (progress) progress(++done, pictures * static_cast<std::int64_t>(widths.size()));
    });
    for (std::size_t unit = 0; unit < units.size(); ++unit) {
      double sum = 0;
      for (const auto& of_picture : changes) sum += of_picture[unit];  // in the pictures' order
      sensitivities[unit][width] = sum / static_cast<double>(pictures);
    }
  }
  return sensitivities;
}

}  // namespace northpole::choose
