#include "map/shortlist.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "map/candidates.h"

namespace northpole::map {

namespace {

// How many of all mappings are looked at again around a plan; how many take part in the search: in all, and those with
// the fewest cycles.
constexpr std::size_t looked_at = 240, kept = 32, kept_for_cycles = 10;

}  // namespace

TensorUses::TensorUses(const lower::LayerGraph& graph)
    : maker(graph.tensors.size(), none), last_reader(graph.tensors.size(), 0), reads(graph.tensors.size()) {
  for (std::size_t l = 0; l < graph.layers.size(); ++l) {
    maker[static_cast<std::size_t>(graph.layers[l].output)] = l;
    for (std::size_t i = 0; i < graph.layers[l].inputs.size(); ++i)
      for (const auto& block : graph.layers[l].inputs[i].blocks) {
        const auto tensor = static_cast<std::size_t>(block.tensor);
        last_reader[tensor] = l;
        if (reads[tensor].empty() || !(reads[tensor].back() == Read{l, i})) reads[tensor].push_back({l, i});
      }
  }
}

Shortlists::Shortlists(const lower::LayerGraph& graph, const TensorUses& uses, const chip::ChipDescription& chip,
                       std::uint32_t group_rows, TransferTable& table, bool halves)
    : graph_(graph), uses_(uses), chip_(chip), group_rows_(group_rows), table_(table), halves_(halves) {
  for (std::size_t l = 0; l < graph.layers.size(); ++l) {
    models_.emplace_back(graph.layers[l], graph.tensors[static_cast<std::size_t>(graph.layers[l].output)], chip_,
                         group_rows);
    sorted_.push_back(all(l));
    auto& sorted = sorted_.back();
    std::map<std::array<std::int32_t, 4>, bool> seen;
    std::vector<Candidate> cheapest;
    for (std::size_t i = 0; i < sorted.size() && cheapest.size() < kept; ++i) {
      const Mapping& m = sorted[i].mapping;
      if (seen.try_emplace({m.y_parts, m.column_y_parts, m.x_parts, m.outputs_inside}, true).second ||
          i < kept_for_cycles)
        cheapest.push_back(sorted[i]);
    }
    cheapest_.push_back(std::move(cheapest));
    if (sorted.size() > looked_at) sorted.resize(looked_at);
  }
}

Candidate Shortlists::candidate(std::size_t layer, const Mapping& mapping) const {
  const lower::Layer& l = graph_.layers[layer];
  Candidate c;
  c.mapping = mapping;
  c.cost = models_[layer](mapping);
  c.need = memory_need(l, graph_.tensors[static_cast<std::size_t>(l.output)], mapping);
  c.number = table_.number(mapping);
  if (l.kind == lower::LayerKind::linear) c.tiles = static_cast<std::uint64_t>(pixel_tiles(mapping, chip_).count());
  return c;
}

std::vector<Candidate> Shortlists::all(std::size_t layer) const {
  const lower::Layer& l = graph_.layers[layer];
  std::vector<Candidate> result;
  for (const Mapping& mapping : candidates(l, graph_.tensors[static_cast<std::size_t>(l.output)], chip_, group_rows_))
    result.push_back(candidate(layer, mapping));
  bool reads_frame = false;
  for (const auto& block : l.inputs[0].blocks)
    reads_frame = reads_frame || uses_.maker[static_cast<std::size_t>(block.tensor)] == TensorUses::none;
  if (reads_frame && l.kind == lower::LayerKind::linear) {
    // Inputs that come slowly are best worked on in small pixel tiles, where the weights stay; but a pass should be
    // long beside the pauses between lane groups.
    constexpr std::int32_t most_wanted = 48;
    const std::size_t count = result.size();
    for (std::size_t i = 0; i < count; ++i)
      for (const std::int32_t rows : {1, 2, 4, 8}) {
        Mapping mapping = result[i].mapping;
        if (rows * mapping.tile_width < std::min(most_wanted, mapping.tile_height * mapping.tile_width / 4)) continue;
        mapping.pixel_rows = rows;
        if (rows < pixel_tiles(result[i].mapping, chip_).height && models_[layer].weights_stay(mapping))
          result.push_back(candidate(layer, mapping));
      }
  }
  // Sums, outputs and inputs of one half of the pixels can travel while the other half is computed.
  if (l.kind == lower::LayerKind::linear && halves_) {
    const std::size_t count = result.size();
    for (std::size_t i = 0; i < count; ++i) {
      Mapping mapping = result[i].mapping;
      const PixelTiles tiles = pixel_tiles(mapping, chip_);
      if (tiles.count() > 1 || tiles.height < 2 || tiles.height * tiles.width < 12) continue;
      mapping.pixel_rows = (tiles.height + 1) / 2;
      if (models_[layer].weights_stay(mapping)) result.push_back(candidate(layer, mapping));
    }
  }
  std::stable_sort(result.begin(), result.end(), [](const Candidate& a, const Candidate& b) {
    return std::pair{a.cost.compute(), a.cost.activations} < std::pair{b.cost.compute(), b.cost.activations};
  });
  return result;
}

std::uint64_t Shortlists::transfers(std::size_t layer, const Candidate& candidate, const std::vector<Mapping>& chosen) {
  std::uint64_t cycles = 0;
  const lower::Layer& l = graph_.layers[layer];
  for (std::size_t i = 0; i < l.inputs.size(); ++i) {
    std::set<std::int32_t> tensors;
    for (const auto& block : l.inputs[i].blocks) tensors.insert(block.tensor);
    for (const std::int32_t t : tensors) {
      const std::size_t maker = uses_.maker[static_cast<std::size_t>(t)];
      if (maker != TensorUses::none)
        cycles += table_.between(layer, i, t, table_.number(chosen[maker]), candidate.number).cycles();
    }
  }
  for (const TensorUses::Read& read : uses_.reads[static_cast<std::size_t>(l.output)])
    cycles +=
        table_.between(read.layer, read.input, l.output, candidate.number, table_.number(chosen[read.layer])).cycles();
  return cycles;
}

std::vector<Candidate> Shortlists::around(std::size_t layer, const std::vector<Mapping>& chosen) {
  std::vector<Candidate> result{candidate(layer, chosen[layer])};
  const auto& sorted = sorted_[layer];
  const auto add = [&](const Candidate& c) {
    for (const Candidate& other : result)
      if (other.mapping == c.mapping) return;
    result.push_back(c);
  };
  for (std::size_t i = 0; i < std::min(kept_for_cycles, sorted.size()); ++i) add(sorted[i]);
  std::vector<std::pair<std::uint64_t, std::size_t>> suiting;
  for (std::size_t i = 0; i < sorted.size(); ++i)
    suiting.emplace_back(2 * sorted[i].cost.compute() + transfers(layer, sorted[i], chosen), i);
  std::sort(suiting.begin(), suiting.end());
  for (const auto& [score, i] : suiting)
    if (result.size() < kept) add(sorted[i]);
  return result;
}

}  // namespace northpole::map
