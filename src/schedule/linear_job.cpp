#include "schedule/linear_job.h"

#include <algorithm>
#include <limits>

namespace northpole::schedule {

using isa::Instruction;
using isa::Opcode;
using isa::Thread;
using map::Region;

LinearJob::Share LinearJob::share(std::uint32_t core, const Tile& tile) const {
  const Region& out = job_.parts[core].output;
  if (out.empty()) return {};
  return {std::min(tile.y1, out.height()) - tile.y0, std::min(tile.x1, out.width()) - tile.x0};
}

bool LinearJob::works(std::uint32_t core, const Tile& tile, std::int32_t group) const {
  return !share(core, tile).empty() && group < map::lane_groups(job_.parts[core].output, *job_.output_tensor).count();
}

LinearJob::Columns LinearJob::columns_of(std::uint32_t core, const Tile& tile, std::int32_t phase) const {
  const std::int32_t phases = layer_.phases, out_x = job_.parts[core].output.x0 + tile.x0;
  const std::int32_t first = (phase - out_x % phases + phases) % phases;
  return {first, std::max(0, (share(core, tile).columns - first + phases - 1) / phases)};
}

std::vector<bool> LinearJob::users(const Tile& tile, std::int32_t group, std::int32_t phase) const {
  std::vector<bool> result(job_.parts.size(), false);
  for (std::uint32_t core = 0; core < result.size(); ++core)
    result[core] =
        stay_ ? works(core, tiles_[0], group) && last_tile_[static_cast<std::size_t>(phase) * result.size() + core] >= 0
              : works(core, tile, group) && columns_of(core, tile, phase).count > 0;
  return result;
}

std::int32_t LinearJob::first_word(std::uint32_t core, std::int32_t group) const {
  const map::CorePart& part = job_.parts[core];
  const std::int32_t lane_group = map::lane_groups(part.output, *job_.output_tensor).first + group;
  return layer_.weights.first_block[static_cast<std::size_t>(lane_group)] +
         map::input_slice(layer_, job_.mapping, part.input_part).first;
}

std::uint32_t LinearJob::address(std::uint32_t core, std::int32_t group, const Product& product, std::int32_t y,
                                 std::int32_t x) const {
  const Region& out = job_.parts[core].output;
  return job_.inputs[0]->address(
      core, (out.y0 + y) * layer_.stride_y + product.tap / layer_.window_width * layer_.dilation_y,
      (out.x0 + x) / layer_.phases * layer_.stride_x + product.tap % layer_.window_width * layer_.dilation_x,
      first_word(core, group) + product.word);
}

const Cycle& LinearJob::written(std::uint32_t core, std::int32_t group, const Product& product, std::int32_t y,
                                std::int32_t x) const {
  const Region& out = job_.parts[core].output;
  Holding& input = *job_.inputs[0];
  return input.when(
      core, (out.y0 + y) * layer_.stride_y + product.tap / layer_.window_width * layer_.dilation_y,
      (out.x0 + x) / layer_.phases * layer_.stride_x + product.tap % layer_.window_width * layer_.dilation_x,
      first_word(core, group) + product.word);
}

// Words that are there first come first, and products that need not wait for words of other cores; else taps of a word
// follow each other.
std::vector<Product> LinearJob::order_of_products(const Tile& tile) const {
  constexpr Cycle together = 4;
  std::int32_t words = 0;
  for (std::uint32_t core = 0; core < job_.parts.size(); ++core)
    if (!job_.parts[core].output.empty())
      words = std::max(words, map::input_slice(layer_, job_.mapping, job_.parts[core].input_part).count());
  const std::int32_t taps = layer_.window_height * layer_.window_width;
  std::vector<Cycle> of_product(static_cast<std::size_t>(words * taps), 0), of_word(static_cast<std::size_t>(words), 0);
  for (std::int32_t word = 0; word < words; ++word)
    for (std::uint32_t core = 0; core < job_.parts.size(); ++core) {
      if (!works(core, tile, 0) || word >= map::input_slice(layer_, job_.mapping, job_.parts[core].input_part).count())
        continue;
      const Share own = share(core, tile);
      for (std::int32_t tap = 0; tap < taps; ++tap)
        for (std::int32_t y = tile.y0; y < tile.y0 + own.rows; ++y)
          for (std::int32_t x = tile.x0; x < tile.x0 + own.columns; ++x) {
            const Cycle time = written(core, 0, {tap, word}, y, x);
            Cycle& latest = of_product[static_cast<std::size_t>(word * taps + tap)];
            latest = std::max(latest, time);
            of_word[static_cast<std::size_t>(word)] = std::max(of_word[static_cast<std::size_t>(word)], time);
          }
    }
  const Cycle first = *std::min_element(of_product.begin(), of_product.end());
  std::vector<Product> order;
  std::vector<std::pair<Cycle, std::int32_t>> by_time;
  for (std::int32_t word = 0; word < words; ++word) by_time.emplace_back(of_word[static_cast<std::size_t>(word)], word);
  std::stable_sort(by_time.begin(), by_time.end());
  for (const bool early : {true, false})
    for (const auto& [time, word] : by_time)
      for (std::int32_t tap = 0; tap < taps; ++tap)
        if ((of_product[static_cast<std::size_t>(word * taps + tap)] <= first + together) == early)
          order.push_back({tap, word});
  return order;
}

void LinearJob::plan(std::vector<Product>& order) {
  const map::PixelTiles tiles = map::pixel_tiles(job_.mapping, state_.chip);
  const map::Mapping& m = job_.mapping;
  for (std::int32_t down = 0; down < tiles.down; ++down)
    for (std::int32_t across = 0; across < tiles.across; ++across)
      tiles_.push_back({down * tiles.height, std::min((down + 1) * tiles.height, m.tile_height), across * tiles.width,
                        std::min((across + 1) * tiles.width, m.tile_width)});
  last_tile_.assign(static_cast<std::size_t>(layer_.phases) * job_.parts.size(), -1);
  for (std::int32_t phase = 0; phase < layer_.phases; ++phase)
    for (std::uint32_t core = 0; core < job_.parts.size(); ++core)
      for (std::size_t tile = 0; tile < tiles_.size(); ++tile)
        if (!share(core, tiles_[tile]).empty() && columns_of(core, tiles_[tile], phase).count > 0)
          last_tile_[static_cast<std::size_t>(phase) * job_.parts.size() + core] = static_cast<std::int32_t>(tile);
  if (order.empty()) {
    order = order_of_products(tiles_[0]);
    weights_.set_order(order, memory_);
  }
  order_ = order;
  for (const map::CorePart& part : job_.parts)
    if (!part.output.empty()) groups_ = std::max(groups_, map::lane_groups(part.output, *job_.output_tensor).count());
  const auto blocks = static_cast<std::uint32_t>(groups_ * layer_.phases) *
                      (weights_.one_for_all() ? 1U : static_cast<std::uint32_t>(order_.size()));
  stay_ = tiles.count() > 1 && (blocks + 1) * weights_.block_words() <= state_.ring.size();
  placed_.assign(static_cast<std::size_t>(groups_ * layer_.phases) * order_.size(), {});
  // Long streams of weights that the VMM waits for travel several blocks at a time: they would fill the memories with
  // programs otherwise.
  constexpr std::uint32_t many = 512;
  if (blocks >= many && !weights_.one_for_all() && !stay_)
    fetched_together_ = std::max<std::size_t>(1, state_.ring.size() / weights_.block_words() / 8);
  for (std::size_t tile = 0; tile < tiles_.size(); ++tile)
    for (std::int32_t group = 0; group < groups_; ++group) {
      multiply(static_cast<std::int32_t>(tile), group);
      if (m.input_parts > 1) reduce(tiles_[tile], group);
      finish(tiles_[tile], group);
    }
}

std::size_t LinearJob::fetch(std::int32_t group, std::int32_t phase, std::size_t rank,
                             const std::vector<bool>& needing) {
  const std::uint32_t words = weights_.block_words();
  Placed* blocks = &placed_[static_cast<std::size_t>(group * layer_.phases + phase) * order_.size() + rank];
  std::size_t count = 0;
  for (const std::size_t most = std::min(fetched_together_, order_.size() - rank); count < most; ++count) {
    const std::uint32_t before = state_.ring.next, ring = state_.ring.take(words);
    if (count > 0 && ring != blocks[0].ring + count * words) {  // the ring's end
      state_.ring.next = before;
      break;
    }
    blocks[count].ring = ring;
  }
  const std::uint32_t first = blocks[0].ring, all = static_cast<std::uint32_t>(count) * words;
  const auto arrivals =
      weights_.bring(group, phase, static_cast<std::int32_t>(rank), static_cast<std::int32_t>(count), needing, first,
                     state_.ring.empty_from(first, all), state_.resources, state_.plan);
  for (std::size_t i = 0; i < count; ++i) {
    blocks[i].there = arrivals[i].there;
    if (arrivals[i].first != 0) job_.begins(arrivals[i].first);
  }
  state_.ring.release(first, all, std::numeric_limits<Cycle>::max());
  return count;
}

void LinearJob::multiply(std::int32_t tile_number, std::int32_t group) {
  const Tile& tile = tiles_[static_cast<std::size_t>(tile_number)];
  const bool first_tile = tile_number == 0, last_tile = tile_number + 1 == static_cast<std::int32_t>(tiles_.size());
  const auto pixels = static_cast<std::uint32_t>(tile.pixels());
  const auto cores = static_cast<std::uint32_t>(job_.parts.size());
  Resources& resources = state_.resources;
  sums_ = state_.sums.take(pixels);
  sum_ready_.assign(pixels, 0);
  const std::uint32_t words = weights_.block_words();
  const Holding& input = *job_.inputs[0];
  // An idle cycle before each lane group leaves room for changing programs.
  state_.vmm_free = std::max(state_.vmm_free + 1, Cycle{2});
  std::vector<std::vector<TimedInstruction>> passes(cores);

  for (std::int32_t phase = 0; phase < layer_.phases; ++phase) {
    // Columns x of the tile with (out.x0 + x) % phases == phase; out.x0 is alike in that for all cores, or they go by
    // their own.
    for (auto& list : passes) list.clear();
    const std::vector<bool> needing = users(tile, group, phase);
    if (std::find(needing.begin(), needing.end(), true) == needing.end()) continue;
    std::vector<std::size_t> placed(cores, 0);  // instructions of passes that have their cycles
    std::vector<Cycle> second_pass(cores, std::numeric_limits<Cycle>::max());
    std::size_t fetched = 0;  // ranks whose blocks are on their way
    for (std::size_t rank = 0; rank < order_.size(); ++rank) {
      const Product& product = order_[rank];
      Placed& block = placed_[static_cast<std::size_t>(group * layer_.phases + phase) * order_.size() +
                              (weights_.one_for_all() ? 0 : rank)];
      const bool fresh = (weights_.one_for_all() ? rank == 0 : true) && (first_tile || !stay_);
      if (fresh) {
        if (rank == fetched) fetched += fetch(group, phase, rank, needing);
      }
      // The latest of what the pass waits for; pixel k of it is passed in cycle start + k.
      const Cycle after_weights = block.there + 1;
      Cycle after_inputs = 0, after_sums = 0;
      std::vector<Need> needs = {{&resources.vmm, 0, 0}};
      Cycle length = 0;
      for (std::uint32_t core = 0; core < cores; ++core) {
        if (!works(core, tile, group) ||
            product.word >= map::input_slice(layer_, job_.mapping, job_.parts[core].input_part).count())
          continue;
        const Share own = share(core, tile);
        const auto [first_x, count] = columns_of(core, tile, phase);
        const std::int32_t row = (tile.width() + layer_.phases - 1) / layer_.phases;  // cycles of a row, for all
        if (count == 0) continue;
        for (std::int32_t y = 0; y < own.rows; ++y) {
          // The words of a row lie at a constant distance from each other.
          const Cycle* there = &written(core, group, product, tile.y0 + y, tile.x0 + first_x);
          const std::ptrdiff_t distance = std::ptrdiff_t{layer_.stride_x} * input.regions[core].blocks();
          for (std::int32_t i = 0; i < count; ++i, there += distance) {
            const auto k = static_cast<Cycle>(y * row + i);
            if (*there + 1 > k) after_inputs = std::max(after_inputs, *there + 1 - k);
          }
          for (std::int32_t i = 0; i < count && rank == 0; ++i) {
            const auto k = static_cast<Cycle>(y * row + i);
            const std::int32_t x = first_x + i * layer_.phases;
            const Cycle free =
                state_.sums
                    .free_from[(sums_ + static_cast<std::uint32_t>(y * tile.width() + x)) % state_.chip.partial_sums];
            if (free > k) after_sums = std::max(after_sums, free - k);
          }
        }
        const auto span = static_cast<Cycle>((own.rows - 1) * row + count);
        length = std::max(length, span);

        // Rows that lie in one segment of the input are one instruction.
        const auto input_row = [&](std::int32_t y) {
          return (job_.parts[core].output.y0 + tile.y0 + y) * layer_.stride_y +
                 product.tap / layer_.window_width * layer_.dilation_y - input.regions[core].y0;
        };
        const bool done = last_tile_[static_cast<std::size_t>(phase) * cores + core] == tile_number;
        for (std::int32_t first = 0, last = 0; first < own.rows; first = last) {
          const std::int32_t segment = input.segment_of(input_row(first));
          for (last = first + 1; last < own.rows && input.segment_of(input_row(last)) == segment;) ++last;
          const std::uint32_t from = address(core, group, product, tile.y0 + first, tile.x0 + first_x);
          needs.push_back({&resources.bank(core, resources.bank_of(from)), static_cast<Cycle>(first * row),
                           static_cast<Cycle>((last - first - 1) * row + count)});
          Instruction multiply;
          multiply.opcode = Opcode::multiply;
          isa::MultiplyMode mode;
          mode.activation_signed = layer_.inputs[0].quantization.is_signed;
          mode.activation_bits = static_cast<std::uint8_t>(layer_.inputs[0].quantization.bits);
          mode.weight_bits = static_cast<std::uint8_t>(layer_.weights.bits);
          multiply.flags = isa::multiply_initialize;
          if ((!stay_ || done) && last == own.rows) {
            multiply.flags |= isa::multiply_release;
            mode.release_mask = 3;
          }
          multiply.immediate[0] = isa::encode(mode);
          multiply.operand[isa::operand_a] = static_cast<std::uint16_t>(from);
          multiply.tensor[isa::operand_a] = input.tag;
          multiply.operand[isa::operand_b] = static_cast<std::uint16_t>(block.ring / words);
          multiply.operand[isa::operand_c] = static_cast<std::uint16_t>(
              (sums_ + static_cast<std::uint32_t>(first * tile.width() + first_x)) % state_.chip.partial_sums);
          multiply.loops = {
              loop_of(last - first, row, {std::int64_t{layer_.stride_y} * input.pitch_y, 0, tile.width(), 0}),
              loop_of(count, 1, {std::int64_t{layer_.stride_x} * input.pitch_x, 0, layer_.phases, 0})};
          simplify(multiply);
          passes[core].push_back({static_cast<Cycle>(first * row), std::move(multiply)});
        }
      }
      const bool last_use = (weights_.one_for_all() ? rank + 1 == order_.size() : true) && (!stay_ || last_tile);
      if (length == 0) {
        if (last_use) state_.ring.release(block.ring, words, block.last_pass);
        continue;
      }
      needs[0].count = length;
      const Cycle earliest_start = std::max({after_weights, after_inputs, after_sums, state_.vmm_free});
      const Cycle start = earliest(needs, earliest_start);
      take(needs, start);
      // Why the VMM was idle before this pass.
      program::LayerCycles& cycles = job_.cycles;
      if (start > state_.vmm_free) {
        const Cycle waited = earliest_start - state_.vmm_free;
        if (earliest_start == after_inputs && after_inputs >= after_weights)
          cycles.waited_inputs += waited;
        else if (earliest_start == after_weights)
          cycles.waited_weights += waited;
        else
          cycles.waited_partial_sums += waited;
        cycles.waited_banks += start - earliest_start;
      }
      job_.issues(start, start + length - 1);
      cycles.arithmetic_bound += length;
      state_.vmm_free = start + length;
      job_.inputs[0]->used(start + length - 1);
      for (std::uint32_t core = 0; core < cores; ++core) {
        auto& list = passes[core];
        if (placed[core] == list.size()) continue;
        if (placed[core] != 0) second_pass[core] = std::min(second_pass[core], start);
        for (; placed[core] < list.size(); ++placed[core]) list[placed[core]].start += start;
      }
      // When each sum may be used by others, as far as this pass goes.
      for (std::int32_t y = 0; y < tile.y1 - tile.y0; ++y)
        for (std::int32_t x = 0; x < tile.width(); ++x) {
          Cycle& ready = sum_ready_[static_cast<std::size_t>(y * tile.width() + x)];
          const std::int32_t row = (tile.width() + layer_.phases - 1) / layer_.phases;
          ready =
              std::max(ready, std::min(start + static_cast<Cycle>(y * row + x / layer_.phases), start + length - 1) +
                                  state_.chip.vmm_latency);
        }
      block.last_pass = start + length - 1;
      if (last_use) state_.ring.release(block.ring, words, block.last_pass);
    }

    // One nest where passes follow each other regularly: then the first trip of its outer loops starts the sums. A
    // block for all products is used up with the last of them.
    for (std::uint32_t core = 0; core < cores; ++core) {
      auto list = rolled(std::move(passes[core]));
      for (std::size_t i = 0; i < list.size(); ++i) {
        Instruction& multiply = list[i].instruction;
        auto mode = isa::decode_multiply_mode(multiply.immediate[0]);
        std::uint8_t outer = 0;  // loops over products
        for (std::size_t l = 0; l < multiply.loops.size(); ++l)
          if (multiply.loops[l].stride[isa::operand_c] == 0) outer |= static_cast<std::uint8_t>(1U << l);
        if (list[i].start < second_pass[core])
          mode.initialize_mask = outer;
        else
          multiply.flags &= static_cast<std::uint8_t>(~isa::multiply_initialize);
        if (weights_.one_for_all() && (multiply.flags & isa::multiply_release) != 0) {
          if (i + 1 == list.size()) {
            mode.release_mask |= outer;
          } else {
            multiply.flags &= static_cast<std::uint8_t>(~isa::multiply_release);
            mode.release_mask = 0;
          }
        }
        multiply.immediate[0] = isa::encode(mode);
        state_.plan.add(core, Thread::vmm, list[i].start, std::move(multiply));
      }
      passes[core].clear();
    }
  }
  last_pass_ = state_.vmm_free;
}

}  // namespace northpole::schedule
