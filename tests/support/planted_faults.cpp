#include "support/planted_faults.h"

#include <fmt/format.h>

#include "isa/assembly.h"

namespace northpole::tests {

const std::vector<FaultKind>& fault_kinds_to_plant() {
  static const std::vector<FaultKind> all = [] {
    std::vector<FaultKind> kinds = faults_of_time();
    for (auto* part : {faults_of_operands, faults_of_contents})
      for (FaultKind& kind : part()) kinds.push_back(std::move(kind));
    return kinds;
  }();
  return all;
}

std::string described(const program::Program& program, const FaultSite& site) {
  const char* holder = site.holder == Holder::image       ? "image section"
                       : site.holder == Holder::edge_send ? "edge send of row"
                                                          : "edge receive of row";
  return fmt::format(
      "{} at word {} of {} {}{}", isa::name(site.instruction.opcode), site.word, holder, site.index,
      site.holder == Holder::image ? fmt::format(" (core {})", program.image[site.index].core) : std::string());
}

FaultKind changed_instruction(std::string name, std::function<bool(const FaultSite&)> fits, Change change) {
  return {std::move(name),
          [=](program::Program& program, const FaultSites& sites, std::mt19937& random) -> std::optional<std::string> {
            const FaultSite* site = sites.any(random, fits);
            if (site == nullptr) return std::nullopt;
            isa::Instruction instruction = site->instruction;
            if (!change(instruction, random) || instruction == site->instruction ||
                isa::encoded_words(instruction) != site->words)
              return std::nullopt;
            overwrite(program, *site, instruction);
            return described(program, *site);
          }};
}

}  // namespace northpole::tests
