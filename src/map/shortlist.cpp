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
    std::map<std::array<std::int32_t, 5>, bool> seen;
    std::vector<Candidate> cheapest;
    // How a picture that arrives slowly is cut in time matters as much as how it is cut over cores.
    const bool arrives = reads_frame(l);
    for (std::size_t i = 0; i < sorted.size() && cheapest.size() < (arrives ? 2 * kept : kept); ++i) {
      const Mapping& m = sorted[i].mapping;
      const std::int32_t in_time = arrives ? m.pixel_rows : 0;
      if (seen.try_emplace({m.y_parts, m.column_y_parts, m.x_parts, m.outputs_inside, in_time}, true).second ||
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

bool Shortlists::reads_frame(std::size_t layer) const {
  const lower::Layer& l = graph_.layers[layer];
  for (const auto& block : l.inputs[0].blocks)
    if (uses_.maker[static_cast<std::size_t>(block.tensor)] == TensorUses::none)
      return l.kind == lower::LayerKind::linear;
  return false;
}

std::vector<Mapping> Shortlists::in_time(std::size_t layer, const Mapping& mapping) const {
  std::vector<Mapping> result{mapping};
  if (graph_.layers[layer].kind != lower::LayerKind::linear) return result;
  const PixelTiles tiles = pixel_tiles(mapping, chip_);
  const auto add = [&](std::int32_t rows, std::int32_t columns) {
    Mapping other = mapping;
    other.pixel_rows = rows;
    other.pixel_columns = columns;
    if (models_[layer].weights_stay(other)) result.push_back(other);
  };
  if (reads_frame(layer)) {
    // Inputs that come slowly are best worked on in small pixel tiles, where the weights stay; but a pass should be
    // long beside the pauses between lane groups, the more so where programs have to be short.
    const std::int32_t shortest = halves_ ? 24 : 48,
                       fewest = mapping.tile_height * mapping.tile_width / (halves_ ? 8 : 4);
    for (const std::int32_t rows : {1, 2, 4, 8})
      if (rows < tiles.height && rows * mapping.tile_width >= std::min(shortest, fewest)) add(rows, 0);
  }
  // Sums, outputs and inputs of one half of the pixels can travel while the other half is computed.
  if (!halves_ || tiles.count() > 1) return result;
  if (tiles.height >= 2 && tiles.height * tiles.width >= 12) add((tiles.height + 1) / 2, 0);
  if (tiles.height == 1 && tiles.width >= 6) add(0, (tiles.width + 1) / 2);
  return result;
}

std::vector<Candidate> Shortlists::all(std::size_t layer) const {
  const lower::Layer& l = graph_.layers[layer];
  std::vector<Candidate> result;
  for (const Mapping& cut : candidates(l, graph_.tensors[static_cast<std::size_t>(l.output)], chip_, group_rows_))
    for (const Mapping& mapping : in_time(layer, cut)) result.push_back(candidate(layer, mapping));
  std::stable_sort(result.begin(), result.end(), [](const Candidate& a, const Candidate& b) {
    return std::pair{a.cost.compute(), a.cost.activations} < std::pair{b.cost.compute(), b.cost.activations};
  });
  return result;
}

std::vector<Mapping> Shortlists::variants(std::size_t layer, const Mapping& mapping) const {
  Mapping cut = mapping;
  cut.pixel_rows = cut.pixel_columns = 0;
  cut.one_bank = false;
  std::vector<Mapping> result = in_time(layer, cut);
  cut.outputs_inside = !cut.outputs_inside;
  if (cut.column_output_parts > 1 && cut.column_y_parts * cut.x_parts > 1)
    for (const Mapping& other : in_time(layer, cut)) result.push_back(other);
  for (std::size_t i = result.size(); i-- > 0;)
    if (result[i].pixel_rows > 0 || result[i].pixel_columns > 0) {
      result.push_back(result[i]);
      result.back().one_bank = true;
    }
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
    if (result.size() < (reads_frame(layer) ? 2 * kept : kept)) add(sorted[i]);
  return result;
}

}  // namespace northpole::map
