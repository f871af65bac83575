#include "schedule/weight_streams.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>

#include "schedule/weight_links.h"

namespace northpole::schedule {

namespace {

// Every lane group uses one and the same weight block for all its products.
bool equal_products(const lower::Layer& layer) {
  if (layer.weights.used_blocks != 1 || layer.phases != 1) return false;
  const auto taps = static_cast<std::size_t>(layer.window_height * layer.window_width),
             bytes = static_cast<std::size_t>(layer.weights.block_bytes);
  for (std::size_t o = 0; o < layer.weights.first_block.size(); ++o)
    for (std::size_t tap = 1; tap < taps; ++tap)
      if (std::memcmp(layer.weights.bytes.data() + o * taps * bytes,
                      layer.weights.bytes.data() + (o * taps + tap) * bytes, bytes) != 0)
        return false;
  return true;
}

}  // namespace

WeightStreams::WeightStreams(const lower::Layer& layer, const lower::StoredTensor& output, const map::Mapping& mapping,
                             const std::vector<map::CorePart>& parts, std::uint16_t tag,
                             const chip::ChipDescription& chip, MemoryPlan& memory)
    : layer_(layer), tag_(tag), chip_(chip) {
  constexpr std::uint32_t set_words = 512;  // of a stripe, about
  group_cores_ = static_cast<std::uint32_t>(parts.size());
  block_words_ = static_cast<std::uint32_t>(layer.weights.block_bytes) / chip::word_bytes;
  output_groups_ = output.lane_groups();
  one_for_all_ = equal_products(layer);
  lanes_ = std::min(chip.model_lanes, block_words_);
  while (lanes_ > chip.cores()) lanes_ /= 2;
  blocks_of_set_ = static_cast<std::int32_t>(std::max(1U, set_words * lanes_ / block_words_));

  std::map<std::pair<std::int32_t, std::int32_t>, std::size_t> index;
  for (std::uint32_t core = 0; core < group_cores_; ++core) {
    const map::CorePart& part = parts[core];
    if (part.output.empty()) continue;
    const auto [found, fresh] = index.try_emplace({part.output_part, part.input_part}, parts_.size());
    if (fresh) {
      const map::LaneGroups groups = map::lane_groups(part.output, output);
      Part made;
      made.output_part = part.output_part;
      made.input_part = part.input_part;
      made.first_group = groups.first;
      made.groups = groups.count();
      made.slice = map::input_slice(layer, mapping, part.input_part);
      made.products = one_for_all_ ? 1 : layer.window_height * layer.window_width * made.slice.count();
      parts_.push_back(made);
    }
    parts_[found->second].cores.push_back(core);
  }
  std::vector<std::vector<bool>> users(parts_.size(), std::vector<bool>(chip.cores(), false));
  std::int32_t most = 0;
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    most = std::max(most, parts_[p].blocks() * layer.phases);
    for (const std::uint32_t core : parts_[p].cores)
      for (std::uint32_t c = core; c < chip.cores(); c += group_cores_) users[p][c] = true;
  }
  std::vector<std::vector<Destination>> destinations;
  for (const auto& cores : users) destinations.push_back(products(cores, chip));
  WeightLinks links(chip);
  // The parts take turns, so that each finds room near its users.
  for (std::int32_t first = 0; first < most; first += blocks_of_set_)
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      const std::int32_t left = parts_[p].blocks() * layer.phases - first;
      if (left <= 0) continue;
      const auto words = static_cast<std::uint32_t>(std::min(blocks_of_set_, left)) * block_words_ / lanes_;
      Set set;
      for (const std::uint32_t core : memory.keepers(
               lanes_, users[p], words, static_cast<std::uint32_t>(p) * lanes_ + static_cast<std::uint32_t>(first),
               [&](std::uint32_t lane, std::uint32_t core) { return links.busiest(lane, core, destinations[p]); })) {
        links.add(static_cast<std::uint32_t>(set.stripes.size()), core, destinations[p], words);
        set.stripes.push_back({core, memory.reserve_weights(core, tag, words)});
      }
      parts_[p].sets.push_back(std::move(set));
    }
}

