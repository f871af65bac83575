#include "schedule/refine.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "network/error.h"

namespace northpole::schedule {

namespace {

struct Scheduled {
  map::Plan plan;
  std::uint64_t cycles = 0;
};

// Layers [first, end) in which two plans differ.
struct Difference {
  std::size_t first = 0, end = 0;
};

std::vector<Difference> differences(const map::Plan& a, const map::Plan& b) {
  std::vector<Difference> result;
  for (std::size_t l = 0; l < a.layers.size(); ++l) {
    if (a.layers[l].mapping == b.layers[l].mapping) continue;
    if (!result.empty() && result.back().end == l)
      ++result.back().end;
    else
      result.push_back({l, l + 1});
  }
  return result;
}

}  // namespace

map::Plan refined_plan(const lower::LayerGraph& graph, const Batch& batch, const chip::ChipDescription& chip,
                       map::Objective objective, const std::function<void(double)>& progress) {
  // Of transfers, and of weights.
  constexpr std::pair<std::uint64_t, std::uint64_t> prices[] = {{1, 1}, {2, 1}, {3, 1}, {4, 1}, {6, 1}, {1, 2}, {2, 2}, {3, 2}};
  // Schedules of many layers have more to change; those of many cores, frames and weights take longer.
  const std::size_t work = std::max<std::size_t>(1, graph.layers.size() * batch.group_rows * chip.columns * batch.waves);
  std::size_t blocks = 1;
  for (const lower::Layer& layer : graph.layers)
    blocks += layer.weights.bytes.size() / static_cast<std::size_t>(layer.weights.block_bytes);
  const std::size_t most_schedules =
      std::min({2 * graph.layers.size() + 16, std::max<std::size_t>(8, 200000 / work),
                std::max<std::size_t>(8, 2000000 / (blocks * batch.waves))});
  std::size_t made = 0;
  std::optional<Error> problem;
  const auto schedule = [&](const map::Plan& plan) -> std::optional<std::uint64_t> {
    ++made;
    if (progress) progress(static_cast<double>(std::min(made, most_schedules)) / static_cast<double>(most_schedules));
    try {
      return orchestrated_cycles(graph, plan, batch, chip);
    } catch (const Error& error) {
      if (!problem) problem = error;
      return std::nullopt;
    }
  };

  std::vector<Scheduled> plans;
  for (const auto& [transfers, weights] : prices) {
    Scheduled made_so;
    made_so.plan = map::plan_mappings(graph, chip, batch.group_rows, objective, transfers, weights);
    const bool known = std::any_of(plans.begin(), plans.end(), [&](const Scheduled& other) {
      return differences(other.plan, made_so.plan).empty();
    });
    if (known) continue;
    const auto cycles = schedule(made_so.plan);
    if (!cycles) continue;
    made_so.cycles = *cycles;
    plans.push_back(std::move(made_so));
  }
  if (plans.empty()) throw *problem;
  std::stable_sort(plans.begin(), plans.end(),
                   [](const Scheduled& a, const Scheduled& b) { return a.cycles < b.cycles; });
  Scheduled best = plans[0];
  for (bool improved = true; improved && made < most_schedules;) {
    improved = false;
    for (std::size_t p = 0; p < plans.size(); ++p)
      for (const Difference& difference : differences(best.plan, plans[p].plan)) {
        if (made >= most_schedules) break;
        Scheduled changed = best;
        std::copy(plans[p].plan.layers.begin() + static_cast<std::ptrdiff_t>(difference.first),
                  plans[p].plan.layers.begin() + static_cast<std::ptrdiff_t>(difference.end),
                  changed.plan.layers.begin() + static_cast<std::ptrdiff_t>(difference.first));
        const auto cycles = schedule(changed.plan);
        if (!cycles || *cycles >= best.cycles) continue;
        changed.cycles = *cycles;
        best = std::move(changed);
        improved = true;
      }
  }
  std::vector<map::Mapping> mappings;
  for (const auto& layer : best.plan.layers) mappings.push_back(layer.mapping);
  return map::plan_of_mappings(graph, chip, batch.group_rows, objective, mappings);
}

}  // namespace northpole::schedule
