// What all events of one resolved instruction do, by its loops' trips alone.
#pragma once

#include <cstdint>

#include "energy/event.h"
#include "isa/instruction.h"
#include "isa/vector_function.h"

namespace northpole::energy {

// How often operand `operand` takes a new value, its first one included: the trips of the innermost loop that changes
// it and of all around that.
std::uint64_t changes(const isa::Instruction& instruction, isa::Operand operand);

// Adds what the instruction's `events` events do in their own core, but for the issues and for vector instructions.
// Network traffic is not in it, nor what other cores do with words sent to them.
//   multiply  Weights stay in the unit's operand registers and sums in its accumulators while events with the same
//             block, or sum, follow each other in an instruction: buffers are read and written when it changes.
void count_operation(const isa::Instruction& instruction, std::uint64_t events, Counts& counts);
void count_vector(const isa::Instruction& instruction, const isa::VectorFunction& function, std::uint64_t events,
                  Counts& counts);

}  // namespace northpole::energy