const std::uint8_t* WeightStreams::block(const Part& part, std::int32_t group, std::int32_t phase,
                                         const Product& product) const {
  const std::int64_t taps = std::int64_t{layer_.window_height} * layer_.window_width;
  const std::int64_t n = ((std::int64_t{phase} * output_groups_ + part.first_group + group) * taps + product.tap) *
                             layer_.weights.used_blocks +
                         part.slice.first + product.word;
  return reinterpret_cast<const std::uint8_t*>(layer_.weights.bytes.data()) + n * layer_.weights.block_bytes;
}

void WeightStreams::set_order(const std::vector<Product>& order, MemoryPlan& memory) {
  for (Part& part : parts_) {
    std::vector<Product> own;
    part.ranks.assign(order.size(), -1);
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
      if (order[rank].word >= part.slice.count()) continue;
      part.ranks[rank] = one_for_all_ ? 0 : static_cast<std::int32_t>(own.size());
      if (!one_for_all_ || own.empty()) own.push_back(order[rank]);
    }
    std::vector<std::vector<isa::Word>> stripes(lanes_);
    std::int32_t filled = 0;
    std::size_t set = 0;
    const auto flush = [&] {
      for (std::uint32_t lane = 0; lane < lanes_; ++lane)
        memory.fill(part.sets[set].stripes[lane].core, part.sets[set].stripes[lane].address, std::move(stripes[lane]));
      stripes.assign(lanes_, {});
      filled = 0;
      ++set;
    };
    for (std::int32_t group = 0; group < part.groups; ++group)
      for (std::int32_t phase = 0; phase < layer_.phases; ++phase)
        for (const Product& product : own) {
          const std::uint8_t* bytes = block(part, group, phase, product);
          for (std::uint32_t w = 0; w < block_words_; ++w) {
            isa::Word word;
            std::memcpy(word.data(), bytes + static_cast<std::size_t>(w) * chip::word_bytes, chip::word_bytes);
            stripes[w % lanes_].push_back(word);
          }
          if (++filled == blocks_of_set_) flush();
        }
    if (filled != 0) flush();
  }
}

const std::vector<WeightStreams::Way>& WeightStreams::ways(std::size_t part, std::size_t set,
                                                           const std::vector<bool>& needing,
                                                           const RunPlan& plan) const {
  const auto [found, fresh] = ways_.try_emplace({part, set, needing});
  if (!fresh) return found->second;
  std::vector<bool> cores(chip_.cores(), false);
  bool any = false;
  for (const std::uint32_t core : parts_[part].cores)
    if (needing[core])
      for (std::uint32_t c = core; c < plan.groups() * group_cores_; c += group_cores_) any = cores[c] = true;
  if (!any) return found->second;
  for (const Destination& to : products(cores, chip_)) {
    Way way;
    way.to = to;
    for (const Stripe& stripe : parts_[part].sets[set].stripes)
      way.routes.push_back(route_from_core(stripe.core, to, chip_, 1));
    way.first.assign(way.routes[0].deliveries.size(), ~Cycle{0});
    way.last.assign(way.routes[0].deliveries.size(), 0);
    for (const Route& route : way.routes)
      for (std::size_t d = 0; d < route.deliveries.size(); ++d) {
        way.first[d] = std::min<Cycle>(way.first[d], route.deliveries[d].offset);
        way.last[d] = std::max<Cycle>(way.last[d], route.deliveries[d].offset);
      }
    found->second.push_back(std::move(way));
  }
  return found->second;
}

std::vector<WeightStreams::Arrival> WeightStreams::bring(std::int32_t group, std::int32_t phase, std::int32_t rank,
                                                         std::int32_t count, const std::vector<bool>& needing,
                                                         std::uint32_t ring, Cycle not_before, Resources& resources,
                                                         RunPlan& plan) const {
  std::vector<Arrival> arrivals(static_cast<std::size_t>(count));
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const Part& part = parts_[p];
    if (group >= part.groups) continue;
    const auto number = [&](std::int32_t i) {  // of the part's blocks, -1: none
      const std::int32_t own_rank = part.ranks[static_cast<std::size_t>(rank + i)];
      return own_rank < 0 ? -1 : (group * layer_.phases + phase) * part.products + own_rank;
    };
    for (std::int32_t i = 0, end = 0; i < count; i = end) {
      const std::int32_t first = number(i);
      for (end = i + 1; end < count && first >= 0; ++end)
        if (number(end) != first + end - i || number(end) / blocks_of_set_ != first / blocks_of_set_) break;
      if (first >= 0)
        stream(p, first, end - i, needing, ring + static_cast<std::uint32_t>(i) * block_words_, not_before, resources,
               plan, &arrivals[static_cast<std::size_t>(i)]);
    }
  }
  return arrivals;
}

