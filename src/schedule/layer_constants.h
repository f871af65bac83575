// A layer's vector function and lane constants: in the memories of the cores that need them, and on their way into the
// constant registers of the vector units.
#pragma once

#include <vector>

#include "schedule/job.h"
#include "schedule/memory_plan.h"

namespace northpole::schedule {

// Words of the fullest core.
std::uint32_t constant_words_of(const lower::Layer& layer, const lower::StoredTensor& output,
                                const std::vector<map::CorePart>& parts);

class LayerConstants {
 public:
  // Puts the constants of every core that owns outputs into `bank`, at one address in all groups.
  LayerConstants(const lower::Layer& layer, const lower::StoredTensor& output, const std::vector<map::CorePart>& parts,
                 std::uint32_t bank, std::uint16_t tag, MemoryPlan& memory);
  std::uint32_t bank() const { return bank_; }
  std::uint16_t tag() const { return tag_; }
  std::uint32_t address(std::uint32_t core) const { return address_[core]; }

 private:
  std::uint32_t bank_;
  std::uint16_t tag_;
  std::vector<std::uint32_t> address_;  // by core of the group
};

// The loads of one job.
class ConstantLoads {
 public:
  // Turns to the layer's registers and loads its function, and the constants of all lane groups when they fit.
  ConstantLoads(const LayerConstants& constants, const Job& job, RunState& state);

  // Loads what lane group `group` (counted within the cores' parts) needs, if it is not there; returns the first cycle in
  // which an event may use it.
  Cycle load(std::int32_t group);
  std::uint32_t function_register() const { return function_; }
  std::uint32_t register_of(std::int32_t group) const;
  std::uint32_t slots() const { return slots_; }
  // The last event of the lane group is in that cycle.
  void used(std::int32_t group, Cycle last);

 private:
  Cycle bring(std::uint32_t first_word, std::uint32_t first_register, std::uint32_t words, std::int32_t first_group,
              std::int32_t groups);

  const LayerConstants& constants_;
  const Job& job_;
  RunState& state_;
  std::uint32_t lane_words_, function_, first_slot_, slots_;
  std::int32_t groups_ = 0;              // of the fullest core
  std::vector<std::int32_t> loaded_;     // by slot: lane group, or -1
  std::vector<Cycle> there_;             // by slot
  Cycle function_there_ = 0;
};

}  // namespace northpole::schedule
