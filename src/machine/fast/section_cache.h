// Sections of programs, decoded once however many cores received the same words.
#pragma once

#include <memory>
#include <unordered_map>

#include "machine/step/program_half.h"
#include "machine/step/section.h"

namespace northpole::machine::fast {

class SectionCache {
 public:
  // As step::read_section, for a program that is verified; throws northpole::Error for a section that cannot run.
  std::shared_ptr<const step::Section> read(const step::ProgramHalf& half, isa::Thread thread);

 private:
  struct Entry {
    std::vector<isa::Word> words;  // up to its `end` or `switch_program`
    std::shared_ptr<const step::Section> section;
  };
  std::unordered_multimap<std::uint64_t, Entry> entries_;  // by thread and first words
};

}  // namespace northpole::machine::fast
