#include "map/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "map/experience.h"
#include "map/pace.h"
#include "map/shortlist.h"
#include "map/transfer_table.h"
#include "network/error.h"

namespace northpole::map {

namespace {

// How many plans are kept from layer to layer, and how often the search is made again around the best plan so far.
constexpr std::size_t beam_width = 48, rounds = 3;

// A plan of the layers up to one: what the layers after it need to know of it.
struct State {
  Pace pace;
  std::vector<std::uint16_t> live;  // candidates of the makers of the tensors that are still read
  std::uint64_t gathered = 0;       // words that the last layer gathered
  std::size_t before = 0;           // state of the layer before
  std::uint16_t choice = 0;
};

// Mappings that were tried in earlier schedules and are looked at again, of each layer.
constexpr std::size_t tried_again = 8;

}  // namespace

class Search {
 public:
  Search(const lower::LayerGraph& graph, const chip::ChipDescription& chip, std::uint32_t group_rows,
         Objective objective, bool halves)
      : graph_(graph),
        chip_(chip),
        group_rows_(group_rows),
        objective_(objective),
        uses_(graph),
        table_(graph, chip, group_rows),
        lists_(graph, uses_, chip, group_rows, table_, halves),
        pace_(chip, group_rows),
        experience_(graph) {
    for (std::size_t l = 0; l < graph.layers.size(); ++l) live_.push_back(live_after(l));
  }

  Plan run(std::uint64_t transfer_price, std::uint64_t weight_price);
  void learn(const Plan& plan, const std::vector<std::uint64_t>& took);
  std::uint32_t form(std::size_t layer) const { return experience_.form(layer); }
  std::vector<Mapping> variants(std::size_t layer, const Mapping& mapping) const {
    return lists_.variants(layer, mapping);
  }
  Plan of(const std::vector<Mapping>& mappings);

 private:
  static constexpr std::size_t none = TensorUses::none;

  const lower::StoredTensor& output_of(std::size_t layer) const {
    return graph_.tensors[static_cast<std::size_t>(graph_.layers[layer].output)];
  }
  std::vector<std::size_t> live_after(std::size_t layer) const;
  Step step(std::size_t layer, const Candidate& candidate, const State& before, std::vector<TransferCost>* transfers);
  void extend(std::size_t layer);
  std::uint64_t held(std::size_t layer, const State& before) const;
  std::uint64_t drain(const std::vector<std::uint16_t>& choices) const;
  std::vector<std::uint16_t> best();
  std::uint64_t expected(const std::vector<std::uint16_t>& choices) const;
  Plan plan_of(const std::vector<std::uint16_t>& choices);

