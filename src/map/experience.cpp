#include "map/experience.h"

#include <algorithm>

namespace northpole::map {

namespace {

// Everything of a layer that tells how long it takes in a mapping.
std::string shape_of(const lower::LayerGraph& graph, std::size_t layer, const std::vector<std::int32_t>& maker) {
  const lower::Layer& l = graph.layers[layer];
  const lower::StoredTensor& output = graph.tensors[static_cast<std::size_t>(l.output)];
  std::string text;
  const auto add = [&](std::int64_t n) { text += std::to_string(n) + ' '; };
  for (const std::int64_t n :
       {std::int64_t{static_cast<std::int32_t>(l.kind)}, std::int64_t{output.height}, std::int64_t{output.width},
        std::int64_t{output.channels}, std::int64_t{output.block_channels()}, std::int64_t{l.window_height},
        std::int64_t{l.window_width}, std::int64_t{l.stride_y}, std::int64_t{l.stride_x}, std::int64_t{l.dilation_y},
        std::int64_t{l.dilation_x}, std::int64_t{l.phases}, std::int64_t{l.broadcast}, std::int64_t{l.lane_words},
        std::int64_t{l.weights.used_blocks}, std::int64_t{l.weights.block_bytes}})
    add(n);
  for (const lower::View& view : l.inputs) {
    for (const std::int64_t n : {std::int64_t{view.height}, std::int64_t{view.width}, std::int64_t{view.channels},
                                 std::int64_t{view.block_channels()}})
      add(n);
    std::int32_t last = -1;
    for (const lower::ViewBlock& block : view.blocks) {
      if (block.tensor == last) continue;
      last = block.tensor;
      const std::int32_t made = maker[static_cast<std::size_t>(last)];
      add(made < 0 ? -1 : static_cast<std::int64_t>(layer) - made);
    }
  }
  return text;
}

}  // namespace

Experience::Experience(const lower::LayerGraph& graph) {
  std::vector<std::int32_t> maker(graph.tensors.size(), -1);
  std::unordered_map<std::string, std::uint32_t> forms;
  for (std::size_t l = 0; l < graph.layers.size(); ++l) {
    const auto next = static_cast<std::uint32_t>(forms.size() + 1);
    form_.push_back(forms.try_emplace(shape_of(graph, l, maker), next).first->second);
    maker[static_cast<std::size_t>(graph.layers[l].output)] = static_cast<std::int32_t>(l);
  }
}

Experience::Key Experience::key(std::size_t layer, std::uint32_t before, std::uint32_t number) const {
  return {layer == 0 ? 0 : form_[layer - 1], layer == 0 ? 0 : before, form_[layer], number};
}

void Experience::learn(const std::vector<std::uint32_t>& numbers, const std::vector<Mapping>& mappings,
                       const std::vector<std::uint64_t>& took) {
  for (std::size_t l = 0; l < numbers.size(); ++l) {
    Mean& mean = known_[key(l, l == 0 ? 0 : numbers[l - 1], numbers[l])];
    mean.sum += took[l];
    ++mean.count;
    const auto [found, fresh] = tried_[form_[l]].try_emplace(numbers[l], Tried{mappings[l], took[l]});
    if (!fresh) found->second.least = std::min(found->second.least, took[l]);
  }
}

std::optional<std::uint64_t> Experience::took(std::size_t layer, std::uint32_t before, std::uint32_t number) const {
  const auto found = known_.find(key(layer, before, number));
  if (found == known_.end()) return std::nullopt;
  return found->second.value();
}

std::vector<Mapping> Experience::tried(std::size_t layer) const {
  std::vector<Mapping> result;
  const auto found = tried_.find(form_[layer]);
  if (found == tried_.end()) return result;
  std::vector<const Tried*> all;
  for (const auto& [number, tried] : found->second) all.push_back(&tried);
  std::stable_sort(all.begin(), all.end(), [](const Tried* a, const Tried* b) { return a->least < b->least; });
  for (const Tried* tried : all) result.push_back(tried->mapping);
  return result;
}

}  // namespace northpole::map
