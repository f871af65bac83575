#include "schedule/stream_order.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace northpole::schedule {

namespace {

using Order = std::vector<std::size_t>;

struct Outcome {
  Cycle last = 0, sum = 0;  // arrivals: the last, and all together
  bool better_than(const Outcome& other) const { return std::pair(last, sum) < std::pair(other.last, other.sum); }
};

// What comes of an order; `arrivals` by stream.
Outcome outcome_of(const std::vector<std::vector<StreamNeeds>>& streams, const Order& order,
                   std::vector<Cycle>& arrivals) {
  std::vector<ChosenWay> chosen(streams.size());
  Outcome outcome;
  for (const std::size_t s : order) {
    chosen[s] = soonest_way(streams[s]);
    const StreamNeeds& way = streams[s][chosen[s].way];
    take(way.needs, chosen[s].start);
    arrivals[s] = chosen[s].start + way.tail;
    outcome.last = std::max(outcome.last, arrivals[s]);
    outcome.sum += arrivals[s];
  }
  for (const std::size_t s : order) give_back(streams[s][chosen[s].way].needs, chosen[s].start);
  return outcome;
}

}  // namespace

ChosenWay soonest_way(const std::vector<StreamNeeds>& ways) {
  ChosenWay best{0, earliest(ways[0].needs, ways[0].floor)};
  Cycle arrival = best.start + ways[0].tail;
  for (std::size_t i = 1; i < ways.size(); ++i) {
    if (ways[i].floor + ways[i].tail >= arrival) continue;
    const Cycle start = earliest(ways[i].needs, ways[i].floor);
    if (start + ways[i].tail >= arrival) continue;
    best = {i, start};
    arrival = start + ways[i].tail;
  }
  return best;
}

std::vector<std::size_t> order_of_streams(const std::vector<std::vector<StreamNeeds>>& streams, std::size_t trials) {
  Order order(streams.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (streams.size() < 2 || trials < 2) return order;
  std::vector<Cycle> arrivals(streams.size());
  Order best = order;
  Outcome least = outcome_of(streams, order, arrivals);
  // Nothing arrives sooner than where each stream goes alone.
  Cycle bound = 0;
  for (const auto& ways : streams) {
    const ChosenWay chosen = soonest_way(ways);
    bound = std::max(bound, chosen.start + ways[chosen.way].tail);
  }
  std::vector<Cycle> of_best = arrivals;
  const auto attempt = [&](Order tried) {
    const Outcome outcome = outcome_of(streams, tried, arrivals);
    if (outcome.better_than(least)) {
      least = outcome;
      best = tried;
      of_best = arrivals;
    }
    order = std::move(tried);
  };
  // Those that have least time come first.
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return streams[a][0].floor + streams[a][0].tail > streams[b][0].floor + streams[b][0].tail;
  });
  attempt(order);
  order = best;
  arrivals = of_best;
  // Then what came late may go before a part of the others.
  for (std::size_t trial = 2; trial < trials && least.last > bound; ++trial) {
    Cycle first = ~Cycle{0}, last = 0;
    for (const Cycle arrival : arrivals) {
      first = std::min(first, arrival);
      last = std::max(last, arrival);
    }
    const Cycle late = last - (last - first) / 4;
    std::vector<std::pair<std::ptrdiff_t, std::size_t>> keys;
    const auto ahead = static_cast<std::ptrdiff_t>(order.size() / 3 + 1);
    for (std::size_t i = 0; i < order.size(); ++i)
      keys.emplace_back(static_cast<std::ptrdiff_t>(i) - (arrivals[order[i]] >= late ? ahead : 0), order[i]);
    std::stable_sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    Order next;
    for (const auto& [key, stream] : keys) next.push_back(stream);
    attempt(std::move(next));
  }
  return best;
}

}  // namespace northpole::schedule