  const lower::LayerGraph& graph_;
  chip::ChipDescription chip_;
  std::uint32_t group_rows_;
  Objective objective_;
  std::uint64_t transfer_price_ = 1;
  TensorUses uses_;
  TransferTable table_;
  Shortlists lists_;
  PaceModel pace_;
  Experience experience_;
  std::vector<std::vector<std::size_t>> live_;      // tensors that are read after each layer
  std::vector<std::vector<Candidate>> candidates_;  // by layer, in this round
  std::vector<std::vector<State>> states_;          // by layer, in this round
  std::uint64_t least_ = 0;                         // cycles of the plan that best() found
};

std::vector<std::size_t> Search::live_after(std::size_t layer) const {
  std::vector<std::size_t> result;
  for (std::size_t t = 0; t < uses_.maker.size(); ++t)
    if (uses_.maker[t] != none && uses_.maker[t] <= layer && uses_.last_reader[t] > layer) result.push_back(t);
  return result;
}

Step Search::step(std::size_t layer, const Candidate& candidate, const State& before,
                  std::vector<TransferCost>* transfers) {
  const lower::Layer& l = graph_.layers[layer];
  Step s;
  s.cost = candidate.cost;
  s.pieces = static_cast<std::uint64_t>(candidate.mapping.tile_blocks) * candidate.tiles;
  s.passes = lists_.model(layer).lane_groups_of_core(candidate.mapping) * candidate.tiles;
  s.first_pass = lists_.model(layer).cycles_of_lane_group(candidate.mapping);
  if (lists_.model(layer).constants_stay(candidate.mapping))
    s.preloaded = lists_.model(layer).constant_loads(candidate.mapping);
  const PixelTiles tiles = pixel_tiles(candidate.mapping, chip_);
  s.tile_pixels = static_cast<std::uint64_t>(tiles.height) * static_cast<std::uint64_t>(tiles.width);
  std::uint64_t moved = 0;
  s.cost.activations = 0;
  for (std::size_t i = 0; i < l.inputs.size(); ++i) {
    std::set<std::int32_t> tensors;
    for (const auto& block : l.inputs[i].blocks) tensors.insert(block.tensor);
    TransferCost whole;
    for (const std::int32_t t : tensors) {
      const std::size_t maker = uses_.maker[static_cast<std::size_t>(t)];
      const TransferCost* one = nullptr;
      if (maker == none) {
        one = &table_.from_frame(layer, i, candidate.number);
        if (layer == 0) {
          // All cores get rows at the same pace, into a bank that the VMM reads only when a piece of it is full.
          constexpr std::uint64_t pieces = 14;  // HoldingRoom::take_arriving() in schedule/holding_room.h makes no more
          const auto rows = static_cast<std::uint64_t>(candidate.mapping.tile_height);
          const std::uint64_t start = std::max((rows + pieces - 1) / pieces, static_cast<std::uint64_t>(tiles.height));
          const std::uint64_t first = one->cycles() * std::min(start, rows) / rows;
          s.recent += first;
          s.during += one->cycles() - first;
          s.follows_far = true;
        }
      } else {
        const auto& live = live_[layer - 1];
        const auto at = std::lower_bound(live.begin(), live.end(), static_cast<std::size_t>(t)) - live.begin();
        const std::uint16_t choice = before.live[static_cast<std::size_t>(at)];
        one = &table_.between(layer, i, t, candidates_[maker][choice].number, candidate.number);
        (maker + 1 == layer ? s.recent : s.older) += transfer_price_ * one->cycles();
        if (maker + 1 == layer && i == 0)
          s.overlaps = l.kind != lower::LayerKind::linear && (one->in_place || one->at_home);
        if (maker + 1 == layer) (one->in_place ? s.follows : s.follows_far) = true;
      }
      whole.in_place = whole.in_place && one->in_place;
      whole.words += one->words;
      whole.received += one->received;
      whole.sent += one->sent;
      whole.link += one->link;
      whole.link_cycles = one->link_cycles;
    }
    moved += whole.received + whole.sent;
    s.cost.activations += whole.cycles();
    if (transfers != nullptr) transfers->push_back(whole);
  }
  s.cost.memory = lists_.model(layer).memory_cycles(candidate.mapping, moved);
  return s;
}

// Words of the tensors that lie in the fullest core when the layer begins.
std::uint64_t Search::held(std::size_t layer, const State& before) const {
  if (layer == 0) return 0;
  std::uint64_t words = before.gathered;
  for (std::size_t i = 0; i < before.live.size(); ++i)
    words += candidates_[uses_.maker[live_[layer - 1][i]]][before.live[i]].need.output;
  return words;
}

void Search::extend(std::size_t layer) {
  const std::vector<State> start(1);
  const std::vector<State>& before = layer == 0 ? start : states_.back();
  const std::uint64_t room = activation_words(chip_);
  std::uint64_t least = ~std::uint64_t{0};
  std::map<std::vector<std::uint16_t>, State>
      best;  // plans that differ only in what nobody needs any more: the shortest
  for (std::size_t b = 0; b < before.size(); ++b)
    for (std::size_t c = 0; c < candidates_[layer].size(); ++c) {
      const Candidate& candidate = candidates_[layer][c];
      const Step s = step(layer, candidate, before[b], nullptr);
      State next;
      next.gathered = s.cost.activations == 0 ? 0 : candidate.need.inputs;
      const std::uint64_t words = held(layer, before[b]) + next.gathered + candidate.need.output;
      least = std::min(least, words);
      if (words > room) continue;
      next.pace = pace_.after(before[b].pace, s);
      const std::uint32_t mapped_before = layer == 0 ? 0 : candidates_[layer - 1][before[b].choice].number;
      if (const auto took = experience_.took(layer, mapped_before, candidate.number))
        next.pace.cycles = before[b].pace.cycles + *took;
      next.before = b;
      next.choice = static_cast<std::uint16_t>(c);
      for (const std::size_t t : live_[layer]) {
        if (uses_.maker[t] == layer) {
          next.live.push_back(next.choice);
          continue;
        }
        const auto& live = live_[layer - 1];
        const auto at = std::lower_bound(live.begin(), live.end(), t) - live.begin();
        next.live.push_back(before[b].live[static_cast<std::size_t>(at)]);
      }
      const auto [found, is_new] = best.try_emplace(next.live, next);
      if (!is_new && next.pace.cycles < found->second.pace.cycles) found->second = next;
    }
  if (best.empty())
    throw Error(
        fmt::format("layer '{}' does not fit: with the tensors that later layers still read, a core needs {} "
                    "words of 32 bytes, {} more than its memory has for activations",
                    graph_.layers[layer].name, least, least - room));
  std::vector<State> states;
  for (auto& [live, state] : best) states.push_back(std::move(state));
  std::stable_sort(states.begin(), states.end(),
                   [](const State& a, const State& b) { return a.pace.cycles < b.pace.cycles; });
  if (states.size() > beam_width) states.resize(beam_width);
  states_.push_back(std::move(states));
}

// Cycles that the outputs take to the edge units, behind the last issue.
std::uint64_t Search::drain(const std::vector<std::uint16_t>& choices) const {
  std::vector<std::uint64_t> row_words(group_rows_, 0);
  for (const auto& output : graph_.outputs) {
    std::set<std::int32_t> tensors;
    for (const auto& block : output.view.blocks) tensors.insert(block.tensor);
    for (const std::int32_t t : tensors) {
      const std::size_t maker = uses_.maker[static_cast<std::size_t>(t)];
      if (maker == none) continue;
      for (std::uint32_t core = 0; core < group_rows_ * chip_.columns; ++core) {
        const CorePart part = part_of(candidates_[maker][choices[maker]].mapping,
                                      graph_.tensors[static_cast<std::size_t>(t)], chip_, core);
        if (part.input_part == 0)
          row_words[core / chip_.columns] += static_cast<std::uint64_t>(part.output.height()) *
                                             static_cast<std::uint64_t>(part.output.width()) *
                                             static_cast<std::uint64_t>(part.output.blocks());
      }
    }
  }
  return *std::max_element(row_words.begin(), row_words.end()) + pace_.latency_far();
}

// The cycles of a plan that best() gave.
std::uint64_t Search::expected(const std::vector<std::uint16_t>& choices) const {
  return least_ + (objective_ == Objective::latency ? 0 : drain(choices));
}

// The shortest of the plans that are left.
std::vector<std::uint16_t> Search::best() {
  std::vector<std::uint16_t> result;
  std::uint64_t least = ~std::uint64_t{0};
  for (std::size_t i = 0; i < states_.back().size(); ++i) {
    std::vector<std::uint16_t> choices(graph_.layers.size());
    std::size_t state = i;
    for (std::size_t l = graph_.layers.size(); l-- > 0; state = states_[l][state].before)
      choices[l] = states_[l][state].choice;
    const std::uint64_t cycles =
        states_.back()[i].pace.cycles + (objective_ == Objective::latency ? drain(choices) : 0);
    if (cycles >= least) continue;
    least_ = least = cycles;
    result = std::move(choices);
  }
  return result;
}

Plan Search::plan_of(const std::vector<std::uint16_t>& choices) {
  Plan plan;
  State state;
  for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
    const Candidate& candidate = candidates_[l][choices[l]];
    LayerPlan layer;
    const Step s = step(l, candidate, state, &layer.transfers);
    State next;
    next.pace = pace_.after(state.pace, s);
    for (const std::size_t t : live_[l]) next.live.push_back(choices[uses_.maker[t]]);
    layer.mapping = candidate.mapping;
    layer.cost = s.cost;
    layer.cycles = next.pace.cycles - state.pace.cycles;
    const std::uint64_t busy = std::max({s.cost.arithmetic, s.cost.partial_sums, s.cost.vector, s.cost.memory});
    layer.exposed = layer.cycles > busy ? layer.cycles - busy : 0;
    plan.layers.push_back(std::move(layer));
    state = std::move(next);
  }
  plan.cycles = state.pace.cycles + drain(choices);
  return plan;
}

