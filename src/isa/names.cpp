// Opcodes and threads: their names and who runs what.
#include "isa/instruction.h"

namespace northpole::isa {

std::optional<Thread> thread_of(Opcode opcode) {
  switch (opcode) {
    case Opcode::end:
    case Opcode::switch_program:
    case Opcode::loop:
      return std::nullopt;
    case Opcode::multiply:
      return Thread::vmm;
    case Opcode::vector:
    case Opcode::constants:
      return Thread::vector;
    case Opcode::send_weights:
    case Opcode::send_program:
    case Opcode::copy:
    case Opcode::parameters:
      return Thread::memory;
    case Opcode::send:
      return Thread::send;
    case Opcode::receive:
      return Thread::receive;
    case Opcode::pass:
      return Thread::partial_sums;
    case Opcode::receive_weights:
      return Thread::weights;
    case Opcode::receive_program:
      return Thread::programs;
  }
  return std::nullopt;
}

const char* name(Opcode opcode) {
  switch (opcode) {
    case Opcode::end:
      return "end";
    case Opcode::switch_program:
      return "switch_program";
    case Opcode::loop:
      return "loop";
    case Opcode::multiply:
      return "multiply";
    case Opcode::vector:
      return "vector";
    case Opcode::constants:
      return "constants";
    case Opcode::send_weights:
      return "send_weights";
    case Opcode::send_program:
      return "send_program";
    case Opcode::copy:
      return "copy";
    case Opcode::parameters:
      return "parameters";
    case Opcode::send:
      return "send";
    case Opcode::receive:
      return "receive";
    case Opcode::pass:
      return "pass";
    case Opcode::receive_weights:
      return "receive_weights";
    case Opcode::receive_program:
      return "receive_program";
  }
  return nullptr;  // not an opcode
}

const char* name(Thread thread) {
  switch (thread) {
    case Thread::vmm:
      return "vmm";
    case Thread::vector:
      return "vector";
    case Thread::memory:
      return "memory";
    case Thread::send:
      return "send";
    case Thread::receive:
      return "receive";
    case Thread::partial_sums:
      return "partial_sums";
    case Thread::weights:
      return "weights";
    case Thread::programs:
      return "programs";
  }
  return nullptr;
}

}  // namespace northpole::isa
