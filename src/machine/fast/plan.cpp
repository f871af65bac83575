#include "machine/fast/plan.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "machine/fast/shared_rows.h"

namespace northpole::machine::fast {
namespace {

class Planner {
 public:
  Planner(DataFlow flow, chip::VectorPrecision precision, std::uint32_t tile_rows)
      : flow_(std::move(flow)),
        precision_(precision),
        tile_rows_(tile_rows),
        slot_(flow_.values + std::size_t{1}),
        made_(slot_.size()),
        needed_(slot_.size()),
        list_keys_(flow_.activation_lists.size(), ListKey{~Slot{0}, 0}) {}

  Plan run() {
    find_needs();
    place_inputs();
    block_number_.assign(flow_.blocks.size(), ~std::uint32_t{0});
    for (const VectorSetup& setup : flow_.setups) plan_.setups.push_back(prepare(setup, precision_));
    sort();
    auto linear = flow_.linear.begin();
    auto word = flow_.word.begin();
    auto conversion = flow_.conversions.begin();
    const auto level_at = [](const auto& at, const auto& operations) {
      return at != operations.end() ? at->level : ~0u;
    };
    for (;;) {
      const std::uint32_t level = std::min(
          {level_at(linear, flow_.linear), level_at(word, flow_.word), level_at(conversion, flow_.conversions)});
      if (level == ~0u) break;
      regions_.begin_pass(level);
      const auto end_of_level = [&](auto from, auto end) {
        return std::find_if(from, end, [&](const auto& operation) { return operation.level != level; });
      };
      const auto linear_end = end_of_level(linear, flow_.linear.end());
      const auto word_end = end_of_level(word, flow_.word.end());
      const auto conversion_end = end_of_level(conversion, flow_.conversions.end());
      plan_products(linear, linear_end);
      plan_words(word, word_end);
      plan_conversions(conversion, conversion_end);
      linear = linear_end;
      word = word_end;
      conversion = conversion_end;
    }
    place_results();
    plan_.blocks = std::move(flow_.blocks);
    plan_.slots = regions_.size();
    return std::move(plan_);
  }

 private:
  using Linear = std::vector<LinearOperation>::iterator;
  using Word = std::vector<WordOperation>::iterator;
  using Converted = std::vector<ConversionOperation>::iterator;

  // Until which level each value is needed. What nobody reads is still looked at by observers, after its own level.
  void find_needs() {
    std::vector<std::uint32_t> list_needed(flow_.activation_lists.size());
    const auto need = [&](std::uint32_t level, std::uint32_t list, Value second, Value output) {
      list_needed[list] = std::max(list_needed[list], level);
      needed_[second] = std::max(needed_[second], level);
      needed_[output] = std::max(needed_[output], level);
      made_[output] = level;
    };
    for (const LinearOperation& o : flow_.linear) need(o.level, o.activations, o.second, o.output);
    for (const WordOperation& o : flow_.word) need(o.level, o.inputs, o.second, o.output);
    for (const ConversionOperation& o : flow_.conversions) need(o.level, o.inputs, no_value, o.output);
    for (std::uint32_t list = 0; list < list_needed.size(); ++list) {
      for (const Value value : flow_.activation_lists[list])
        needed_[value] = std::max(needed_[value], list_needed[list]);
    }
    for (const std::vector<Value>& output : flow_.outputs) {
      for (const Value value : output) needed_[value] = SlotRegions::for_ever;
    }
  }

  // Slots for the outputs of operations, one behind the other.
  template <typename Operation>
  Slot take_slots(Operation begin, Operation end) {
    std::uint32_t last = 0;
    for (Operation row = begin; row != end; ++row) last = std::max(last, needed_[row->output]);
    const Slot first = regions_.take(static_cast<std::uint32_t>(end - begin), last);
    Slot next = first;
    for (Operation row = begin; row != end; ++row) slot_[row->output] = next++;
    return first;
  }

  // Input and constants stay: a run writes only the input.
  void place_inputs() {
    plan_.input_words = flow_.input_words;
    const Slot input = regions_.take(flow_.input_words, SlotRegions::for_ever);
    for (std::uint32_t w = 0; w < flow_.input_words; ++w) slot_[w + 1] = input + w;
    Slot next = regions_.take(static_cast<std::uint32_t>(flow_.constants.size()), SlotRegions::for_ever);
    for (const DataFlow::Constant& constant : flow_.constants) {
      slot_[constant.value] = next;
      plan_.constants.push_back({next++, constant.word});
    }
  }

