#include "quantize/side_by_side.h"

#include <algorithm>
#include <set>

namespace northpole::quantize {

using network::Graph;
using network::Node;
using network::Tensor;

namespace {

// By node, the values that nobody reads after it.
std::vector<std::vector<std::string>> last_reads_of(const Graph& graph) {
  std::map<std::string, std::size_t> last;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string& output : graph.nodes[i].outputs) last[output] = i;
    for (const std::string& input : graph.nodes[i].inputs) last[input] = i;
  }
  std::vector<std::vector<std::string>> reads(graph.nodes.size());
  for (const auto& [value, node] : last) {
    if (graph.constant(value) == nullptr) reads[node].push_back(value);
  }
  return reads;
}

}  // namespace

SideBySide::SideBySide(const Graph& graph, const Points& points, const Decisions& decisions,
                       const Calibration& calibration, const std::vector<std::int64_t>& pictures, int threads)
    : graph_(graph),
      points_(points),
      decisions_(decisions),
      threads_(threads),
      pictures_(pictures.size()),
      last_reads_(last_reads_of(graph)) {
  for (const Node& node : graph.nodes) {
    operators_.push_back(on_host(node) ? reference::FloatOperator() : reference::make_float_operator(graph, node));
  }
  for_each_picture(this->pictures(), threads, [&](std::int64_t index) {
    Picture& picture = pictures_[static_cast<std::size_t>(index)];
    picture.real = calibration.inputs(pictures[static_cast<std::size_t>(index)]);
    for (const auto& [name, tensor] : picture.real) keep_rounded(picture, name, Tensor(tensor));
  });
}

bool SideBySide::on_host(const Node& node) const {
  return !node.outputs.empty() && points_.host.count(node.outputs[0]) != 0;
}

void SideBySide::keep_rounded(Picture& picture, const std::string& value, Tensor&& tensor) const {
  if (points_.quantized(value))
    picture.codes[value] = codes_of(tensor, decisions_.of(points_, value));
  else
    picture.rounded[value] = std::move(tensor);
}

void SideBySide::run_real(std::size_t index) {
  const Node& node = graph_.nodes[index];
  if (on_host(node)) return;
  for_each_picture(pictures(), threads_, [&](std::int64_t at) {
    Picture& picture = pictures_[static_cast<std::size_t>(at)];
    std::vector<const Tensor*> inputs;
    for (const std::string& input : node.inputs) {
      const Tensor* constant = graph_.constant(input);
      inputs.push_back(input.empty() ? nullptr : constant != nullptr ? constant : &picture.real.at(input));
    }
    std::vector<Tensor> outputs = operators_[index](inputs);
    for (std::size_t o = 0; o < node.outputs.size(); ++o) {
      if (!node.outputs[o].empty()) picture.real[node.outputs[o]] = std::move(outputs[o]);
    }
  });
}

const Tensor* SideBySide::rounded_or_constant(const Picture& picture, const std::string& value, Tensor& place) const {
  if (value.empty()) return nullptr;
  if (const Tensor* constant = graph_.constant(value)) return constant;
  if (auto found = picture.codes.find(value); found != picture.codes.end())
    return &(place = real_values(found->second));
  return &picture.rounded.at(value);
}

void SideBySide::run_rounded(std::size_t index, const reference::FloatOperator& instead) {
  const Node& node = graph_.nodes[index];
  if (on_host(node)) return;
  const reference::FloatOperator& run = instead ? instead : operators_[index];
  for_each_picture(pictures(), threads_, [&](std::int64_t at) {
    Picture& picture = pictures_[static_cast<std::size_t>(at)];
    std::vector<Tensor> places(node.inputs.size());
    std::vector<const Tensor*> inputs;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      inputs.push_back(rounded_or_constant(picture, node.inputs[i], places[i]));
    }
    std::vector<Tensor> outputs = run(inputs);
    for (std::size_t o = 0; o < node.outputs.size(); ++o) {
      if (!node.outputs[o].empty()) keep_rounded(picture, node.outputs[o], std::move(outputs[o]));
    }
    for (const std::string& value : last_reads_[index]) {
      picture.real.erase(value);
      picture.rounded.erase(value);
      picture.codes.erase(value);
    }
  });
}

const Tensor& SideBySide::real(std::int64_t picture, const std::string& value) const {
  return pictures_[static_cast<std::size_t>(picture)].real.at(value);
}

Tensor SideBySide::rounded(std::int64_t picture, const std::string& value) const {
  const Picture& of = pictures_[static_cast<std::size_t>(picture)];
  auto found = of.codes.find(value);
  return found != of.codes.end() ? real_values(found->second) : of.rounded.at(value);
}

std::int64_t SideBySide::bytes_of_a_picture(const Graph& graph, const Points& points) {
  const auto bytes_of = [&](const std::string& value) -> std::int64_t {
    if (points.host.count(value) != 0) return 0;
    const std::int64_t elements = network::element_count(graph.values.at(value).shape);
    return elements * (points.quantized(value) ? 4 + 1 : 4 + 4);
  };
  const auto last_reads = last_reads_of(graph);
  std::int64_t now = 0, most = 0;
  for (const network::Port& port : graph.inputs) now += bytes_of(port.name);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string& output : graph.nodes[i].outputs) now += output.empty() ? 0 : bytes_of(output);
    most = std::max(most, now);
    for (const std::string& value : last_reads[i]) now -= value.empty() ? 0 : bytes_of(value);
  }
  return std::max<std::int64_t>(most, 1);
}

}  // namespace northpole::quantize
