// Everything of the array that two things cannot use in one cycle, with the cycles in which it is taken.
//
// What the groups of a batch do is alike, so it is kept for the cores of one group: banks and the VMM, vector, send,
// receive and partial-sum threads, the activation network. Weights cross groups: memory and weights threads and the
// model network are those of the whole array.
#pragma once

#include <cstdint>
#include <vector>

#include "chip/chip_description.h"
#include "schedule/cycles.h"
#include "schedule/route.h"

namespace northpole::schedule {

// Cycles in which every thread is to be idle, so that programs can be loaded.
struct Pause {
  Cycle cycle = 0, cycles = 0;
  bool operator==(const Pause&) const = default;
};

// Links and ports of one network, or of one lane of it.
class NetworkCycles {
 public:
  NetworkCycles(const chip::ChipDescription& chip, Cycle link_cycles)
      : link_cycles_(link_cycles), links_(link_count(chip)), ports_(chip.cores()) {}
  // Adds what a stream of `words` words over the route needs, one word every `step` cycles (no fewer than a link
  // takes), sent `later` cycles after the start. `ports`: the deliveries too.
  void need(const Route& route, Cycle words, bool ports, std::vector<Need>& needs, Cycle step = 1, Cycle later = 0);

 private:
  Cycle link_cycles_;
  std::vector<Cycles> links_, ports_;
};

struct Resources {
  Resources(const chip::ChipDescription& chip, std::uint32_t group_rows, const std::vector<Pause>& pauses);

  chip::ChipDescription chip, group_chip;  // group_chip has the group's rows only
  // Of the group.
  Cycles vmm;                                               // all cores issue together
  std::vector<Cycles> vector, send, receive, partial_sums;  // by core
  std::vector<Cycles> edges;  // by row: its frame buffer, which takes one access a cycle, in or out
  NetworkCycles activations;
  // Of the array.
  std::vector<Cycles> memory, weights;  // by core
  std::vector<NetworkCycles> model;     // by lane

  std::uint32_t bank_of(std::uint32_t address) const { return address / chip.bank_words; }
  Cycles& bank(std::uint32_t group_core, std::uint32_t bank) { return banks_[group_core * chip.banks + bank]; }
  std::uint32_t group_core(std::uint32_t core) const { return core % group_chip.cores(); }

 private:
  std::vector<Cycles> banks_;
};

}  // namespace northpole::schedule
