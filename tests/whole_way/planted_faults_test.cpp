// A hundred and fifty faults planted in correct programs: verifier and simulator agree on each. The long test plants
// more.
#include <gmock/gmock.h>

#include <set>

#include "isa/assembly.h"
#include "support/fault_sites.h"
#include "support/networks_for_faults.h"
#include "support/planted_faults.h"
#include "support/planted_faults_run.h"
#include "support/whole_way.h"

namespace northpole::tests {
namespace {

TEST(PlantedFaults, TheProgramsUseEveryInstruction) {
  std::set<std::string> used;
  for (const RandomNetwork& network : networks_for_faults()) {
    const CompiledNetwork compiled = compile(network.graph, network.chip, {network.frames});
    const FaultSites sites(*compiled.program);  // its sites are read in the loop, so it must outlive the loop's head
    for (const FaultSite& site : sites.instructions())
      used.insert(std::string(isa::name(site.instruction.opcode)));
  }
  EXPECT_THAT(used, testing::UnorderedElementsAre(
                        "multiply", "constants", "vector", "copy", "send", "receive", "pass", "send_weights",
                        "receive_weights", "send_program", "receive_program", "parameters", "switch_program", "end"));
}

TEST(PlantedFaults, VerifierAndSimulatorAgree) {
  const FaultReport report = plant_faults(1, 150);
  const FaultTally total = report.total();
  EXPECT_EQ(total.planted, 150);
  EXPECT_EQ(report.kinds.size(), fault_kinds_to_plant().size()) << "a kind has no place in any of the programs";
  EXPECT_GT(total.rejected, 75);
}

}  // namespace
}  // namespace northpole::tests
