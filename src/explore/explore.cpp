#include "explore/explore.h"

#include <fmt/format.h>

#include <atomic>
#include <map>
#include <utility>

#include "evaluate/parallel.h"
#include "network/error.h"
#include "northpole/compile.h"

namespace northpole::explore {
namespace {

std::string compact_chip(const chip::ChipDescription& chip) {
  return nlohmann::ordered_json::parse(chip::to_json(chip)).dump();
}

// All that an outcome depends on.
std::string key_of(const Candidate& candidate, const Point& point, const Options& options) {
  return fmt::format("network {} batch {} schedules {} version {} chip {}", candidate.digest, point.frames,
                     options.schedules, options.version, compact_chip(point.chip));
}

// Points that one program serves: indices of those that are not known yet.
struct Group {
  std::vector<std::size_t> points;
};

std::vector<Outcome> compiled(const Candidate& candidate, const Point& point, const std::vector<double>& clocks,
                              const Options& options) {
  try {
    CompileOptions compiling;
    compiling.frames = point.frames;
    compiling.schedules = options.schedules;
    compiling.threads = 1;
    return outcomes_of(compile_network(candidate.graph, point.chip, compiling), clocks);
  } catch (const Error& error) {
    Outcome refused;
    refused.problem = error.what();
    return std::vector<Outcome>(clocks.size(), refused);
  }
}

}  // namespace

std::vector<Outcome> explore(const std::vector<Candidate>& candidates, const std::vector<Point>& points,
                             ResultsFile& results, const Options& options) {
  std::vector<Outcome> outcomes(points.size());
  std::vector<Group> groups;
  std::map<std::string, std::size_t> group_of;  // by key without the clock
  std::atomic<std::size_t> done = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point& point = points[i];
    const Candidate& candidate = candidates[point.network];
    if (const auto known = results.find(key_of(candidate, point, options))) {
      outcomes[i] = *known;
      ++done;
      continue;
    }
    Point any_clock = point;
    any_clock.chip.clock_megahertz = 1;
    const auto [group, is_new] = group_of.emplace(key_of(candidate, any_clock, options), groups.size());
    if (is_new) groups.emplace_back();
    groups[group->second].points.push_back(i);
  }
  if (options.progress) options.progress(done, points.size());
  evaluate::for_each_index(
      static_cast<std::int64_t>(groups.size()), options.threads, [] { return 0; },
      [&](int, std::int64_t number) {
        const Group& group = groups[static_cast<std::size_t>(number)];
        const Point& first = points[group.points.front()];
        const Candidate& candidate = candidates[first.network];
        std::vector<double> clocks;
        for (const std::size_t i : group.points) clocks.push_back(points[i].chip.clock_megahertz);
        const std::vector<Outcome> found = compiled(candidate, first, clocks, options);
        for (std::size_t k = 0; k < group.points.size(); ++k) {
          const std::size_t i = group.points[k];
          outcomes[i] = found[k];
          results.add(key_of(candidate, points[i], options), found[k]);
        }
        done += group.points.size();
        if (options.progress) options.progress(done, points.size());
      });
  return outcomes;
}

}  // namespace northpole::explore
