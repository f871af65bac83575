#include "machine/fast/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "machine/fast/crew.h"
#include "machine/fast/observation.h"
#include "machine/fast/translation.h"
#include "network/error.h"

namespace northpole::machine::fast {
namespace {

// Panels of as many tiles as stay in the second-level cache, beside a column's weights.
constexpr std::size_t panel_limit = 384 * 1024;

}  // namespace

struct Engine::State {
  struct Scratch {  // of one thread
    AlignedBytes panel;
    std::vector<std::int32_t> sums;
  };
  std::shared_ptr<const Translation> translation;
  AlignedBytes arena;
  std::vector<Scratch> scratch;
  std::unique_ptr<Crew> crew;
  std::unique_ptr<Observation> observation;  // once there is an observer

  void work(const WorkItem& item, std::uint32_t thread);
  void multiply(const WorkItem& item, Scratch& scratch);
  void pack(const Product& product, const Product::Tile& tile, std::uint8_t* panel) const;
  void words(const WorkItem& item);
  void conversions(const WorkItem& item);
  RunResult run_observed(const Observer& observer);
  const std::uint8_t* word(Slot slot) const { return arena.data() + std::size_t{slot} * chip::word_bytes; }
};

namespace {

std::size_t panel_bytes(const Plan& plan, const Kernel& kernel) {
  std::size_t largest_tile = 0;
  for (const Product& product : plan.products) {
    for (const Product::Tile& tile : product.tiles)
      largest_tile = std::max(largest_tile, std::size_t{tile.rows} * product.terms * kernel.panel_word_bytes);
  }
  return std::max(largest_tile, panel_limit);
}

}  // namespace

Engine::Engine(std::shared_ptr<const Translation> translation, std::uint32_t threads)
    : state_(std::make_unique<State>()) {
  const Plan& plan = translation->plan;
  threads = std::max(threads, 1u);
  state_->arena = AlignedBytes(std::size_t{plan.slots} * chip::word_bytes);
  for (const Plan::Constant& constant : plan.constants) {
    std::memcpy(state_->arena.data() + std::size_t{constant.slot} * chip::word_bytes, constant.word.data(),
                chip::word_bytes);
  }
  for (std::uint32_t thread = 0; thread < threads; ++thread) {
    state_->scratch.push_back({AlignedBytes(panel_bytes(plan, *translation->kernel)),
                               std::vector<std::int32_t>(std::size_t{translation->kernel->tile_rows} * chip::lanes)});
  }
  state_->translation = std::move(translation);
  state_->crew = std::make_unique<Crew>(
      threads, cut(plan, threads),
      [state = state_.get()](const WorkItem& item, std::uint32_t thread) { state->work(item, thread); });
}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

RunResult Engine::run(std::span<const isa::Word> input, const Observer& observer) {
  const Plan& plan = state_->translation->plan;
  if (input.size() != plan.input_words)
    throw Error(fmt::format("input frame of {} words, the program takes {}", input.size(), plan.input_words));
  if (!input.empty()) std::memcpy(state_->arena.data(), input.data(), input.size_bytes());
  if (observer) return state_->run_observed(observer);
  state_->crew->run();
  return plan.result;
}

// By one thread, which stops after each level to look.
RunResult Engine::State::run_observed(const Observer& observer) {
  const Plan& plan = translation->plan;
  if (!observation) observation = std::make_unique<Observation>(*translation);
  observation->start();
  observation->take(0, arena.data());
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    work(whole(plan, plan.steps[i]), 0);
    if (i + 1 == plan.steps.size() || plan.steps[i + 1].level != plan.steps[i].level)
      observation->take(plan.steps[i].level, arena.data());
  }
  for (std::size_t i = 0; i < plan.locations.size(); ++i) observer(observation->snapshot(i));
  return plan.result;
}

void Engine::State::work(const WorkItem& item, std::uint32_t thread) {
  switch (item.kind) {
    case StepKind::product:
      return multiply(item, scratch[thread]);
    case StepKind::words:
      return words(item);
    case StepKind::conversions:
      return conversions(item);
  }
}

