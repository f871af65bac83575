#include "schedule/refine.h"

#include <algorithm>
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include "network/error.h"

namespace northpole::schedule {

namespace {

struct Scheduled {
  map::Plan plan;
  Timing timing;
};

bool equal(const map::Plan& a, const map::Plan& b) {
  for (std::size_t l = 0; l < a.layers.size(); ++l)
    if (!(a.layers[l].mapping == b.layers[l].mapping)) return false;
  return true;
}

// Layers [first, end), in which another plan took `gain` cycles less.
struct Exchange {
  std::size_t first = 0, end = 0, plan = 0;
  std::uint64_t gain = 0;
};

// Within [first, end) the run of layers with the largest gain, then those before and behind it.
void add_exchanges(const std::vector<std::uint64_t>& best, const std::vector<std::uint64_t>& other, std::size_t first,
                   std::size_t end, std::size_t plan, std::vector<Exchange>& result) {
  Exchange found;
  std::int64_t sum = 0, most = 0;
  std::size_t start = first;
  for (std::size_t l = first; l < end; ++l) {
    sum += static_cast<std::int64_t>(best[l]) - static_cast<std::int64_t>(other[l]);
    if (sum <= 0) {
      sum = 0;
      start = l + 1;
    } else if (sum > most) {
      most = sum;
      found = {start, l + 1, plan, static_cast<std::uint64_t>(sum)};
    }
  }
  if (most == 0) return;
  result.push_back(found);
  add_exchanges(best, other, first, found.first, plan, result);
  add_exchanges(best, other, found.end, end, plan, result);
}

// Schedules plans, several at a time.
class Trials {
 public:
  Trials(const lower::LayerGraph& graph, const Batch& batch, const chip::ChipDescription& chip,
         const CompileOptions& options, std::size_t most)
      : graph_(graph), batch_(batch), chip_(chip), options_(options), most_(most) {}

  std::size_t left() const { return most_ - made_; }

  // Nothing for a plan that does not fit. At most left() plans.
  std::vector<std::optional<Timing>> schedule(const std::vector<map::Plan>& plans) {
    const unsigned threads =
        options_.threads != 0 ? options_.threads : std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::optional<Timing>> result(plans.size());
    std::vector<std::optional<Error>> problems(plans.size());
    for (std::size_t first = 0; first < plans.size(); first += threads) {
      std::vector<std::future<void>> running;
      for (std::size_t i = first; i < std::min(plans.size(), first + threads); ++i)
        running.push_back(std::async(i == first ? std::launch::deferred : std::launch::async, [&, i] {
          try {
            result[i] = orchestrated_timing(graph_, plans[i], batch_, chip_);
          } catch (const Error& error) {
            problems[i] = error;
          }
        }));
      for (auto& one : running) one.get();
    }
    for (const auto& problem : problems)
      if (problem && !problem_) problem_ = problem;
    made_ += plans.size();
    if (options_.progress) options_.progress(static_cast<double>(std::min(made_, most_)) / static_cast<double>(most_));
    return result;
  }

  [[noreturn]] void refuse() const { throw *problem_; }

