#include "schedule/refine.h"

#include <algorithm>
#include <array>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <tuple>
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

// Layers [first, end), for which those `shift` layers behind them in another plan took `gain` cycles less.
struct Exchange {
  std::size_t first = 0, end = 0, plan = 0;
  std::ptrdiff_t shift = 0;
  std::uint64_t gain = 0;
  auto key() const { return std::tuple(first, end, plan, shift); }
};

// gains: by layer, what the other plan took less. Within [first, end) the run of layers that gains most, then those
// before and behind it.
void add_exchanges(const std::vector<std::int64_t>& gains, std::size_t first, std::size_t end, Exchange exchange,
                   std::vector<Exchange>& result) {
  std::int64_t sum = 0, most = 0;
  std::size_t start = first;
  for (std::size_t l = first; l < end; ++l) {
    sum += gains[l];
    if (sum <= 0) {
      sum = 0;
      start = l + 1;
    } else if (sum > most) {
      most = sum;
      exchange.first = start;
      exchange.end = l + 1;
    }
  }
  if (most == 0) return;
  exchange.gain = static_cast<std::uint64_t>(most);
  result.push_back(exchange);
  add_exchanges(gains, first, result.back().first, exchange, result);
  add_exchanges(gains, exchange.end, end, exchange, result);
}

// What layers of the best plan could take over: from themselves in other plans, and from layers like them in all.
std::vector<Exchange> exchanges_for(const Scheduled& best, const std::vector<Scheduled>& plans,
                                    const map::Planner& planner) {
  constexpr std::int64_t never = -(std::int64_t{1} << 40);
  const auto layers = static_cast<std::ptrdiff_t>(best.timing.took.size());
  std::vector<Exchange> result;
  std::vector<std::int64_t> gains(best.timing.took.size());
  for (std::size_t p = 0; p < plans.size(); ++p)
    for (std::ptrdiff_t shift = -(layers - 1); shift < layers; ++shift) {
      for (std::ptrdiff_t l = 0; l < layers; ++l) {
        const auto at = static_cast<std::size_t>(l), from = static_cast<std::size_t>(l + shift);
        gains[at] = l + shift < 0 || l + shift >= layers || planner.form(at) != planner.form(from)
                        ? never
                        : static_cast<std::int64_t>(best.timing.took[at]) -
                              static_cast<std::int64_t>(plans[p].timing.took[from]);
      }
      Exchange exchange;
      exchange.plan = p;
      exchange.shift = shift;
      add_exchanges(gains, 0, gains.size(), exchange, result);
    }
  std::stable_sort(result.begin(), result.end(), [](const Exchange& a, const Exchange& b) { return a.gain > b.gain; });
  return result;
}

// Schedules plans, several at a time.
class Trials {
 public:
  Trials(const lower::LayerGraph& graph, const Batch& batch, const chip::ChipDescription& chip,
         const CompileOptions& options, const Room& room, std::size_t most)
      : graph_(graph), batch_(batch), chip_(chip), options_(options), room_(room), most_(most) {}

  std::size_t left() const { return most_ > made_ + kept_ ? most_ - made_ - kept_ : 0; }
  // So many are not left() for now.
  void keep(std::size_t schedules) { kept_ = schedules; }

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
            result[i] = orchestrated_timing(graph_, plans[i], batch_, chip_, room_);
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
  Room room_;
  std::size_t most_, made_ = 0, kept_ = 0;
  std::optional<Error> problem_;  // of the first plan that did not fit
};

// Schedules of many layers have more to change; those of many cores, frames and weights take longer.
std::size_t most_schedules(const lower::LayerGraph& graph, const Batch& batch, const chip::ChipDescription& chip) {
  const std::size_t work =
      std::max<std::size_t>(1, graph.layers.size() * batch.group_rows * chip.columns * batch.waves);
  std::size_t blocks = 1;
  for (const lower::Layer& layer : graph.layers)
    blocks += layer.weights.bytes.size() / static_cast<std::size_t>(layer.weights.block_bytes);
  return std::min({graph.layers.size() * 3 / 2 + 46, std::max<std::size_t>(8, 2000000 / work),
                   std::max<std::size_t>(8, 2000000 / (blocks * batch.waves))});
}

