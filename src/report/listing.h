// What `inspect` shows, before it becomes text or JSON.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "report/inspect.h"

namespace northpole::report {

// One program of a segment: of one core, or of all cores that share it.
struct Listing {
  std::size_t segment = 0;
  std::string layer;
  std::uint64_t first_cycle = 0, last_cycle = 0;
  std::vector<std::uint32_t> cores;
  std::size_t words = 0;
  std::vector<std::uint32_t> parameters;                      // of one core only
  std::vector<std::pair<std::string, std::string>> sections;  // thread, assembly
};

struct Listings {
  std::vector<Listing> programs;
  std::string problem;  // as ProgramSequence::problem
};

// Programs by segment, and within one in the order of their first cores. Without a core in the options, programs that
// cores share appear once.
Listings listings(const program::Program& program, const InspectOptions& options);

// The two streams of an edge unit.
Listing edge_listing(const program::Program& program, std::uint32_t row);

}  // namespace northpole::report