  void sort() {
    std::ranges::sort(flow_.linear, {}, [](const LinearOperation& o) { return std::tie(o.level, o.blocks, o.setup); });
    std::ranges::sort(flow_.word, {}, [&](const WordOperation& o) {
      return std::tuple(o.level, o.setup, flow_.activation_lists[o.inputs].size(), o.output);
    });
    std::ranges::sort(flow_.conversions, {}, [](const ConversionOperation& o) {
      return std::tuple(o.level, o.conversion.number(), o.output);
    });
  }

  // Rows in the order of their words' places, so that neighbours in a tensor are neighbours again in what is made of
  // them.
  const ListKey& key_of_list(std::uint32_t list) {
    ListKey& key = list_keys_[list];
    if (key.place == ~Slot{0}) {
      key.place = 0;
      for (const Value value : flow_.activation_lists[list]) key.place = std::max(key.place, slot_[value]);
      key.mix = mix_of(flow_.activation_lists[list]);
    }
    return key;
  }

  void plan_products(Linear begin, Linear end) {
    // Columns of the same rows share a product; which ones these are is told by the rows' activation lists.
    SharedRows shared(flow_.activation_lists);
    const auto first = static_cast<std::uint32_t>(plan_.products.size());
    for (Linear column = begin; column != end;) {
      const auto column_end = std::find_if(column, end, [&](const LinearOperation& o) {
        return o.blocks != column->blocks || o.setup != column->setup;
      });
      std::sort(column, column_end, [&](const LinearOperation& left, const LinearOperation& right) {
        const ListKey &left_key = key_of_list(left.activations), &right_key = key_of_list(right.activations);
        return std::tie(left_key.place, left_key.mix, left.activations, left.output) <
               std::tie(right_key.place, right_key.mix, right.activations, right.output);
      });
      const auto blocks = flow_.block_lists[column->blocks];
      rows_.clear();
      for (Linear row = column; row != column_end; ++row) rows_.push_back(row->activations);
      signs_.clear();
      for (const std::uint32_t block : blocks) signs_.push_back(block & 1);
      const SharedRows::Place& place = shared.place(rows_, signs_, list_keys_);
      const std::uint32_t number = first + place.product;
      if (number == plan_.products.size()) new_product(column, column_end, blocks);
      add_column(plan_.products[number], column, column_end, in_order(blocks, place.order));
      column = column_end;
    }
  }

  std::span<const std::uint32_t> in_order(std::span<const std::uint32_t> blocks,
                                          const std::vector<std::uint32_t>& order) {
    if (order.empty()) return blocks;
    ordered_.clear();
    for (const std::uint32_t term : order) ordered_.push_back(blocks[term]);
    return ordered_;
  }

  void new_product(Linear begin, Linear end, std::span<const std::uint32_t> blocks) {
    plan_.steps.push_back({StepKind::product, static_cast<std::uint32_t>(plan_.products.size()), begin->level});
    Product& product = plan_.products.emplace_back();
    product.rows = static_cast<std::uint32_t>(end - begin);
    product.terms = static_cast<std::uint32_t>(blocks.size());
    for (const std::uint32_t block : blocks) product.is_signed.push_back(block & 1);
    const std::uint32_t tiles = (product.rows + tile_rows_ - 1) / tile_rows_;
    product.activations.reserve(std::size_t{product.rows} * product.terms);
    std::uint32_t row = 0;
    for (std::uint32_t tile = 0; tile < tiles; ++tile) {
      const auto next = static_cast<std::uint32_t>(std::uint64_t{product.rows} * (tile + 1) / tiles);
      product.tiles.push_back({row, next - row});
      for (std::uint32_t term = 0; term < product.terms; ++term) {
        for (std::uint32_t r = row; r < next; ++r) {
          product.activations.push_back(slot_[flow_.activation_lists[begin[r].activations][term]]);
        }
      }
      row = next;
    }
  }