constexpr std::size_t together = 2;  // plans that are made before what they took is learnt
constexpr std::size_t good_prices = 6, patience = 24;

// Of transfers and of weights; the shortest schedule of a plan made at it.
struct Price {
  std::uint64_t transfers = 1, weights = 1;
  std::uint64_t least = ~std::uint64_t{0};
};
constexpr std::array<Price, 18> all_prices{{{1, 1},
                                            {2, 1},
                                            {3, 1},
                                            {4, 1},
                                            {6, 1},
                                            {1, 2},
                                            {2, 2},
                                            {3, 2},
                                            {4, 2},
                                            {6, 2},
                                            {8, 2},
                                            {10, 3},
                                            {3, 3},
                                            {4, 4},
                                            {6, 4},
                                            {8, 6},
                                            {4, 3},
                                            {6, 6}}};

class Refinement {
 public:
  Refinement(const lower::LayerGraph& graph, const Batch& batch, const chip::ChipDescription& chip,
             const CompileOptions& options, bool short_programs)
      : one_wave_(batch.waves == 1),
        trials_(graph, batch, chip, options, {static_weights_of(batch.groups), short_programs},
                options.schedules != 0 ? options.schedules : most_schedules(graph, batch, chip)),
        planner_(graph, chip, batch.group_rows, options.objective, !short_programs) {
    prices_.assign(all_prices.begin(), all_prices.end());
  }

  std::vector<RefinedPlan> run() {
    trials_.keep(trials_.left() / 2);
    for (std::uint64_t before = ~std::uint64_t{0}; trials_.left() > 0; before = best_->timing.cycles) {
      make_plans(trials_.left() / 4);
      if (!best_) {
        trials_.keep(0);
        make_plans(0);
      }
      if (!best_) trials_.refuse();
      exchange_layers();
      if (best_->timing.cycles >= before) break;
    }
    trials_.keep(0);
    for (std::uint64_t before = ~std::uint64_t{0}; best_->timing.cycles < before && trials_.left() > 0;) {
      before = best_->timing.cycles;
      vary_layers();
    }
    constexpr std::size_t kept = 9;
    std::stable_sort(plans_.begin(), plans_.end(),
                     [](const Scheduled& a, const Scheduled& b) { return a.timing.cycles < b.timing.cycles; });
    std::vector<RefinedPlan> result;
    for (std::size_t p = 0; p < std::min(kept, plans_.size()); ++p) {
      std::vector<map::Mapping> mappings;
      for (const auto& layer : plans_[p].plan.layers) mappings.push_back(layer.mapping);
      result.push_back({planner_.of(mappings), plans_[p].timing.cycles});
    }
    return result;
  }

 private:
  bool fresh(const map::Plan& plan) const {
    return std::none_of(seen_.begin(), seen_.end(), [&](const map::Plan& other) { return equal(other, plan); });
  }

  // The cycles of each; 0 of those that do not fit.
  std::vector<std::uint64_t> schedule(std::vector<map::Plan> made) {
    const auto timings = trials_.schedule(made);
    std::vector<std::uint64_t> cycles;
    for (std::size_t i = 0; i < made.size(); ++i) {
      cycles.push_back(timings[i] ? timings[i]->cycles : 0);
      if (!timings[i]) continue;
      // A layer's waves are not one after the other.
      if (one_wave_) planner_.learn(made[i], timings[i]->took);
      if (!best_ || timings[i]->cycles < best_->timing.cycles) best_ = {made[i], *timings[i]};
      plans_.push_back({std::move(made[i]), *timings[i]});
    }
    return cycles;
  }

