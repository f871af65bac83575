// A thousand single faults, or as many as NORTHPOLE_PLANTED_FAULTS says, planted in correct programs. Prints the table
// of docs/verification.md.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "support/planted_faults_run.h"

namespace northpole::tests {
namespace {

std::uint64_t number(const char* variable, std::uint64_t otherwise) {
  const char* value = std::getenv(variable);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

void print(const FaultReport& report) {
  std::cout << table(report) << "\nboth reject: for different kinds in one cycle " << report.total().other_kind
            << ", in different cycles " << report.total().other_cycle << "\nviolations found:";
  for (const auto& [name, times] : report.verdicts) std::cout << " " << name << " " << times << ";";
  std::cout << "\n";
}

TEST(PlantedFaults, VerifierAndSimulatorAgree) {
  const auto count = static_cast<int>(number("NORTHPOLE_PLANTED_FAULTS", 1000));
  const FaultReport report = plant_faults(number("NORTHPOLE_PLANTED_SEED", 2), count);
  print(report);
  EXPECT_EQ(report.total().planted, count);
}

TEST(PlantedFaults, VerifierAndSimulatorAgreeOnRandomNetworks) {
  const auto count = static_cast<int>(number("NORTHPOLE_PLANTED_FAULTS", 1000)) / 2;
  const FaultReport report = plant_faults(number("NORTHPOLE_PLANTED_SEED", 2), count, 12);
  print(report);
  EXPECT_EQ(report.total().planted, count);
}

}  // namespace
}  // namespace northpole::tests
