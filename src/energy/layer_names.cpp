#include "energy/layer_names.h"

#include <algorithm>

#include "energy/event_counts.h"

namespace northpole::energy {
namespace {

// Names beyond those of Program::layers that get a row of their own; a damaged program may have one for every tag.
constexpr std::size_t maximum_names = 4096;

}  // namespace

LayerNames::LayerNames(const program::Program& program) : program_(program), of_tag_(program.tensors.size(), -1) {
  std::vector<const program::LayerCycles*> layers;
  for (const program::LayerCycles& layer : program.layers) layers.push_back(&layer);
  std::stable_sort(layers.begin(), layers.end(),
                   [](const auto* left, const auto* right) { return left->last_issue < right->last_issue; });
  for (const program::LayerCycles* layer : layers) spans_.push_back({layer->last_issue, of_name(layer->layer)});
}

std::uint32_t LayerNames::of_name(const std::string& name) {
  const auto found = numbers_.find(name);
  if (found != numbers_.end()) return found->second;
  if (names_.size() >= maximum_names) return static_cast<std::uint32_t>(names_.size() - 1);
  names_.push_back(name);
  return numbers_[name] = static_cast<std::uint32_t>(names_.size() - 1);
}

std::uint32_t LayerNames::of_tag(std::uint16_t tag) {
  if (tag >= of_tag_.size()) return of_name(programs_name);
  std::int64_t& layer = of_tag_[tag];
  if (layer < 0) {
    const program::TensorName& tensor = program_.tensors[tag];
    layer = of_name(!tensor.layer.empty() ? tensor.layer : tag == program_.input.tag ? "input" : programs_name);
  }
  return static_cast<std::uint32_t>(layer);
}

std::uint32_t LayerNames::at(std::uint64_t cycle) const {
  const auto found = std::lower_bound(spans_.begin(), spans_.end(), cycle,
                                      [](const Span& span, std::uint64_t value) { return span.last_issue < value; });
  return found == spans_.end() ? (spans_.empty() ? 0 : spans_.back().layer) : found->layer;
}

}  // namespace northpole::energy