  // Plans at all prices, then at those that suit this network, until that brings nothing more or only so many schedules
  // are left.
  void make_plans(std::size_t leave) {
    for (std::size_t since_better = 0; trials_.left() > leave && since_better < patience;) {
      const std::uint64_t least = best_ ? best_->timing.cycles : ~std::uint64_t{0};
      std::vector<map::Plan> made;
      std::vector<std::size_t> at;
      for (std::size_t i = 0; i < std::min(together, trials_.left()); ++i, ++priced_, ++since_better) {
        const Price& price = prices_[priced_ % prices_.size()];
        map::Plan plan = planner_.plan(price.transfers, price.weights);
        if (!fresh(plan)) continue;
        seen_.push_back(plan);
        made.push_back(std::move(plan));
        at.push_back(priced_ % prices_.size());
      }
      const auto cycles = schedule(std::move(made));
      for (std::size_t i = 0; i < cycles.size(); ++i)
        if (cycles[i] != 0) prices_[at[i]].least = std::min(prices_[at[i]].least, cycles[i]);
      if (best_ && best_->timing.cycles < least) since_better = 0;
      if (priced_ >= prices_.size() && prices_.size() > good_prices) {
        std::stable_sort(prices_.begin(), prices_.end(),
                         [](const Price& a, const Price& b) { return a.least < b.least; });
        prices_.resize(good_prices);
      }
    }
  }

  void exchange_layers() {
    for (bool more = true; more && trials_.left() > 0;) {
      std::vector<map::Plan> changed;
      for (const Exchange& e : exchanges_for(*best_, plans_, planner_)) {
        if (!exchanged_.insert(e.key()).second) continue;
        map::Plan plan = best_->plan;
        const auto from = plans_[e.plan].plan.layers.begin() + e.shift;
        std::copy(from + static_cast<std::ptrdiff_t>(e.first), from + static_cast<std::ptrdiff_t>(e.end),
                  plan.layers.begin() + static_cast<std::ptrdiff_t>(e.first));
        if (!fresh(plan)) continue;
        seen_.push_back(plan);
        changed.push_back(std::move(plan));
        if (changed.size() >= std::min(together, trials_.left())) break;
      }
      more = !changed.empty();
      schedule(std::move(changed));
    }
  }

  // Layers alike that are mapped alike are passed in other pixel tiles, or lie on other cores, together: those first
  // that wait most.
  void vary_layers() {
    struct Form {
      std::size_t layer = 0;    // the first
      std::uint64_t waits = 0;  // of all
    };
    std::map<std::uint32_t, Form> forms;
    for (std::size_t l = 0; l < best_->plan.layers.size(); ++l) {
      Form& form = forms.try_emplace(planner_.form(l), Form{l}).first->second;
      const std::uint64_t took = best_->timing.took[l], computed = best_->plan.layers[l].cost.arithmetic;
      form.waits += took > computed ? took - computed : 0;
    }
    std::vector<Form> order;
    for (const auto& [number, form] : forms) order.push_back(form);
    std::stable_sort(order.begin(), order.end(), [](const Form& a, const Form& b) { return a.waits > b.waits; });
    for (const auto& [l, waits] : order) {
      const map::Mapping from = best_->plan.layers[l].mapping;
      std::vector<map::Plan> changed;
      for (const map::Mapping& to : planner_.variants(l, from)) {
        std::vector<map::Mapping> mappings;
        for (std::size_t other = 0; other < best_->plan.layers.size(); ++other) {
          const map::Mapping& own = best_->plan.layers[other].mapping;
          mappings.push_back(planner_.form(other) == planner_.form(l) && own == from ? to : own);
        }
        map::Plan plan = planner_.of(mappings);
        if (!fresh(plan)) continue;
        seen_.push_back(plan);
        changed.push_back(std::move(plan));
      }
      while (changed.size() > trials_.left()) changed.pop_back();
      if (changed.empty()) continue;
      schedule(std::move(changed));
    }
  }

  bool one_wave_;
  Trials trials_;
  map::Planner planner_;
  std::vector<Price> prices_;
  std::size_t priced_ = 0;        // plans asked for
  std::vector<Scheduled> plans_;  // that fit
  std::optional<Scheduled> best_;
  std::vector<map::Plan> seen_;
  std::set<decltype(Exchange().key())> exchanged_;  // what did not help once hardly helps later
};

}  // namespace

std::vector<RefinedPlan> refined_plans(const lower::LayerGraph& graph, const Batch& batch,
                                       const chip::ChipDescription& chip, const CompileOptions& options,
                                       bool short_programs) {
  return Refinement(graph, batch, chip, options, short_programs).run();
}

}  // namespace northpole::schedule