  void add_column(Product& product, Linear begin, Linear end, std::span<const std::uint32_t> blocks) {
    ProductColumn& column = product.columns.emplace_back();
    column.setup = begin->setup;
    column.output = take_slots(begin, end);
    for (const std::uint32_t block : blocks) column.blocks.push_back(place_block(block >> 1));
    const bool seconds = flow_.setups[begin->setup].function.second == isa::VectorSecond::memory;
    for (Linear row = begin; seconds && row != end; ++row) column.seconds.push_back(slot_[row->second]);
    // For kernels that take a signed activation as 128 more: 128 times the weights too much.
    for (const std::uint32_t block : blocks) {
      if (!(block & 1)) continue;
      for (std::uint32_t lane = 0; lane < chip::lanes; ++lane) {
        const std::uint8_t* weights = flow_.blocks[block >> 1].data() + lane * chip::word_bytes;
        std::int32_t total = 0;
        for (std::uint32_t i = 0; i < chip::word_bytes; ++i) total += static_cast<std::int8_t>(weights[i]);
        column.start[lane] = static_cast<std::int32_t>(static_cast<std::uint32_t>(column.start[lane]) -
                                                       static_cast<std::uint32_t>(128 * total));
      }
    }
  }

  std::uint32_t place_block(std::uint32_t block) {
    std::uint32_t& number = block_number_[block];
    if (number == ~std::uint32_t{0}) {
      number = static_cast<std::uint32_t>(plan_.block_order.size());
      plan_.block_order.push_back(block);
    }
    return number;
  }

  void plan_words(Word begin, Word end) {
    for (Word row = begin; row != end;) {
      const auto inputs = static_cast<std::uint32_t>(flow_.activation_lists[row->inputs].size());
      plan_.steps.push_back({StepKind::words, static_cast<std::uint32_t>(plan_.words.size()), row->level});
      WordWork& work = plan_.words.emplace_back();
      work.inputs = inputs;
      work.setup = row->setup;
      const bool seconds = flow_.setups[row->setup].function.second == isa::VectorSecond::memory;
      const auto stop = std::find_if(row, end, [&](const WordOperation& o) {
        return o.setup != work.setup || flow_.activation_lists[o.inputs].size() != inputs;
      });
      std::sort(row, stop, [&](const WordOperation& left, const WordOperation& right) {
        return std::tie(key_of_list(left.inputs).place, left.output) <
               std::tie(key_of_list(right.inputs).place, right.output);
      });
      work.rows = static_cast<std::uint32_t>(stop - row);
      work.output = take_slots(row, stop);
      for (; row != stop; ++row) {
        for (const Value value : flow_.activation_lists[row->inputs]) work.sources.push_back(slot_[value]);
        if (seconds) work.seconds.push_back(slot_[row->second]);
      }
    }
  }

  void plan_conversions(Converted begin, Converted end) {
    for (Converted row = begin; row != end;) {
      plan_.steps.push_back({StepKind::conversions, static_cast<std::uint32_t>(plan_.conversions.size()), row->level});
      ConversionWork& work = plan_.conversions.emplace_back();
      work.conversion = row->conversion;
      const auto stop = std::find_if(row, end, [&](const auto& o) { return !(o.conversion == work.conversion); });
      work.rows = static_cast<std::uint32_t>(stop - row);
      work.output = take_slots(row, stop);
      for (; row != stop; ++row) {
        for (const Value value : flow_.activation_lists[row->inputs]) work.sources.push_back(slot_[value]);
      }
    }
  }

  void place_results() {
    for (const std::vector<Value>& output : flow_.outputs) {
      auto& slots = plan_.outputs.emplace_back();
      for (const Value value : output) slots.push_back(slot_[value]);
    }
    for (LocationWords& location : flow_.locations) {
      auto& placed = plan_.locations.emplace_back();
      placed.location = location.location;
      placed.problem = std::move(location.problem);
      for (const Value value : location.words) placed.words.push_back({slot_[value], made_[value]});
    }
    plan_.result = flow_.result;
  }

  DataFlow flow_;
  chip::VectorPrecision precision_;
  std::uint32_t tile_rows_;
  Plan plan_;
  std::vector<Slot> slot_;                    // by value
  std::vector<std::uint32_t> made_, needed_;  // by value: first and last level
  std::vector<ListKey> list_keys_;
  std::vector<std::uint32_t> block_number_;
  std::vector<std::uint32_t> rows_, signs_, ordered_;  // scratch
  SlotRegions regions_;
};

}  // namespace

Plan make_plan(DataFlow flow, chip::VectorPrecision precision, std::uint32_t tile_rows) {
  return Planner(std::move(flow), precision, tile_rows).run();
}

}  // namespace northpole::machine::fast
