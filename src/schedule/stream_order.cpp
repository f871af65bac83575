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
Outcome outcome_of(const std::vector<StreamNeeds>& streams, const Order& order, std::vector<Cycle>& arrivals) {
  std::vector<Cycle> starts(streams.size(), 0);
  Outcome outcome;
  for (const std::size_t s : order) {
    starts[s] = earliest(streams[s].needs, streams[s].floor);
    take(streams[s].needs, starts[s]);
    arrivals[s] = starts[s] + streams[s].tail;
    outcome.last = std::max(outcome.last, arrivals[s]);
    outcome.sum += arrivals[s];
  }
  for (const std::size_t s : order) give_back(streams[s].needs, starts[s]);
  return outcome;
}

}  // namespace

std::vector<std::size_t> order_of_streams(const std::vector<StreamNeeds>& streams, std::size_t trials) {
  Order order(streams.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (streams.size() < 2 || trials < 2) return order;
  std::vector<Cycle> arrivals(streams.size());
  Order best = order;
  Outcome least = outcome_of(streams, order, arrivals);
  // Nothing arrives sooner than where each stream goes alone.
  Cycle bound = 0;
  for (const StreamNeeds& stream : streams) bound = std::max(bound, earliest(stream.needs, stream.floor) + stream.tail);
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
    return streams[a].floor + streams[a].tail > streams[b].floor + streams[b].tail;
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
