#include "schedule/weight_store.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>

#include "network/error.h"

namespace northpole::schedule {

namespace {

// Every output block uses one and the same weight block for all its products.
bool equal_products(const lower::Layer& layer) {
  if (layer.weights.used_blocks != 1) return false;
  const std::size_t taps = static_cast<std::size_t>(layer.window_height) * static_cast<std::size_t>(layer.window_width);
  const auto& bytes = layer.weights.bytes;
  constexpr std::size_t block = 1024;
  for (std::size_t o = 0; o < layer.weights.first_block.size(); ++o)
    for (std::size_t tap = 1; tap < taps; ++tap)
      if (std::memcmp(bytes.data() + o * taps * block, bytes.data() + (o * taps + tap) * block, block) != 0)
        return false;
  return true;
}

}  // namespace

WeightStore::WeightStore(const LayerPlacement& placement, MemoryPlan& memory, const chip::ChipDescription& chip)
    : placement_(placement), chip_(chip) {
  const lower::Layer& layer = *placement.layer;
  const std::int32_t slice = layer.weights.used_blocks / placement.mapping.input_parts;
  products_ = layer.window_height * layer.window_width * slice;
  const auto half = std::max(1, static_cast<std::int32_t>(chip.weight_blocks / 2));
  const std::int32_t blocks = placement.mapping.tile_blocks;
  const std::int32_t stored = equal_products(layer) ? 1 : products_;
  if (stored <= half) {
    const std::int32_t at_once = half / stored;
    for (std::int32_t o = 0; o < blocks; o += at_once)
      chunks_.push_back({o, std::min(o + at_once, blocks), 0, products_, stored});
  } else {
    const std::int32_t pieces = (products_ + half - 1) / half;
    for (std::int32_t o = 0; o < blocks; ++o)
      for (std::int32_t piece = 0; piece < pieces; ++piece) {
        const std::int32_t first = products_ * piece / pieces, last = products_ * (piece + 1) / pieces;
        chunks_.push_back({o, o + 1, first, last, last - first});
      }
  }

  std::map<std::pair<std::int32_t, std::int32_t>, std::size_t> index;
  for (std::uint32_t core = 0; core < chip.cores(); ++core) {
    const map::CorePart& part = placement.parts[core];
    if (part.output.empty()) continue;
    const auto [found, fresh] = index.try_emplace({part.output_part, part.input_part}, groups_.size());
    if (fresh) groups_.push_back({part.output_part, part.input_part, part.output.blocks(), {}, {}});
    groups_[found->second].cores.push_back(core);
  }
  for (std::size_t c = 0; c < chunks_.size(); ++c)
    for (Group& group : groups_) {
      Stored stored;
      const auto words = words_of(group, chunks_[c]);
      if (!words.empty()) {
        const std::size_t lanes = std::min<std::size_t>(chip.model_lanes, group.cores.size() >= 4   ? 4
                                                                          : group.cores.size() >= 2 ? 2
                                                                                                    : 1);
        // The emptiest cores of the group; of equals those that come first after the chunk before's.
        std::vector<std::uint32_t> order = group.cores;
        const auto emptiest_first = [&] {
          std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
            return memory.static_words(a) < memory.static_words(b);
          });
        };
        emptiest_first();
        // Where those are nearly full (programs need room too), the emptiest of all: weights come from anywhere.
        if (memory.static_words(order[lanes - 1]) + words.size() / lanes > chip.bank_words / 4 * 3) {
          order.resize(chip.cores());
          std::iota(order.begin(), order.end(), 0);
          emptiest_first();
        }
        std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(lanes));
        for (std::size_t lane = 0; lane < lanes; ++lane) {
          std::vector<isa::Word> stripe;
          for (std::size_t w = lane; w < words.size(); w += lanes) stripe.push_back(words[w]);
          stored.words = static_cast<std::uint32_t>(stripe.size());
          stored.stripes.push_back(
              {order[lane], memory.place(order[lane], memory.static_bank(), placement.weights_tag, std::move(stripe))});
        }
      }
      group.chunks.push_back(std::move(stored));
    }
}

std::vector<isa::Word> WeightStore::words_of(const Group& group, const Chunk& chunk) const {
  const lower::Layer& layer = *placement_.layer;
  const std::int32_t slice = layer.weights.used_blocks / placement_.mapping.input_parts;
  std::vector<isa::Word> words;
  for (std::int32_t o = chunk.block_first; o < std::min(chunk.block_last, group.blocks); ++o) {
    const std::int64_t output_block = group.output_part * placement_.mapping.tile_blocks + o;
    for (std::int32_t k = chunk.product_first; k < chunk.product_first + chunk.stored; ++k) {
      const std::int64_t tap = output_block * layer.window_height * layer.window_width + k / slice;
      const std::int64_t block = tap * layer.weights.used_blocks + group.input_part * slice + k % slice;
      for (std::uint32_t lane = 0; lane < chip::block_words; ++lane) {
        isa::Word word;
        std::memcpy(word.data(), layer.weights.bytes.data() + block * 1024 + lane * 32, 32);
        words.push_back(word);
      }
    }
  }
  return words;
}

