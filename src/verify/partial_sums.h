// The partial-sum buffers and the network between neighbours that hands sums on. Within a cycle the uses come in the
// order vector, pass, multiply; the walk calls them so.
#pragma once

#include <cstdint>

#include "chip/chip_description.h"
#include "verify/actor.h"
#include "verify/reporter.h"
#include "verify/verify.h"
#include "verify/zeroed_array.h"

namespace northpole::verify {

class PartialSums {
 public:
  PartialSums(const chip::ChipDescription& chip, Reporter& reporter, Counts& counts);

  // The vector unit takes the sum (any index, wraps) and releases it.
  void take(std::uint64_t cycle, const Actor& actor, std::uint32_t index) {
    Sum& sum = at(actor.place, index);
    check_readable(cycle, actor, sum, index);
    sum.used = false;
  }
  void multiply(std::uint64_t cycle, const Actor& actor, std::uint32_t index, bool initialize) {
    Sum& sum = at(actor.place, index);
    if (sum.passed == cycle + 1) {
      report_use(FaultKind::overwritten, cycle, actor, sum, index, "pass writes the sum in the same cycle");
    } else if (initialize && sum.used) {
      report_use(FaultKind::overwritten, cycle, actor, sum, index, "a sum is started where another is still in use");
    } else if (!initialize && !sum.used) {
      report_use(FaultKind::unwritten, cycle, actor, sum, index, "adding to an empty partial sum");
    }
    if (initialize) {
      ++counts_.partial_sums;
      sum.owner = actor.instruction;
    }
    sum.used = true;
    sum.ready = cycle + latency_;
  }
  void pass(std::uint64_t cycle, const Actor& actor, std::uint32_t index, const isa::PassMode& mode);

  // Reports vectors that nobody took and makes room.
  void finish_cycle(std::uint64_t cycle);
  std::uint64_t in_flight() const { return in_flight_; }
  void report_left_behind(std::uint64_t end_cycle);

 private:
  struct Sum {
    std::uint64_t ready;   // first cycle in which other threads than the VMM may use it
    std::uint64_t passed;  // the cycle after the last `pass` that wrote it
    InstructionNumber owner;
    bool used;
  };
  struct Link {
    std::uint64_t free;  // first cycle in which the link is free again
    InstructionNumber user;
  };
  static constexpr std::uint64_t slots = 128;  // above the longest link time and one

  Sum& at(std::uint32_t core, std::uint32_t index) { return sums_[std::size_t{core} * count_ + index % count_]; }
  void check_readable(std::uint64_t cycle, const Actor& actor, const Sum& sum, std::uint32_t index) {
    if (!sum.used) {
      report_use(FaultKind::unwritten, cycle, actor, sum, index, "an empty partial sum");
    } else if (cycle < sum.ready) {
      report_use(FaultKind::in_flight, cycle, actor, sum, index, "a multiply into it is still on its way");
    }
  }
  bool neighbour(std::uint32_t core, isa::Direction direction, std::uint32_t& result) const;
  void pass_in(std::uint64_t cycle, const Actor& actor, isa::Direction direction);
  void pass_out(std::uint64_t cycle, const Actor& actor, isa::Direction direction);
  [[gnu::cold, gnu::noinline]] void report_use(FaultKind kind, std::uint64_t cycle, const Actor& actor, const Sum& sum,
                                               std::uint32_t index, const char* message);

  const chip::ChipDescription chip_;
  Reporter& reporter_;
  Counts& counts_;
  std::uint32_t count_, latency_;
  ZeroedArray<Sum> sums_;
  ZeroedArray<Link> links_;                  // by core and outgoing direction
  ZeroedArray<InstructionNumber> arrivals_;  // by slot, core and direction from which it comes: the sender
  ZeroedArray<std::uint32_t> waiting_;       // by slot
  std::uint64_t in_flight_ = 0;
};

}  // namespace northpole::verify
