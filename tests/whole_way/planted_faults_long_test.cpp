// A thousand single faults, or as many as NORTHPOLE_PLANTED_FAULTS says, planted in correct programs. Prints the table
// of docs/verification.md.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "support/planted_faults_run.h"

namespace northpole::tests {
namespace {

TEST(PlantedFaults, VerifierAndSimulatorAgree) {
  const char* wanted = std::getenv("NORTHPOLE_PLANTED_FAULTS");
  const char* seed = std::getenv("NORTHPOLE_PLANTED_SEED");
  const int count = wanted == nullptr ? 1000 : std::atoi(wanted);
  const FaultReport report = plant_faults(seed == nullptr ? 2 : std::strtoull(seed, nullptr, 10), count);
  std::cout << table(report) << "\nboth reject, for another kind or in another cycle: " << report.total().other_verdict
            << "\nviolations found:";
  for (const auto& [name, times] : report.verdicts) std::cout << " " << name << " " << times << ";";
  std::cout << "\n";
  EXPECT_EQ(report.total().planted, count);
}

}  // namespace
}  // namespace northpole::tests
