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
        list_keys_(flow_.activation_lists.size(), ListKey{~Slot{0}, 0}) {}

  Plan run() {
    slot_.assign(flow_.values + 1, 0);
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
    plan_.slots = next_slot_;
    return std::move(plan_);
  }

 private:
  using Linear = std::vector<LinearOperation>::iterator;
  using Word = std::vector<WordOperation>::iterator;
  using Converted = std::vector<ConversionOperation>::iterator;

  void place_inputs() {
    plan_.input_words = flow_.input_words;
    for (std::uint32_t w = 0; w < flow_.input_words; ++w) slot_[w + 1] = next_slot_++;
    for (const DataFlow::Constant& constant : flow_.constants) {
      slot_[constant.value] = next_slot_;
      plan_.constants.push_back({next_slot_++, constant.word});
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
    column.output = next_slot_;
    for (const std::uint32_t block : blocks) column.blocks.push_back(place_block(block >> 1));
    const bool seconds = flow_.setups[begin->setup].function.second == isa::VectorSecond::memory;
    for (Linear row = begin; row != end; ++row) {
      slot_[row->output] = next_slot_++;
      if (seconds) column.seconds.push_back(slot_[row->second]);
    }
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
      work.output = next_slot_;
      const bool seconds = flow_.setups[row->setup].function.second == isa::VectorSecond::memory;
      const auto stop = std::find_if(row, end, [&](const WordOperation& o) {
        return o.setup != work.setup || flow_.activation_lists[o.inputs].size() != inputs;
      });
      std::sort(row, stop, [&](const WordOperation& left, const WordOperation& right) {
        return std::tie(key_of_list(left.inputs).place, left.output) <
               std::tie(key_of_list(right.inputs).place, right.output);
      });
      for (; row != stop; ++row) {
        ++work.rows;
        slot_[row->output] = next_slot_++;
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
      work.output = next_slot_;
      for (; row != end && row->conversion == work.conversion; ++row) {
        ++work.rows;
        slot_[row->output] = next_slot_++;
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
      for (const LocationWords::Element& e : location.words) {
        placed.words.push_back({slot_[e.value], e.block, e.y, e.x, e.core, e.address});
      }
    }
    plan_.result = flow_.result;
  }

  DataFlow flow_;
  chip::VectorPrecision precision_;
  std::uint32_t tile_rows_;
  Plan plan_;
  std::vector<Slot> slot_;  // by value
  std::vector<ListKey> list_keys_;
  std::vector<std::uint32_t> block_number_;
  std::vector<std::uint32_t> rows_, signs_, ordered_;  // scratch
  Slot next_slot_ = 0;
};

}  // namespace

Plan make_plan(DataFlow flow, chip::VectorPrecision precision, std::uint32_t tile_rows) {
  return Planner(std::move(flow), precision, tile_rows).run();
}

}  // namespace northpole::machine::fast
