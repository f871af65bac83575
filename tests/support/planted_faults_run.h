// Faults planted into compiled networks, and what verifier and simulator say to each.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace northpole::tests {

struct FaultTally {
  int planted = 0;
  int rejected = 0;     // by both
  int harmless = 0;     // accepted by both, nothing differs from the reference in two runs
  int different = 0;    // accepted by both, the comparison with the reference sees it
  int other_kind = 0;   // both reject in one cycle, for faults of different kinds
  int other_cycle = 0;  // both reject, in different cycles
};

struct FaultReport {
  std::map<std::string, FaultTally> kinds;  // by kind of planted fault
  std::map<std::string, int> verdicts;      // by kind of violation found
  FaultTally total() const;
};

// Plants `count` faults, the kinds in turn, in the networks of networks_for_faults(), or in that many random ones.
// Fails the running test wherever verifier and simulator disagree on whether the program is sound.
FaultReport plant_faults(std::uint64_t seed, int count, int random_networks = 0);

// The table of docs/verification.md.
std::string table(const FaultReport& report);

}  // namespace northpole::tests
