// Delays, intervals, trips; instructions out of order, missing, or there once too often.
#include <algorithm>

#include "support/planted_faults.h"
#include "support/program_builder.h"

namespace northpole::tests {

using isa::Instruction;
using isa::Opcode;

namespace {

bool closes(const FaultSite& site) {
  return site.instruction.opcode == Opcode::end || site.instruction.opcode == Opcode::switch_program;
}
bool fixed_delay(const Instruction& instruction) { return (instruction.parameter_mask & isa::parameter_delay) == 0; }
bool has_loop(const FaultSite& site) { return !site.instruction.loops.empty(); }

FaultKind later_by(std::string name, std::int64_t cycles, bool closing) {
  return changed_instruction(
      std::move(name),
      [=](const FaultSite& site) {
        return fixed_delay(site.instruction) && closes(site) == closing && site.instruction.delay + cycles >= 0;
      },
      [=](Instruction& instruction, std::mt19937&) {
        instruction.delay = static_cast<std::uint32_t>(instruction.delay + cycles);
        return true;
      });
}

FaultKind trips(std::string name, int more) {
  return changed_instruction(std::move(name), has_loop, [=](Instruction& instruction, std::mt19937& random) {
    auto& loop = instruction.loops[random() % instruction.loops.size()];
    if ((loop.parameter_mask & 1) != 0 || loop.count + more < 1) return false;
    loop.count = static_cast<std::uint16_t>(loop.count + more);
    return true;
  });
}

// Takes an instruction out; those behind it move up, each in its old cycle where its delay is not a parameter.
FaultKind removed(std::string name, std::function<bool(const FaultSite&)> fits) {
  return {std::move(name),
          [=](program::Program& program, const FaultSites& sites, std::mt19937& random) -> std::optional<std::string> {
            const FaultSite* site = sites.any(
                random, [&](const FaultSite& candidate) { return candidate.next_follows && fits(candidate); });
            if (site == nullptr) return std::nullopt;
            auto words = words_of(program, site->holder, site->index);
            const FaultSite* next = sites.after(*site);
            Instruction following = next->instruction;
            if (fixed_delay(following))
              following.delay += static_cast<std::uint32_t>(site->instruction.delay + duration(site->instruction) + 1);
            std::vector<isa::Word> moved;
            isa::append_encoded(following, moved);
            const auto rest = words.begin() + static_cast<std::ptrdiff_t>(next->word + next->words);
            // The list may be followed by others (a boot program); only its own words move.
            auto end = words.end();
            for (const FaultSite* last = next;; last = sites.after(*last))
              if (!last->next_follows) {
                end = words.begin() + static_cast<std::ptrdiff_t>(last->word + last->words);
                break;
              }
            moved.insert(moved.end(), rest, end);
            overwrite(program, site->holder, site->index, site->word, moved);
            return described(program, *site);
          }};
}

}  // namespace

std::vector<FaultKind> faults_of_time() {
  std::vector<FaultKind> kinds;
  kinds.push_back(later_by("delay one cycle shorter", -1, false));
  kinds.push_back(later_by("delay one cycle longer", 1, false));
  kinds.push_back(later_by("switch or end one cycle earlier", -1, true));
  kinds.push_back(later_by("switch or end one cycle later", 1, true));
  kinds.push_back(trips("loop one trip shorter", -1));
  kinds.push_back(trips("loop one trip longer", 1));
  kinds.push_back(changed_instruction("interval changed", has_loop, [](Instruction& instruction, std::mt19937& random) {
    auto& loop = instruction.loops[random() % instruction.loops.size()];
    if ((loop.parameter_mask & 2) != 0) return false;
    loop.interval += random() % 2 == 0 ? 1U : ~0U;
    return true;
  }));
  const auto is = [](std::vector<Opcode> opcodes) {
    return [=](const FaultSite& site) {
      return std::find(opcodes.begin(), opcodes.end(), site.instruction.opcode) != opcodes.end();
    };
  };
  kinds.push_back(removed("send missing", is({Opcode::send, Opcode::send_weights, Opcode::send_program})));
  kinds.push_back(removed("receive missing", is({Opcode::receive, Opcode::receive_weights, Opcode::receive_program})));
  kinds.push_back(removed("computation missing", is({Opcode::multiply, Opcode::vector, Opcode::pass})));
  kinds.push_back(removed("load or copy missing", is({Opcode::constants, Opcode::copy, Opcode::parameters})));
  // A second trip over the same words, right after the first.
  kinds.push_back(changed_instruction(
      "words sent twice",
      [](const FaultSite& site) {
        return site.instruction.loops.size() % 2 == 1 &&
               (site.instruction.opcode == Opcode::send || site.instruction.opcode == Opcode::send_weights ||
                site.instruction.opcode == Opcode::send_program);
      },
      [](Instruction& instruction, std::mt19937&) {
        for (const isa::Loop& loop : instruction.loops)
          if ((loop.parameter_mask & 3) != 0) return false;
        isa::Loop again;
        again.count = 2;
        again.interval = static_cast<std::uint32_t>(duration(instruction) + 1);
        instruction.loops.insert(instruction.loops.begin(), again);
        return true;
      }));
  kinds.push_back(
      {"edge sends twice",
       [](program::Program& program, const FaultSites& sites, std::mt19937& random) -> std::optional<std::string> {
         const FaultSite* site = sites.any(random, [](const FaultSite& candidate) {
           return candidate.holder != Holder::image && candidate.next_follows;
         });
         if (site == nullptr) return std::nullopt;
         auto& words = words_of(program, site->holder, site->index);
         Instruction again = site->instruction;
         again.delay = static_cast<std::uint32_t>(random() % 3);
         std::vector<isa::Word> added;
         isa::append_encoded(again, added);
         words.insert(words.begin() + static_cast<std::ptrdiff_t>(site->word + site->words), added.begin(),
                      added.end());
         return described(program, *site);
       }});
  kinds.push_back(
      {"neighbours in wrong order",
       [](program::Program& program, const FaultSites& sites, std::mt19937& random) -> std::optional<std::string> {
         const FaultSite* site = sites.any(random, [](const FaultSite& candidate) { return candidate.next_follows; });
         if (site == nullptr) return std::nullopt;
         std::vector<isa::Word> words;
         isa::append_encoded(sites.after(*site)->instruction, words);
         isa::append_encoded(site->instruction, words);
         if (sites.after(*site)->instruction == site->instruction) return std::nullopt;
         overwrite(program, site->holder, site->index, site->word, words);
         return described(program, *site);
       }});
  kinds.push_back(changed_instruction("switch and end exchanged", closes, [](Instruction& instruction, std::mt19937&) {
    instruction.opcode = instruction.opcode == Opcode::end ? Opcode::switch_program : Opcode::end;
    return true;
  }));
  kinds.push_back(
      {"run's length changed",
       [](program::Program& program, const FaultSites&, std::mt19937& random) -> std::optional<std::string> {
         const std::uint64_t by = 1 + random() % 20;
         const bool longer = random() % 4 == 0;
         program.cycles = longer ? program.cycles + by : program.cycles - std::min(by, program.cycles);
         return std::string(longer ? "longer" : "shorter");
       }});
  return kinds;
}

}  // namespace northpole::tests
