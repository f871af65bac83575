// Accesses of memory that an event causes in a later cycle: a second operand, an output, a copy's target.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "verify/memories.h"

namespace northpole::verify {

class LaterAccesses {
 public:
  explicit LaterAccesses(std::uint32_t longest_wait) : lists_(std::bit_ceil(std::size_t{longest_wait} + 1)) {}

  void read(std::uint64_t cycle, const Actor& actor, std::uint32_t address, std::uint16_t tensor) {
    add(cycle, {actor, address, tensor, false, {}});
  }
  void write(std::uint64_t cycle, const Actor& actor, std::uint32_t address, std::uint16_t tensor,
             PartOfWord part = {}) {
    add(cycle, {actor, address, tensor, true, part});
  }

  void run(std::uint64_t cycle, Memories& memories) {
    auto& list = lists_[cycle & (lists_.size() - 1)];
    for (const Access& access : list) {
      if (access.writes && !access.part.whole()) {
        memories.write_part(cycle, access.actor, access.address, access.tensor, access.part);
      } else if (access.writes) {
        memories.write(cycle, access.actor, access.address, access.tensor);
      } else {
        memories.read(cycle, access.actor, access.address, access.tensor);
      }
    }
    in_flight_ -= list.size();
    list.clear();
  }
  std::uint64_t in_flight() const { return in_flight_; }
  void report_left_behind(std::uint64_t end_cycle, Reporter& reporter) const {
    for (const auto& list : lists_) {
      for (const Access& access : list) {
        reporter.report_state(FaultKind::left_behind, end_cycle, false, access.actor.place, "memory",
                              access.writes ? "an output is not yet written at the end of the run"
                                            : "a second operand is not yet read at the end of the run",
                              access.actor.instruction);
      }
    }
  }

 private:
  struct Access {
    Actor actor;
    std::uint32_t address;
    std::uint16_t tensor;
    bool writes;
    PartOfWord part;  // of a write
  };
  void add(std::uint64_t cycle, const Access& access) {
    lists_[cycle & (lists_.size() - 1)].push_back(access);
    ++in_flight_;
  }
  std::vector<std::vector<Access>> lists_;  // by cycle, around
  std::uint64_t in_flight_ = 0;
};

}  // namespace northpole::verify
