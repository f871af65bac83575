#include "machine/fast/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "machine/fast/translation.h"
#include "network/error.h"

namespace northpole::machine::fast {
namespace {

// Panels of as many tiles as stay in the second-level cache, beside a column's weights.
constexpr std::size_t panel_limit = 384 * 1024;

}  // namespace

struct Engine::State {
  std::shared_ptr<const Translation> translation;
  AlignedBytes arena, panel;
  std::vector<std::int32_t> sums;

  void multiply(const Product& product);
  void words(const WordWork& work);
  TensorSnapshot snapshot(const Plan::Location& location) const;
  const std::uint8_t* word(Slot slot) const { return arena.data() + std::size_t{slot} * chip::word_bytes; }
};

namespace {

std::size_t panel_bytes(const Plan& plan, const Kernel& kernel) {
  std::size_t largest_tile = 0;
  for (const Product& product : plan.products) {
    const std::uint32_t rows = *std::ranges::max_element(product.tile_rows);
    largest_tile = std::max(largest_tile, std::size_t{rows} * product.terms * kernel.panel_word_bytes);
  }
  return std::max(largest_tile, panel_limit);
}

}  // namespace

Engine::Engine(std::shared_ptr<const Translation> translation) : state_(std::make_unique<State>()) {
  const Plan& plan = translation->plan;
  state_->arena = AlignedBytes(std::size_t{plan.slots} * chip::word_bytes);
  for (const Plan::Constant& constant : plan.constants) {
    std::memcpy(state_->arena.data() + std::size_t{constant.slot} * chip::word_bytes, constant.word.data(),
                chip::word_bytes);
  }
  state_->panel = AlignedBytes(panel_bytes(plan, *translation->kernel));
  state_->sums.resize(std::size_t{translation->kernel->tile_rows} * chip::lanes);
  state_->translation = std::move(translation);
}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

RunResult Engine::run(std::span<const isa::Word> input, const Observer& observer) {
  const Plan& plan = state_->translation->plan;
  if (input.size() != plan.input_words)
    throw Error(fmt::format("input frame of {} words, the program takes {}", input.size(), plan.input_words));
  if (!input.empty()) std::memcpy(state_->arena.data(), input.data(), input.size_bytes());
  for (const Plan::Step& step : plan.steps) {
    if (step.is_product) {
      state_->multiply(plan.products[step.index]);
    } else {
      state_->words(plan.words[step.index]);
    }
  }
  if (observer) {
    for (const Plan::Location& location : plan.locations) observer(state_->snapshot(location));
  }
  return plan.result;
}

// Some tiles' panels at a time; under them, each column's weights pass tile after tile.
void Engine::State::multiply(const Product& product) {
  const Kernel& kernel = *translation->kernel;
  const std::size_t row_bytes = std::size_t{product.terms} * kernel.panel_word_bytes;
  const auto* weights = reinterpret_cast<const std::int8_t*>(translation->weights.data());
  const Slot* slots = product.activations.data();
  std::uint32_t first_row = 0;
  for (std::size_t tile = 0; tile < product.tile_rows.size();) {
    std::size_t last = tile;
    std::uint32_t rows = 0;
    do {
      const std::uint32_t tile_rows = product.tile_rows[last++];
      for (std::uint32_t term = 0; term < product.terms;) {
        std::uint32_t next = term + 1;
        while (next < product.terms && product.is_signed[next] == product.is_signed[term]) ++next;
        const std::size_t count = std::size_t{next - term} * tile_rows;
        kernel.pack(arena.data(), slots, count, product.is_signed[term] != 0,
                    panel.data() + rows * row_bytes + std::size_t{term} * tile_rows * kernel.panel_word_bytes);
        slots += count;
        term = next;
      }
      rows += tile_rows;
    } while (last < product.tile_rows.size() && (rows + product.tile_rows[last]) * row_bytes <= panel_limit);
    for (const ProductColumn& column : product.columns) {
      const PreparedSetup& setup = translation->plan.setups[column.setup];
      std::uint32_t row = 0;
      for (std::size_t t = tile; t < last; ++t) {
        const std::uint32_t tile_rows = product.tile_rows[t];
        kernel.multiply(panel.data() + row * row_bytes, tile_rows, column.blocks.data(), product.terms, weights,
                        column.start.data(), sums.data());
        const std::uint32_t at = first_row + row;
        kernel.finish_sums(setup, sums.data(), tile_rows, arena.data(),
                           column.seconds.empty() ? nullptr : column.seconds.data() + at,
                           arena.data() + (std::size_t{column.output} + at) * chip::word_bytes);
        row += tile_rows;
      }
    }
    first_row += rows;
    tile = last;
  }
}

void Engine::State::words(const WordWork& work) {
  translation->kernel->finish_words(translation->plan.setups[work.setup], work.sources.data(), work.inputs, work.rows,
                                    arena.data(), work.seconds.empty() ? nullptr : work.seconds.data(),
                                    arena.data() + std::size_t{work.output} * chip::word_bytes);
}

std::vector<isa::Word> Engine::output(std::size_t index) const {
  const std::vector<Slot>& slots = state_->translation->plan.outputs.at(index);
  std::vector<isa::Word> words(slots.size());
  for (std::size_t w = 0; w < words.size(); ++w) {
    std::memcpy(words[w].data(), state_->word(slots[w]), chip::word_bytes);
  }
  return words;
}

TensorSnapshot Engine::State::snapshot(const Plan::Location& placed) const {
  const program::TensorLocation& location = translation->program->locations[placed.location];
  TensorSnapshot result{location, {}, {}};
  const std::size_t plane = std::size_t{location.height} * location.width;
  result.codes.resize(location.channels * plane);
  std::vector<bool> found(result.codes.size());
  for (const Plan::Element& e : placed.words) {
    for (std::uint32_t lane = 0; lane < chip::lanes && e.block * chip::lanes + lane < location.channels; ++lane) {
      const std::size_t element = (e.block * chip::lanes + lane) * plane + std::size_t{e.y} * location.width + e.x;
      const std::uint8_t code = word(e.slot)[lane];
      if (found[element] && result.codes[element] != code && result.problem.empty()) {
        result.problem = fmt::format("two pieces differ in channel {}, y {}, x {} (one at address {} of core {})",
                                     e.block * chip::lanes + lane, e.y, e.x, e.address, e.core);
      }
      result.codes[element] = code;
      found[element] = true;
    }
    if (!result.problem.empty()) return result;
  }
  result.problem = placed.problem;
  for (std::size_t element = 0; element < found.size() && result.problem.empty(); ++element) {
    if (!found[element]) result.problem = fmt::format("element {} is in no piece", element);
  }
  return result;
}

}  // namespace northpole::machine::fast
