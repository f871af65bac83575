#include "machine/fast/plan.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <unordered_map>

namespace northpole::machine::fast {
namespace {

class Planner {
 public:
  Planner(DataFlow flow, chip::VectorPrecision precision, std::uint32_t tile_rows)
      : flow_(std::move(flow)), precision_(precision), tile_rows_(tile_rows) {}

  Plan run() {
    slot_.assign(flow_.values + 1, 0);
    place_inputs();
    block_number_.assign(flow_.blocks.size(), ~std::uint32_t{0});
    for (const VectorSetup& setup : flow_.setups) plan_.setups.push_back(prepare(setup, precision_));
    sort();
    auto linear = flow_.linear.begin();
    auto word = flow_.word.begin();
    while (linear != flow_.linear.end() || word != flow_.word.end()) {
      const std::uint32_t level =
          std::min(linear != flow_.linear.end() ? linear->level : ~0u, word != flow_.word.end() ? word->level : ~0u);
      const auto linear_end =
          std::find_if(linear, flow_.linear.end(), [&](const auto& operation) { return operation.level != level; });
      const auto word_end =
          std::find_if(word, flow_.word.end(), [&](const auto& operation) { return operation.level != level; });
      plan_products(linear, linear_end);
      plan_words(word, word_end);
      linear = linear_end;
      word = word_end;
    }
    place_results();
    plan_.slots = next_slot_;
    return std::move(plan_);
  }

 private:
  using Linear = std::vector<LinearOperation>::iterator;
  using Word = std::vector<WordOperation>::iterator;

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
  }

  // Rows in the order of their words' places, so that neighbours in a tensor are neighbours again in what is made of
  // them.
  std::uint32_t place_of_list(std::uint32_t list) {
    if (list >= place_.size()) place_.resize(flow_.activation_lists.size(), ~std::uint32_t{0});
    std::uint32_t& place = place_[list];
    if (place == ~std::uint32_t{0}) {
      place = 0;
      for (const Value value : flow_.activation_lists[list]) place = std::max(place, slot_[value]);
    }
    return place;
  }

  void plan_products(Linear begin, Linear end) {
    // Columns of the same rows share a product; which ones these are is told by the sequence of rows.
    SequenceTable rows_of_products;
    const std::uint32_t first = static_cast<std::uint32_t>(plan_.products.size());
    for (Linear column = begin; column != end;) {
      const auto column_end = std::find_if(column, end, [&](const LinearOperation& o) {
        return o.blocks != column->blocks || o.setup != column->setup;
      });
      std::sort(column, column_end, [&](const LinearOperation& left, const LinearOperation& right) {
        return std::tuple(place_of_list(left.activations), left.activations, left.output) <
               std::tuple(place_of_list(right.activations), right.activations, right.output);
      });
      const auto blocks = flow_.block_lists[column->blocks];
      std::vector<std::uint32_t> key;
      for (const std::uint32_t block : blocks) key.push_back(block & 1);
      for (Linear row = column; row != column_end; ++row) key.push_back(row->activations);
      const std::uint32_t number = first + rows_of_products.number(key);
      if (number == plan_.products.size()) new_product(column, column_end, blocks);
      add_column(plan_.products[number], column, column_end, blocks);
      column = column_end;
    }
  }

  void new_product(Linear begin, Linear end, std::span<const std::uint32_t> blocks) {
    plan_.steps.push_back({true, static_cast<std::uint32_t>(plan_.products.size()), begin->level});
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
      number = static_cast<std::uint32_t>(plan_.blocks.size());
      plan_.blocks.push_back(flow_.blocks[block]);
    }
    return number;
  }

  void plan_words(Word begin, Word end) {
    for (Word row = begin; row != end;) {
      const auto inputs = static_cast<std::uint32_t>(flow_.activation_lists[row->inputs].size());
      plan_.steps.push_back({false, static_cast<std::uint32_t>(plan_.words.size()), row->level});
      WordWork& work = plan_.words.emplace_back();
      work.inputs = inputs;
      work.setup = row->setup;
      work.output = next_slot_;
      const bool seconds = flow_.setups[row->setup].function.second == isa::VectorSecond::memory;
      const auto stop = std::find_if(row, end, [&](const WordOperation& o) {
        return o.setup != work.setup || flow_.activation_lists[o.inputs].size() != inputs;
      });
      std::sort(row, stop, [&](const WordOperation& left, const WordOperation& right) {
        return std::tuple(place_of_list(left.inputs), left.output) <
               std::tuple(place_of_list(right.inputs), right.output);
      });
      for (; row != stop; ++row) {
        ++work.rows;
        slot_[row->output] = next_slot_++;
        for (const Value value : flow_.activation_lists[row->inputs]) work.sources.push_back(slot_[value]);
        if (seconds) work.seconds.push_back(slot_[row->second]);
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
  std::vector<std::uint32_t> place_;
  std::vector<std::uint32_t> block_number_;
  Slot next_slot_ = 0;
};

}  // namespace

Plan make_plan(DataFlow flow, chip::VectorPrecision precision, std::uint32_t tile_rows) {
  return Planner(std::move(flow), precision, tile_rows).run();
}

}  // namespace northpole::machine::fast
