// Single faults in correct programs: what a careless compiler might have written, by kind.
#pragma once

#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "support/fault_sites.h"

namespace northpole::tests {

struct FaultKind {
  std::string name;
  // Spoils the copy of the program whose sites are given; says what it did, or nothing when the program has no place
  // for it.
  std::function<std::optional<std::string>(program::Program& program, const FaultSites& sites, std::mt19937& random)>
      plant;
};

const std::vector<FaultKind>& fault_kinds_to_plant();

// Its parts, a file each.
std::vector<FaultKind> faults_of_time();      // delays, intervals, trips, order, missing and extra instructions
std::vector<FaultKind> faults_of_operands();  // addresses, tags, masks, modes
std::vector<FaultKind> faults_of_contents();  // parameters, directories, image, boot programs, frames

// A kind that changes one instruction where `fits`; `change` returns false when nothing came of it.
using Change = std::function<bool(isa::Instruction& instruction, std::mt19937& random)>;
FaultKind changed_instruction(std::string name, std::function<bool(const FaultSite&)> fits, Change change);
// "send at word 7 of section 12: ..."
std::string described(const program::Program& program, const FaultSite& site);

}  // namespace northpole::tests
