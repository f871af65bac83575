// Many chips for one network: compiles the network for each, several at a time, and keeps what comes out.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "explore/outcome.h"
#include "explore/results_file.h"
#include "explore/sweep.h"
#include "network/graph.h"

namespace northpole::explore {

struct Candidate {     // a network, perhaps the same one at other bits
  std::string name;    // of its file
  std::string digest;  // of its file's bytes: results are kept for these
  network::Graph graph;
};

struct Options {
  std::uint32_t schedules = 4;  // that are tried for each chip; more are slower and give somewhat shorter schedules
  int threads = 1;              // chips at a time; changes nothing in the results
  // Told whenever chips are done, and at first what was known already. May be called from several threads.
  std::function<void(std::size_t done, std::size_t all)> progress;
  std::string version;  // of the tool; results of others do not count
};

// An outcome for each point, in their order. Points that differ in their clock only are compiled once. What does not
// fit is an outcome, too.
std::vector<Outcome> explore(const std::vector<Candidate>& candidates, const std::vector<Point>& points,
                             ResultsFile& results, const Options& options);

}  // namespace northpole::explore
