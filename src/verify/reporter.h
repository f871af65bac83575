// Collects faults and keeps the first: lowest cycle, then cores before edge units, lowest place, lowest thread.
// The walk goes on to the end of the cycle in which it found one, so that the choice does not depend on its order.
#pragma once

#include <optional>
#include <string>

#include "program/program.h"
#include "verify/actor.h"
#include "verify/fault.h"

namespace northpole::verify {

class Reporter {
 public:
  explicit Reporter(const program::Program& program) : program_(program) {}

  InstructionLog& log() { return log_; }
  bool faulted() const { return fault_.has_value(); }
  void forget() { fault_.reset(); }
  const std::optional<Fault>& fault() const { return fault_; }

  // Found at `actor`; `first` is the instruction that it collides with.
  void report(FaultKind kind, std::uint64_t cycle, const Actor& actor, std::string resource, std::string message,
              InstructionNumber first = no_instruction);
  // Of no thread's doing.
  void report_state(FaultKind kind, std::uint64_t cycle, bool edge, std::uint32_t place, std::string resource,
                    std::string message, InstructionNumber first = no_instruction);
  // "tensor 7 (conv1 of layer x)"
  std::string tensor_name(std::uint16_t tag) const;

 private:
  void keep(Fault fault, InstructionNumber second, InstructionNumber first);
  void name_instruction(InstructionNumber number, std::string& text, std::string& layer) const;

  const program::Program& program_;
  InstructionLog log_;
  std::optional<Fault> fault_;
};

}  // namespace northpole::verify
