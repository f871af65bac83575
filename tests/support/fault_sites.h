// Where a compiled program can be spoilt: its instructions, decoded, in the memory image (sections of threads, boot
// programs) and in the edge units, and its parameters.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "isa/instruction.h"
#include "program/program.h"

namespace northpole::tests {

enum class Holder : std::uint8_t { image, edge_send, edge_receive };

// One instruction of a list of instructions that ends with `end` or `switch_program`.
struct FaultSite {
  Holder holder = Holder::image;
  std::size_t index = 0;  // image section, or row
  std::size_t word = 0;   // its first word there
  std::size_t words = 1;
  isa::Thread thread = isa::Thread::send;
  bool next_follows = false;  // another instruction of the list comes right after it
  isa::Instruction instruction;
};

// Words of the image that are a directory.
struct DirectorySite {
  std::size_t section = 0, word = 0;
};

class FaultSites {
 public:
  explicit FaultSites(const program::Program& program);

  const std::vector<FaultSite>& instructions() const { return instructions_; }
  const std::vector<DirectorySite>& directories() const { return directories_; }
  // Image sections with the tag of that name; or, with `prefix`, whose tag's name begins so.
  std::vector<std::size_t> sections(const std::string& name, bool prefix = false) const;

  // A random instruction that fits; nothing when there is none.
  const FaultSite* any(std::mt19937& random, const std::function<bool(const FaultSite&)>& fits) const;
  // The instruction behind it in its list.
  const FaultSite* after(const FaultSite& site) const;

 private:
  // One list of instructions; gives the word behind it.
  std::size_t add_list(const std::vector<isa::Word>& words, std::size_t first, std::optional<isa::Thread> thread,
                       Holder holder, std::size_t index);

  const program::Program& program_;
  std::vector<FaultSite> instructions_;
  std::vector<DirectorySite> directories_;
};

// Writes words over those of a program that lie in that place; a boot program is changed both where configure() takes
// it from and in the image, which brings it back at the end of a run.
void overwrite(program::Program& program, Holder holder, std::size_t index, std::size_t word,
               const std::vector<isa::Word>& words);
// The instruction in the place of the site's; it must take as many words.
void overwrite(program::Program& program, const FaultSite& site, const isa::Instruction& instruction);
std::vector<isa::Word>& words_of(program::Program& program, Holder holder, std::size_t index);

}  // namespace northpole::tests
