// Who does something: a thread of a core or of an edge unit, with the instruction that it is at. Instructions are
// numbered as they start, so that whatever stays behind (a written word, a word on a link) can name its maker.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "isa/instruction.h"

namespace northpole::verify {

using InstructionNumber = std::uint32_t;
inline constexpr InstructionNumber no_instruction = 0;

struct Actor {
  std::uint32_t place = 0;  // core, or row of an edge unit
  isa::Thread thread = isa::Thread::vmm;
  bool edge = false;
  InstructionNumber instruction = no_instruction;
};

// A thread's part of one program, decoded; shared by the cores that received the same words.
struct Section {
  std::vector<isa::Word> words;
  std::vector<isa::Instruction> instructions;
};

// The instructions that started last, enough of them to name both sides of a fault.
class InstructionLog {
 public:
  struct Entry {
    std::shared_ptr<const Section> section;
    std::uint32_t index = 0;    // within the section
    std::uint32_t segment = 0;  // how many programs the thread had run before
    InstructionNumber number = no_instruction;
    std::uint32_t place = 0;
    isa::Thread thread = isa::Thread::vmm;
    bool edge = false;
  };

  InstructionNumber add(const Actor& actor, const std::shared_ptr<const Section>& section, std::uint32_t index,
                        std::uint32_t segment) {
    if (++last_ == no_instruction) ++last_;
    const std::size_t slot = last_ % capacity;
    if (slot >= entries_.size()) entries_.resize(std::min<std::size_t>(capacity, slot * 2 + 1024));
    entries_[slot] = {section, index, segment, last_, actor.place, actor.thread, actor.edge};
    return last_;
  }
  // Nothing for none, and for one that is too long ago.
  const Entry* find(InstructionNumber number) const {
    const std::size_t slot = number % capacity;
    return number != no_instruction && slot < entries_.size() && entries_[slot].number == number ? &entries_[slot]
                                                                                                 : nullptr;
  }

 private:
  static constexpr std::size_t capacity = std::size_t{1} << 20;
  std::vector<Entry> entries_;
  InstructionNumber last_ = no_instruction;
};

}  // namespace northpole::verify