void WeightStreams::stream(std::size_t p, std::int32_t n, std::int32_t blocks, const std::vector<bool>& needing,
                           std::uint32_t ring, Cycle not_before, Resources& resources, RunPlan& plan,
                           Arrival* arrivals) const {
  const auto of_set = static_cast<std::size_t>(n / blocks_of_set_);
  const Set& set = parts_[p].sets[of_set];
  const std::uint32_t of_block = block_words_ / lanes_, events = static_cast<std::uint32_t>(blocks) * of_block;
  // An idle cycle of the threads now and then leaves room for changing programs.
  constexpr std::int32_t blocks_in_a_row = 12;
  const Cycle pause = n / blocks_in_a_row != (n + blocks) / blocks_in_a_row ? 1 : 0;
  const std::uint32_t within = static_cast<std::uint32_t>(n % blocks_of_set_) * of_block;
  for (const Way& way : ways(p, of_set, needing, plan)) {
    const auto& [to, routes, first, last] = way;
    std::vector<Need> needs;
    Cycle floor = 1;
    for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
      const Stripe& stripe = set.stripes[lane];
      resources.model[lane].need(routes[lane], events, true, needs);
      needs.push_back({&resources.memory[stripe.core], 0, events + pause});
      const std::uint32_t bank = resources.bank_of(stripe.address);
      if (bank != chip_.banks - 1)
        needs.push_back({&resources.bank(resources.group_core(stripe.core), bank), 0, events});
    }
    for (std::size_t d = 0; d < first.size(); ++d) {
      needs.push_back({&resources.weights[routes[0].deliveries[d].index], first[d], events + pause});
      if (not_before > first[d]) floor = std::max(floor, not_before - first[d]);
    }
    const Cycle start = earliest(needs, floor);
    take(needs, start);
    for (std::int32_t i = 0; i < blocks; ++i) {
      Arrival& arrival = arrivals[i];
      const Cycle sent = start + static_cast<Cycle>(i) * of_block;
      arrival.first = arrival.first == 0 ? sent : std::min(arrival.first, sent);
      arrival.there = std::max(arrival.there, sent + *std::max_element(last.begin(), last.end()) + of_block - 1);
    }
    for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
      isa::Instruction send;
      send.opcode = isa::Opcode::send_weights;
      send.flags = isa::encode(isa::LaneRange{static_cast<std::uint8_t>(lane), 1});
      send.operand[isa::operand_a] = static_cast<std::uint16_t>(set.stripes[lane].address + within);
      send.tensor[isa::operand_a] = tag_;
      send.immediate = {to.columns, to.rows};
      isa::Loop loop;
      loop.count = static_cast<std::uint16_t>(events);
      loop.interval = 1;
      loop.stride = {1, 0, 0, 0};
      send.loops.push_back(loop);
      simplify(send);
      plan.add(set.stripes[lane].core, isa::Thread::memory, start, send);
    }
    for (std::size_t d = 0; d < first.size(); ++d) {
      isa::Instruction receive;
      receive.opcode = isa::Opcode::receive_weights;
      receive.flags = isa::encode(isa::LaneRange{0, static_cast<std::uint8_t>(lanes_)});
      receive.operand[isa::operand_b] = static_cast<std::uint16_t>(ring);
      for (std::uint32_t lane = 0; lane < lanes_; ++lane)
        receive.immediate[1] |= (routes[lane].deliveries[d].offset - static_cast<std::uint32_t>(first[d]))
                                << (8 * lane);
      isa::Loop loop;
      loop.count = static_cast<std::uint16_t>(events);
      loop.interval = 1;
      loop.stride = {0, static_cast<std::int16_t>(lanes_), 0, 0};
      receive.loops.push_back(loop);
      simplify(receive);
      plan.add(routes[0].deliveries[d].index, isa::Thread::weights, start + first[d], receive);
    }
  }
}

}  // namespace northpole::schedule
