#include "machine/fast/work_items.h"

#include <algorithm>

namespace northpole::machine::fast {
namespace {

constexpr std::uint32_t items_a_thread = 4;  // of a wave, so that a thread that is late is made up for

class Cutter {
 public:
  Cutter(const Plan& plan, std::uint32_t threads) : plan_(plan), threads_(threads) {}

  std::vector<Wave> run() {
    std::vector<Wave> waves;
    for (std::size_t first = 0; first < plan_.steps.size();) {
      std::size_t last = first;
      std::uint64_t cost = 0;
      while (last < plan_.steps.size() && plan_.steps[last].level == plan_.steps[first].level)
        cost += cost_of(plan_.steps[last++]);
      // Less than this is not worth a thread's waking up.
      const std::uint64_t share = std::max<std::uint64_t>(cost / (threads_ * items_a_thread), 1000);
      Wave& wave = waves.emplace_back();
      for (; first < last; ++first) add(plan_.steps[first], share, wave);
    }
    return waves;
  }

 private:
  // In block products; a word operation takes about as long as two.
  std::uint64_t cost_of(const Plan::Step& step) const {
    if (step.kind != StepKind::product) return std::uint64_t{whole(plan_, step).last} * 2;
    const Product& product = plan_.products[step.index];
    return std::uint64_t{product.rows} * (product.terms + 2) * product.columns.size();
  }

  void add(const Plan::Step& step, std::uint64_t share, Wave& wave) const {
    const WorkItem all = whole(plan_, step);
    const std::uint32_t tiles = all.last, columns = all.last_column;
    const std::uint32_t wanted = threads_ == 1 ? 1
                                               : static_cast<std::uint32_t>(std::clamp<std::uint64_t>(
                                                     cost_of(step) / share, 1, threads_ * items_a_thread));
    // Cuts between columns pack the activations once more, cuts between tiles read the weights once more.
    const std::uint32_t column_cuts = std::min(columns, tiles >= 4 * wanted ? 1 : wanted);
    const std::uint32_t tile_cuts = std::min(tiles, (wanted + column_cuts - 1) / column_cuts);
    for (std::uint32_t t = 0; t < tile_cuts; ++t) {
      for (std::uint32_t c = 0; c < column_cuts; ++c) {
        wave.push_back({step.kind, step.index, part(tiles, t, tile_cuts), part(tiles, t + 1, tile_cuts),
                        part(columns, c, column_cuts), part(columns, c + 1, column_cuts)});
      }
    }
  }
  static std::uint32_t part(std::uint32_t all, std::uint32_t number, std::uint32_t parts) {
    return static_cast<std::uint32_t>(std::uint64_t{all} * number / parts);
  }

  const Plan& plan_;
  std::uint32_t threads_;
};

}  // namespace

WorkItem whole(const Plan& plan, const Plan::Step& step) {
  WorkItem item{step.kind, step.index, 0, 0, 0, 1};
  switch (step.kind) {
    case StepKind::product:
      item.last = static_cast<std::uint32_t>(plan.products[step.index].tiles.size());
      item.last_column = static_cast<std::uint32_t>(plan.products[step.index].columns.size());
      return item;
    case StepKind::words:
      item.last = plan.words[step.index].rows;
      return item;
    case StepKind::conversions:
      item.last = plan.conversions[step.index].rows;
      return item;
  }
  return item;
}

std::vector<Wave> cut(const Plan& plan, std::uint32_t threads) { return Cutter(plan, threads).run(); }

}  // namespace northpole::machine::fast