std::uint64_t WeightStore::bring(SegmentPlan& segment, std::size_t chunk, std::uint32_t ring, std::uint64_t not_before,
                                 std::int32_t row) const {
  std::uint64_t ready = not_before;
  for (const Group& group : groups_) {
    const Stored& stored = group.chunks[chunk];
    if (stored.stripes.empty()) continue;
    std::vector<bool> needing(chip_.cores(), false);
    for (const std::uint32_t core : group.cores) needing[core] = placement_.parts[core].output.height() > row;
    const auto destinations = schedule::products(needing, chip_);
    const auto lanes = static_cast<std::uint32_t>(stored.stripes.size());
    for (const Destination& to : destinations) {
      std::vector<Route> routes;
      std::uint64_t start = 1;
      for (std::uint32_t lane = 0; lane < lanes; ++lane) {
        routes.push_back(route_from_core(stored.stripes[lane].core, to, chip_));
        std::uint32_t nearest = ~0U;
        for (const Hop& hop : routes.back().deliveries) nearest = std::min(nearest, hop.offset);
        start = std::max({start, segment.free_from(stored.stripes[lane].core, Thread::memory),
                          not_before > nearest ? not_before - nearest : 1});
      }
      // All lanes start together; each core's first arrival must come after its weights thread is free.
      for (bool settled = false; !settled;) {
        settled = true;
        std::uint64_t later = start;
        for (std::uint32_t lane = 0; lane < lanes; ++lane)
          later = std::max(later, segment.model[lane].earliest(routes[lane], start, stored.words));
        for (std::size_t d = 0; d < routes[0].deliveries.size(); ++d) {
          std::uint32_t first = ~0U;
          for (const Route& route : routes) first = std::min(first, route.deliveries[d].offset);
          const std::uint64_t free = segment.free_from(routes[0].deliveries[d].index, Thread::weights);
          if (later + first < free) later = free - first;
        }
        if (later != start) {
          start = later;
          settled = false;
        }
      }
      for (std::uint32_t lane = 0; lane < lanes; ++lane) {
        segment.model[lane].take(routes[lane], start, stored.words);
        isa::Instruction send;
        send.opcode = isa::Opcode::send_weights;
        send.flags = isa::encode(isa::LaneRange{static_cast<std::uint8_t>(lane), 1});
        send.operand[isa::operand_a] = static_cast<std::uint16_t>(stored.stripes[lane].address);
        send.tensor[isa::operand_a] = placement_.weights_tag;
        send.immediate = {to.columns, to.rows};
        isa::Loop loop;
        loop.count = static_cast<std::uint16_t>(stored.words);
        loop.interval = 1;
        loop.stride = {1, 0, 0, 0};
        send.loops.push_back(loop);
        segment.add(stored.stripes[lane].core, Thread::memory, start, send);
      }
      for (std::size_t d = 0; d < routes[0].deliveries.size(); ++d) {
        const std::uint32_t core = routes[0].deliveries[d].index;
        std::uint32_t first = ~0U, last = 0;
        for (const Route& route : routes) {
          first = std::min(first, route.deliveries[d].offset);
          last = std::max(last, route.deliveries[d].offset);
        }
        isa::Instruction receive;
        receive.opcode = isa::Opcode::receive_weights;
        receive.flags = isa::encode(isa::LaneRange{0, static_cast<std::uint8_t>(lanes)});
        receive.operand[isa::operand_b] = static_cast<std::uint16_t>(ring * chip::block_words);
        for (std::uint32_t lane = 0; lane < lanes; ++lane)
          receive.immediate[1] |= (routes[lane].deliveries[d].offset - first) << (8 * lane);
        isa::Loop loop;
        loop.count = static_cast<std::uint16_t>(stored.words);
        loop.interval = 1;
        loop.stride = {0, static_cast<std::int16_t>(lanes), 0, 0};
        receive.loops.push_back(loop);
        segment.add(core, Thread::weights, start + first, receive);
        ready = std::max(ready, start + last + stored.words);
      }
    }
  }
  segment.lasts_until(ready);
  return ready;
}

}  // namespace northpole::schedule