 private:
  const lower::LayerGraph& graph_;
  const Batch& batch_;
  const chip::ChipDescription& chip_;
  const CompileOptions& options_;
  std::size_t most_, made_ = 0;
  std::optional<Error> problem_;  // of the first plan that did not fit
};

// Schedules of many layers have more to change; those of many cores, frames and weights take longer.
std::size_t most_schedules(const lower::LayerGraph& graph, const Batch& batch, const chip::ChipDescription& chip) {
  const std::size_t work =
      std::max<std::size_t>(1, graph.layers.size() * batch.group_rows * chip.columns * batch.waves);
  std::size_t blocks = 1;
  for (const lower::Layer& layer : graph.layers)
    blocks += layer.weights.bytes.size() / static_cast<std::size_t>(layer.weights.block_bytes);
  return std::min({2 * graph.layers.size() + 16, std::max<std::size_t>(8, 900000 / work),
                   std::max<std::size_t>(8, 2000000 / (blocks * batch.waves))});
}

constexpr std::size_t together = 2;  // plans that are made before what they took is learnt
constexpr std::size_t good_prices = 4, patience = 14;

// Of transfers and of weights; the shortest schedule of a plan made at it.
struct Price {
  std::uint64_t transfers = 1, weights = 1;
  std::uint64_t least = ~std::uint64_t{0};
};
constexpr Price first_prices[] = {{1, 1}, {2, 1}, {3, 1}, {4, 1}, {6, 1}, {1, 2},
                                  {2, 2}, {3, 2}, {4, 2}, {6, 2}, {8, 2}, {10, 3}};

}  // namespace

map::Plan refined_plan(const lower::LayerGraph& graph, const Batch& batch, const chip::ChipDescription& chip,
                       const CompileOptions& options) {
  Trials trials(graph, batch, chip, options,
                options.schedules != 0 ? options.schedules : most_schedules(graph, batch, chip));
  map::Planner planner(graph, chip, batch.group_rows, options.objective);
  std::vector<Scheduled> plans;
  std::vector<map::Plan> refused;
  std::vector<Price> prices(std::begin(first_prices), std::end(first_prices));
  std::uint64_t least = ~std::uint64_t{0};
  const std::size_t for_exchanges = trials.left() / 4;
  for (std::size_t tried = 0, since_better = 0; trials.left() > for_exchanges && since_better < patience;) {
    std::vector<map::Plan> made;
    std::vector<std::size_t> made_at;
    for (std::size_t i = 0; i < together && made.size() < trials.left(); ++i, ++tried, ++since_better) {
      const std::size_t at = tried % prices.size();
      map::Plan plan = planner.plan(prices[at].transfers, prices[at].weights);
      const auto same = [&](const map::Plan& other) { return equal(other, plan); };
      if (std::any_of(plans.begin(), plans.end(), [&](const Scheduled& other) { return same(other.plan); }) ||
          std::any_of(made.begin(), made.end(), same) || std::any_of(refused.begin(), refused.end(), same))
        continue;
      made.push_back(std::move(plan));
      made_at.push_back(at);
    }
    const auto timings = trials.schedule(made);
    for (std::size_t i = 0; i < made.size(); ++i) {
      if (!timings[i]) {
        refused.push_back(std::move(made[i]));
        continue;
      }
      if (batch.waves == 1) planner.learn(made[i], timings[i]->took);
      Price& price = prices[made_at[i]];
      price.least = std::min(price.least, timings[i]->cycles);
      if (timings[i]->cycles < least) {
        least = timings[i]->cycles;
        since_better = 0;
      }
      plans.push_back({std::move(made[i]), *timings[i]});
    }
    // Then only with those prices that suit this network.
    if (tried >= prices.size() && prices.size() > good_prices) {
      std::stable_sort(prices.begin(), prices.end(), [](const Price& a, const Price& b) { return a.least < b.least; });
      prices.resize(good_prices);
    }
  }
  if (plans.empty()) trials.refuse();
  std::stable_sort(plans.begin(), plans.end(),
                   [](const Scheduled& a, const Scheduled& b) { return a.timing.cycles < b.timing.cycles; });
  Scheduled best = plans[0];
  std::vector<map::Plan> seen;
  for (bool more = true; more && trials.left() > 0;) {
    std::vector<Exchange> exchanges;
    for (std::size_t p = 0; p < plans.size(); ++p)
      add_exchanges(best.timing.took, plans[p].timing.took, 0, best.timing.took.size(), p, exchanges);
    std::stable_sort(exchanges.begin(), exchanges.end(),
                     [](const Exchange& a, const Exchange& b) { return a.gain > b.gain; });
    std::vector<map::Plan> changed;
    for (const Exchange& e : exchanges) {
      map::Plan plan = best.plan;
      std::copy(plans[e.plan].plan.layers.begin() + static_cast<std::ptrdiff_t>(e.first),
                plans[e.plan].plan.layers.begin() + static_cast<std::ptrdiff_t>(e.end),
                plan.layers.begin() + static_cast<std::ptrdiff_t>(e.first));
      const auto same = [&](const map::Plan& other) { return equal(other, plan); };
      if (same(best.plan) || std::any_of(seen.begin(), seen.end(), same)) continue;
      seen.push_back(plan);
      changed.push_back(std::move(plan));
      if (changed.size() >= std::min(together, trials.left())) break;
    }
    more = !changed.empty();
    const auto timings = trials.schedule(changed);
    for (std::size_t i = 0; i < changed.size(); ++i) {
      if (!timings[i]) continue;
      if (timings[i]->cycles < best.timing.cycles) best = {changed[i], *timings[i]};
      plans.push_back({std::move(changed[i]), *timings[i]});
    }
  }
  std::vector<map::Mapping> mappings;
  for (const auto& layer : best.plan.layers) mappings.push_back(layer.mapping);
  return planner.of(mappings);
}

}  // namespace northpole::schedule
