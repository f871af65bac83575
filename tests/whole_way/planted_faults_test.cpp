// A hundred and fifty faults planted in correct programs: verifier and simulator agree on each. The long test plants
// more.
#include <gtest/gtest.h>

#include "support/planted_faults_run.h"

namespace northpole::tests {
namespace {

TEST(PlantedFaults, VerifierAndSimulatorAgree) {
  const FaultReport report = plant_faults(1, 150);
  const FaultTally total = report.total();
  EXPECT_EQ(total.planted, 150);
  EXPECT_GE(report.kinds.size(), 12U);
  EXPECT_GT(total.rejected, 75);
}

}  // namespace
}  // namespace northpole::tests
