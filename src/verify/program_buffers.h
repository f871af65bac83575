// The two halves of every core's program buffer and parameter registers, and which threads are in them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "program/program.h"
#include "verify/actor.h"
#include "verify/reporter.h"
#include "verify/verify.h"

namespace northpole::verify {

struct Problem {
  FaultKind kind;
  std::string resource;
  std::string message;
};

class ProgramBuffers {
 public:
  // Half 0 holds what configure puts there, all threads are in it.
  ProgramBuffers(const program::Program& program, Reporter& reporter, Counts& counts);

  // The section of the thread in the half, decoded, as far as it is there now; or what is wrong with it.
  std::shared_ptr<const Section> section(std::uint32_t core, unsigned half, isa::Thread thread, Problem& problem);
  // The instructions of an edge unit's thread.
  std::shared_ptr<const Section> edge_section(const std::vector<isa::Word>& words, isa::Thread thread,
                                              Problem& problem);

  // `half` is the one that the writing thread is not in; the index is in range (parameters: group < parameters / 8).
  void write_word(std::uint64_t cycle, const Actor& actor, unsigned half, std::uint32_t index, const isa::Word& word);
  void write_parameters(std::uint64_t cycle, const Actor& actor, unsigned half, std::uint32_t group,
                        const isa::Word& word);
  // nullptr: not loaded. The register is in range.
  const std::uint32_t* parameter(std::uint32_t core, unsigned half, std::uint32_t index) const {
    const Half& own = cores_[core][half];
    const std::uint32_t group = index / group_size;
    return group < own.loaded.size() && own.loaded[group] ? &own.parameters[index] : nullptr;
  }

  // At the end of a cycle.
  void leave(std::uint32_t core, unsigned half) { --cores_[core][half].threads; }
  void enter(std::uint32_t core, unsigned half) { ++cores_[core][half].threads; }
  void empty_if_left(std::uint32_t core, unsigned half);

  void report_left_behind(std::uint64_t end_cycle) const;

  static constexpr std::uint32_t group_size = 8;  // parameters of a memory word

 private:
  struct Half {
    std::vector<isa::Word> words;  // up to the highest written
    std::vector<bool> present;
    std::vector<std::uint32_t> parameters;
    std::vector<bool> loaded;  // by group
    std::uint32_t threads = 0;
  };

  std::shared_ptr<const Section> decoded(const isa::Word* words, std::size_t count, isa::Thread thread,
                                         std::size_t first_index, bool edge, Problem& problem);
  void check_left(std::uint64_t cycle, const Actor& actor, const Half& half, const char* what);

  const program::Program& program_;
  Reporter& reporter_;
  Counts& counts_;
  std::vector<std::array<Half, 2>> cores_;
  // Sections by content: cores mostly run the same. Forgotten when there are very many.
  std::unordered_map<std::string, std::shared_ptr<const Section>> known_;
};

}  // namespace northpole::verify
