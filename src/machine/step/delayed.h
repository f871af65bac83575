// What events cause in later cycles inside a core: outputs of the vector unit and copies to be written, second operands
// to be read, weight words to be taken, partial sums to arrive. A ring of cycles for each.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "chip/chip_description.h"
#include "isa/vector_function.h"
#include "machine/step/storage.h"
#include "machine/step/watch.h"

namespace northpole::machine::step {

struct DelayedWrite {
  std::uint32_t core;
  std::uint16_t address;
  std::uint16_t tag;
  isa::Word word;
  Quarters quarters = all_quarters;  // those that it writes
  bool further = false;              // they join what the word holds already; else the word is new
  Actor actor;
};

struct SecondRead {
  std::uint32_t core;
  std::uint16_t address, tag;  // of the second operand
  std::uint16_t output_address, output_tag;
  isa::VectorFunction function;
  isa::VectorParts parts;
  std::array<std::int32_t, chip::lanes> x;
  Actor actor;
};

struct WeightTake {
  std::uint32_t core;
  std::uint32_t weight_word;
  std::uint32_t lane;
  Actor actor;
};

template <typename Work>
class CycleRing {
 public:
  explicit CycleRing(std::uint64_t longest_delay) : slots_(std::bit_ceil(longest_delay + 1)) {}
  std::vector<Work>& at(std::uint64_t cycle) { return slots_[cycle & (slots_.size() - 1)]; }
  void clear() {
    for (auto& slot : slots_) slot.clear();
  }
  // Any work that is left.
  const Work* any() const {
    for (const auto& slot : slots_) {
      if (!slot.empty()) return &slot.front();
    }
    return nullptr;
  }

 private:
  std::vector<std::vector<Work>> slots_;
};

// Vectors of partial sums on their way to a neighbour.
class ArrivingSums {
 public:
  struct Arrival {
    std::uint32_t core;
    std::uint32_t from;  // compass direction in which the sender lies
    SumVector sum;
    Actor sender;
  };

  ArrivingSums(std::uint32_t cores, std::uint32_t longest_delay)
      : ring_(std::bit_ceil(longest_delay + 1)),
        links_(cores * 4),
        arrivals_(ring_),
        number_(std::size_t{ring_} * links_) {}

  void send(std::uint64_t cycle, Arrival arrival) {
    auto& arrivals = arrivals_[cycle % ring_];
    number_[(cycle % ring_) * links_ + arrival.core * 4 + arrival.from] =
        static_cast<std::uint32_t>(arrivals.size() + 1);
    arrivals.push_back(std::move(arrival));
  }
  // The vector that comes from this direction in this cycle, and is then taken; or null.
  const SumVector* take(std::uint64_t cycle, std::uint32_t core, std::uint32_t from) {
    std::uint32_t& number = number_[(cycle % ring_) * links_ + core * 4 + from];
    if (number == 0) return nullptr;
    const SumVector* sum = &arrivals_[cycle % ring_][number - 1].sum;
    number = 0;
    return sum;
  }
  // A vector that nobody took in this cycle, or null; afterwards the cycle is over.
  const Arrival* finish(std::uint64_t cycle) {
    auto& arrivals = arrivals_[cycle % ring_];
    for (const Arrival& arrival : arrivals) {
      if (number_[(cycle % ring_) * links_ + arrival.core * 4 + arrival.from] != 0) return &arrival;
    }
    arrivals.clear();
    return nullptr;
  }
  const Arrival* any() const {
    for (const auto& arrivals : arrivals_) {
      if (!arrivals.empty()) return &arrivals.front();
    }
    return nullptr;
  }
  void clear() {
    for (auto& arrivals : arrivals_) arrivals.clear();
    std::fill(number_.begin(), number_.end(), 0);
  }

 private:
  std::uint32_t ring_, links_;
  std::vector<std::vector<Arrival>> arrivals_;
  std::vector<std::uint32_t>
      number_;  // [cycle][core and direction]: place among the cycle's arrivals plus 1, 0 is none
};

struct DelayedWork {
  CycleRing<DelayedWrite> writes;
  CycleRing<SecondRead> second_reads;
  CycleRing<WeightTake> takes;
  ArrivingSums sums;
  std::vector<std::uint64_t> sum_link_used;  // core * 4 + compass: cycle of the last `out`, plus 1

  explicit DelayedWork(const chip::ChipDescription& chip)
      : writes(chip.vector_latency),
        second_reads(1),
        takes(255),
        sums(chip.cores(), chip.partial_sum_link_cycles + 1),
        sum_link_used(chip.cores() * 4) {}
  void clear() {
    writes.clear();
    second_reads.clear();
    takes.clear();
    sums.clear();
    std::fill(sum_link_used.begin(), sum_link_used.end(), 0);
  }
};

}  // namespace northpole::machine::step
