// The vector units: constant registers, the function of the instruction that runs, and what each of its events reads,
// takes and writes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "isa/vector_function.h"
#include "verify/later_accesses.h"
#include "verify/memories.h"
#include "verify/partial_sums.h"
#include "verify/thread.h"
#include "verify/zeroed_array.h"

namespace northpole::verify {

class VectorUnits {
 public:
  VectorUnits(const chip::ChipDescription& chip, Memories& memories, PartialSums& sums, LaterAccesses& later,
              Reporter& reporter, Counts& counts);

  void constants(std::uint64_t cycle, const Thread& thread);
  void vector(std::uint64_t cycle, const Thread& thread);

 private:
  struct Register {
    bool loaded;
    const isa::Word* content;  // in the image; nullptr when the word was written at run time
  };
  // What the instruction that runs on a core does, known from its first event on.
  struct Plan {
    InstructionNumber instruction = no_instruction;
    isa::VectorFunction function;
    isa::VectorMode mode;
    PartOfWord output;
  };

  Register& at(std::uint32_t core, std::uint32_t index) {
    return registers_[std::size_t{core} * chip_.constant_words + index];
  }
  // All registers first .. first + count - 1 are there and loaded; else a report and false.
  bool check_registers(std::uint64_t cycle, const Actor& actor, std::uint32_t first, std::uint32_t count);
  bool make_plan(std::uint64_t cycle, const Thread& thread, Plan& plan);
  bool in_memory(std::uint64_t cycle, const Actor& actor, std::uint32_t address, const char* operand);

  const chip::ChipDescription chip_;
  Memories& memories_;
  PartialSums& sums_;
  LaterAccesses& later_;
  Reporter& reporter_;
  Counts& counts_;
  ZeroedArray<Register> registers_;
  std::vector<Plan> plans_;  // by core
};

}  // namespace northpole::verify