void Engine::State::pack(const Product& product, const Product::Tile& tile, std::uint8_t* panel) const {
  const Kernel& kernel = *translation->kernel;
  const Slot* slots = product.activations.data() + std::size_t{tile.first_row} * product.terms;
  for (std::uint32_t term = 0; term < product.terms;) {
    std::uint32_t next = term + 1;
    while (next < product.terms && product.is_signed[next] == product.is_signed[term]) ++next;
    const std::size_t first = std::size_t{term} * tile.rows;
    kernel.pack(arena.data(), slots + first, std::size_t{next - term} * tile.rows, product.is_signed[term] != 0,
                panel + first * kernel.panel_word_bytes);
    term = next;
  }
}

// Some tiles' panels at a time; under them, each column's weights pass tile after tile.
void Engine::State::multiply(const WorkItem& item, Scratch& own) {
  const Kernel& kernel = *translation->kernel;
  const Product& product = translation->plan.products[item.index];
  const std::size_t row_bytes = std::size_t{product.terms} * kernel.panel_word_bytes;
  const auto* weights = reinterpret_cast<const std::int8_t*>(translation->weights.data());
  for (std::uint32_t first = item.first; first < item.last;) {
    const std::uint32_t first_row = product.tiles[first].first_row;
    const auto panel_of = [&](const Product::Tile& tile) {
      return own.panel.data() + (tile.first_row - first_row) * row_bytes;
    };
    std::uint32_t last = first;
    do {
      pack(product, product.tiles[last], panel_of(product.tiles[last]));
      ++last;
    } while (last < item.last &&
             (product.tiles[last].first_row + product.tiles[last].rows - first_row) * row_bytes <= panel_limit);
    for (std::uint32_t c = item.first_column; c < item.last_column; ++c) {
      const ProductColumn& column = product.columns[c];
      const PreparedSetup& setup = translation->plan.setups[column.setup];
      for (std::uint32_t t = first; t < last; ++t) {
        const Product::Tile& tile = product.tiles[t];
        // Under the last tile of a column the next one's weights come nearer.
        const bool is_last = t + 1 == last && c + 1 < item.last_column;
        kernel.multiply(panel_of(tile), tile.rows, column.blocks.data(), product.terms, weights, column.start.data(),
                        own.sums.data(), is_last ? product.columns[c + 1].blocks.data() : nullptr);
        kernel.finish_sums(setup, own.sums.data(), tile.rows, arena.data(),
                           column.seconds.empty() ? nullptr : column.seconds.data() + tile.first_row,
                           arena.data() + (std::size_t{column.output} + tile.first_row) * chip::word_bytes);
      }
    }
    first = last;
  }
}

void Engine::State::words(const WorkItem& item) {
  const WordWork& work = translation->plan.words[item.index];
  translation->kernel->finish_words(
      translation->plan.setups[work.setup], work.sources.data() + std::size_t{item.first} * work.inputs, work.inputs,
      item.last - item.first, arena.data(), work.seconds.empty() ? nullptr : work.seconds.data() + item.first,
      arena.data() + (std::size_t{work.output} + item.first) * chip::word_bytes);
}

void Engine::State::conversions(const WorkItem& item) {
  const ConversionWork& work = translation->plan.conversions[item.index];
  convert(work.conversion, work.sources.data() + std::size_t{item.first} * work.conversion.inputs(),
          item.last - item.first, arena.data(),
          arena.data() + (std::size_t{work.output} + item.first) * chip::word_bytes);
}

std::vector<isa::Word> Engine::output(std::size_t index) const {
  const std::vector<Slot>& slots = state_->translation->plan.outputs.at(index);
  std::vector<isa::Word> words(slots.size());
  for (std::size_t w = 0; w < words.size(); ++w) {
    std::memcpy(words[w].data(), state_->word(slots[w]), chip::word_bytes);
  }
  return words;
}

}  // namespace northpole::machine::fast