Plan Search::of(const std::vector<Mapping>& mappings) {
  candidates_.clear();
  for (std::size_t l = 0; l < graph_.layers.size(); ++l) candidates_.push_back({lists_.candidate(l, mappings[l])});
  return plan_of(std::vector<std::uint16_t>(graph_.layers.size(), 0));
}

void Search::learn(const Plan& plan, const std::vector<std::uint64_t>& took) {
  std::vector<std::uint32_t> numbers;
  std::vector<Mapping> mappings;
  for (const LayerPlan& layer : plan.layers) {
    mappings.push_back(layer.mapping);
    numbers.push_back(table_.number(layer.mapping));
  }
  experience_.learn(numbers, mappings, took);
}

Plan Search::run(std::uint64_t transfer_price, std::uint64_t weight_price) {
  transfer_price_ = transfer_price;
  pace_ = PaceModel(chip_, group_rows_, weight_price);
  std::vector<Mapping> chosen;
  Plan plan;
  for (std::size_t round = 0; round < rounds; ++round) {
    candidates_.clear();
    states_.clear();
    for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
      candidates_.push_back(round == 0 ? lists_.cheapest(l) : lists_.around(l, chosen));
      std::vector<Candidate>& list = candidates_.back();
      std::size_t added = 0;
      for (const Mapping& mapping : experience_.tried(l)) {
        if (++added > tried_again) break;
        if (std::none_of(list.begin(), list.end(), [&](const Candidate& c) { return c.mapping == mapping; }))
          list.push_back(lists_.candidate(l, mapping));
      }
    }
    for (std::size_t l = 0; l < graph_.layers.size(); ++l) extend(l);
    const std::vector<std::uint16_t> choices = best();
    Plan found = plan_of(choices);
    found.cycles = expected(choices);
    if (round > 0 && found.cycles >= plan.cycles) break;
    plan = std::move(found);
    chosen.clear();
    for (const LayerPlan& layer : plan.layers) chosen.push_back(layer.mapping);
  }
  return plan;
}

Planner::Planner(const lower::LayerGraph& graph, const chip::ChipDescription& chip, std::uint32_t group_rows,
                 Objective objective, bool halves)
    : search_(std::make_unique<Search>(graph, chip, group_rows, objective, halves)) {}

Planner::~Planner() = default;

Plan Planner::plan(std::uint64_t transfer_price, std::uint64_t weight_price) {
  return search_->run(transfer_price, weight_price);
}

void Planner::learn(const Plan& plan, const std::vector<std::uint64_t>& took) { search_->learn(plan, took); }

std::uint32_t Planner::form(std::size_t layer) const { return search_->form(layer); }

std::vector<Mapping> Planner::variants(std::size_t layer, const Mapping& mapping) const {
  return search_->variants(layer, mapping);
}

Plan Planner::of(const std::vector<Mapping>& mappings) { return search_->of(mappings); }

Plan plan_mappings(const lower::LayerGraph& graph, const chip::ChipDescription& chip, std::uint32_t group_rows,
                   Objective objective, std::uint64_t transfer_price, std::uint64_t weight_price) {
  return Planner(graph, chip, group_rows, objective).plan(transfer_price, weight_price);
}

}  // namespace northpole::map
