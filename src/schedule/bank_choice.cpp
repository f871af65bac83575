#include "schedule/bank_choice.h"

#include <algorithm>

namespace northpole::schedule {

namespace {

std::int32_t groups_of(const map::Mapping& mapping, const lower::StoredTensor& output) {
  map::Region region;
  region.block1 = mapping.tile_blocks;
  return map::lane_groups(region, output).count();
}

}  // namespace

BankChoice::Banks BankChoice::of(const Holding& holding) const {
  if (holding.segments.empty()) return {bank_of(holding.base)};
  Banks banks;
  for (auto s = holding.segments.rbegin(); s != holding.segments.rend(); ++s) banks.push_back(bank_of(s->base));
  return banks;
}

BankChoice::Banks BankChoice::avoiding(const Banks& last) const {
  Banks banks, late;
  for (std::uint32_t i = 0; i < data_banks_; ++i) {
    const std::uint32_t bank = (i + turn_) % data_banks_;
    if (std::find(last.begin(), last.end(), bank) == last.end()) banks.push_back(bank);
  }
  for (const std::uint32_t bank : last)
    if (bank < data_banks_ && std::find(late.begin(), late.end(), bank) == late.end()) late.push_back(bank);
  banks.insert(banks.end(), late.rbegin(), late.rend());
  return banks;
}

void BankChoice::add_banks_of(const Holding* holding, Banks& banks) const {
  if (holding == nullptr) return;
  for (const std::uint32_t bank : of(*holding)) banks.push_back(bank);
}

BankChoice::Banks BankChoice::for_whole_input(std::size_t index, std::size_t input, const Job& job,
                                              const std::vector<Places>& places) const {
  const lower::Layer& layer = graph_.layers[index];
  Banks avoid = {read_last_};
  for (std::size_t j = 0; j < layer.inputs.size(); ++j)
    if (j != input) add_banks_of(places[static_cast<std::size_t>(layer.inputs[j].blocks[0].tensor)].holding, avoid);
  for (const lower::ViewBlock& block : layer.inputs[input].blocks)
    add_banks_of(places[static_cast<std::size_t>(block.tensor)].holding, avoid);
  for (const Holding* other : job.inputs) add_banks_of(other, avoid);
  avoid.push_back(written_);
  return avoiding(avoid);
}

BankChoice::Banks BankChoice::for_whole_output(std::size_t index, const Job& job,
                                               const std::vector<Places>& places) const {
  const lower::Layer& layer = graph_.layers[index];
  // What comes in pieces is read from the last of them while outputs are taken on.
  Banks avoid = of(*job.inputs[0]);
  if (avoid.size() > 2) avoid.resize(2);
  // A vector layer goes on beside the VMM's layer before it.
  if (layer.kind != lower::LayerKind::linear) avoid.push_back(read_last_);
  for (std::size_t l = index + 1; l < graph_.layers.size(); ++l)
    for (const lower::View& view : graph_.layers[l].inputs)
      if (view.blocks[0].tensor == layer.output)
        for (const lower::View& other : graph_.layers[l].inputs)
          add_banks_of(places[static_cast<std::size_t>(other.blocks[0].tensor)].holding, avoid);
  for (std::size_t i = 1; i < job.inputs.size(); ++i) add_banks_of(job.inputs[i], avoid);
  return avoiding(avoid);
}

BankChoice::Banks BankChoice::by(const Costs& costs) const {
  Banks banks = avoiding({});
  std::stable_sort(banks.begin(), banks.end(), [&](std::uint32_t a, std::uint32_t b) { return costs[a] < costs[b]; });
  return banks;
}

std::uint32_t BankChoice::bank_of_tile(std::size_t index, std::size_t input, const Holding& holding, bool last) const {
  const lower::Layer& layer = graph_.layers[index];
  const map::PixelTiles t = tiles(index);
  std::int32_t row = last ? (t.down - 1) * t.height : 0, column = last ? (t.across - 1) * t.width : 0;
  if (input == 0) {
    row = row * layer.stride_y + (layer.window_height - 1) / 2 * layer.dilation_y;
    column = column / layer.phases * layer.stride_x + (layer.window_width - 1) / 2 * layer.dilation_x;
  }
  // What a reader makes of a tensor may be larger than what a core holds of it.
  return std::min(bank_of(holding.word(row, column)), chip_.banks - 1);
}

Cycle BankChoice::outputs(std::size_t index) const {
  const map::Mapping& m = mappings_.layers[index].mapping;
  return static_cast<Cycle>(m.tile_height * m.tile_width) *
         static_cast<Cycle>(groups_of(m, graph_.tensors[static_cast<std::size_t>(graph_.layers[index].output)]));
}

// The first half comes while the VMM passes the last pixel tile of the layer before, the second one while it passes the
// first half. Words leave the source meanwhile, and the vector unit reads a second operand beside both.
BankChoice::Costs BankChoice::input_costs(std::size_t index, const Holding& source, const std::vector<Places>& places,
                                          bool late) const {
  constexpr Cycle dense = 40, sends = 20;  // where the VMM reads, words wait for its pauses
  Costs costs(chip_.banks, 0);
  const lower::Layer& layer = graph_.layers[index];
  if (!late) costs[read_last_] += dense;
  if (source.segments.empty()) costs[bank_of(source.base)] += sends;
  for (const Segment& segment : source.segments)
    if (segment.late) costs[bank_of(segment.base)] += late ? sends / 2 : sends;
  if (layer.inputs.size() < 2) return costs;
  const Holding* second = places[static_cast<std::size_t>(layer.inputs[1].blocks[0].tensor)].holding;
  if (second == nullptr) return costs;
  const Cycle reads = mappings_.layers[index].cost.vector / 2;
  costs[bank_of_tile(index, 1, *second, false)] += reads;
  if (late) costs[bank_of_tile(index, 1, *second, true)] += reads;
  return costs;
}

BankChoice::Banks BankChoice::for_input(std::size_t index, const Holding& source,
                                        const std::vector<Places>& places) const {
  return by(input_costs(index, source, places, false));
}

BankChoice::Banks BankChoice::for_late_input(std::size_t index, const Holding& source,
                                             const std::vector<Places>& places, std::uint32_t early) const {
  constexpr Cycle never = 100;  // the VMM reads there
  Costs costs = input_costs(index, source, places, true);
  costs[early] += never;
  return by(costs);
}

BankChoice::Costs BankChoice::output_costs(std::size_t index, const Job& job, const std::vector<Places>& places,
                                           bool late) const {
  Costs costs(chip_.banks, 0);
  const lower::Layer& layer = graph_.layers[index];
  const auto groups = static_cast<Cycle>(groups_of(job.mapping, *job.output_tensor));
  const Cycle half = outputs(index) / 2;
  // Outputs of a half are written beside its own passes, those of the last lane group beside the next ones.
  costs[bank_of_tile(index, 0, *job.inputs[0], late)] += half * (groups - 1) / groups;
  if (!late) costs[bank_of_tile(index, 0, *job.inputs[0], true)] += half / groups;
  if (job.inputs.size() > 1) costs[bank_of_tile(index, 1, *job.inputs[1], late)] += half;
  // Who reads it as the VMM's input may read something else beside.
  for (std::size_t l = index + 1; l < graph_.layers.size(); ++l) {
    const lower::Layer& reader = graph_.layers[l];
    if (reader.inputs[0].blocks[0].tensor != layer.output || reader.inputs.size() < 2) continue;
    if (const Holding* there = places[static_cast<std::size_t>(reader.inputs[1].blocks[0].tensor)].holding)
      costs[bank_of_tile(l, 1, *there, late)] += outputs(l) / 2;
  }
  return costs;
}

BankChoice::Banks BankChoice::for_output(std::size_t index, const Job& job, const std::vector<Places>& places) const {
  return by(output_costs(index, job, places, false));
}

BankChoice::Banks BankChoice::for_late_output(std::size_t index, const Job& job, const std::vector<Places>& places,
                                              std::uint32_t early) const {
  Costs costs = output_costs(index, job, places, true);
  costs[early] += mappings_.layers[index].cost.vector / 2;  // read while the later half is written
  return by(costs);
}

void BankChoice::planned(std::size_t index, const Job& job) {
  if (job.layer->kind == lower::LayerKind::linear) {
    read_last_ = bank_of_tile(index, 0, *job.inputs[0], true);
    read_ = of(*job.inputs[0]);
  }
  written_ = of(*job.output).front();
  ++turn_;
}

}  // namespace northpole::schedule
