#include "choose/steps.h"

#include <algorithm>
#include <optional>

namespace northpole::choose {
namespace {

// Less change for each cycle; the earlier unit, then the smaller step, where two are alike.
bool cheaper(const Step& a, const Step& b) {
  const double left = a.change * static_cast<double>(b.cycles), right = b.change * static_cast<double>(a.cycles);
  if (left != right) return left < right;
  return a.unit != b.unit ? a.unit < b.unit : a.to > b.to;
}

std::optional<Step> cheapest_step(std::size_t unit, const Prices& prices, int width) {
  std::optional<Step> best;
  for (const auto& [narrower, change] : prices.change) {
    if (narrower >= width) continue;
    const Step step{
        unit, width, narrower, std::max(change - prices.change.at(width), 0.0),
        static_cast<std::int64_t>(prices.cycles.at(width)) - static_cast<std::int64_t>(prices.cycles.at(narrower))};
    if (step.cycles > 0 && (!best || cheaper(step, *best))) best = step;
  }
  return best;
}

}  // namespace

std::vector<Step> steps_of(const std::vector<Prices>& units) {
  std::vector<int> widths;
  for (const Prices& prices : units) widths.push_back(prices.change.empty() ? 0 : prices.change.rbegin()->first);
  std::vector<Step> steps;
  for (;;) {
    std::optional<Step> best;
    for (std::size_t unit = 0; unit < units.size(); ++unit) {
      const std::optional<Step> step = cheapest_step(unit, units[unit], widths[unit]);
      if (step && (!best || cheaper(*step, *best))) best = step;
    }
    if (!best) return steps;
    widths[best->unit] = best->to;
    steps.push_back(*best);
  }
}

}  // namespace northpole::choose
