// The proof that a program is sound: walks every event of every thread in the order of cycles and checks each rule of
// "What is a fault" in docs/instruction-set.md, with its own code and without computing a single activation.
// Control never depends on activations: what instructions, parameters and vector functions say comes from the
// memory image, so the image is all that the walk needs to look into.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "program/program.h"
#include "verify/fault.h"

namespace northpole::verify {

// How much was checked.
struct Counts {
  std::uint64_t events = 0;
  std::uint64_t instructions = 0;    // starts of an instruction on a thread
  std::uint64_t programs = 0;        // sections entered, the boot programs' included
  std::uint64_t bank_accesses = 0;   // of cores' memories
  std::uint64_t frame_accesses = 0;  // of the frame buffer, by edge units
  std::uint64_t link_words = 0;      // a word on a link for a cycle, all networks but the partial sums'
  std::uint64_t deliveries = 0;      // words delivered to cores and edge units
  std::uint64_t multiplies = 0;
  std::uint64_t vectors = 0;
  std::uint64_t passes = 0;
  std::uint64_t partial_sums = 0;   // sums started
  std::uint64_t weight_words = 0;   // weight words written
  std::uint64_t program_words = 0;  // words written into program buffers
  std::uint64_t parameters = 0;     // parameters loaded

  // Every count but the first with its name for reports, in this order.
  std::vector<std::pair<std::string, std::uint64_t>> named() const;
};

struct Options {
  // Called about a hundred times, with the cycles walked and the cycles there are.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress;
  // Called after each cycle that was walked without a fault, with the number of cycles that are sound so far: nothing that
  // happens in them is a fault. First with 0, once the program as a whole (sizes, memory image, boot programs) is.
  std::function<void(std::uint64_t cycles)> sound_until;
};

struct Result {
  bool ok = false;
  std::uint64_t events = 0;
  Counts counts;
  std::optional<Fault> fault;  // set when not ok
};

// Never throws for a bad program, however bad: that is a fault in the result.
Result verify(const program::Program& program, const Options& options = {});

}  // namespace northpole::verify
