// Which data bank suits a buffer: the one in which its accesses meet fewest others.
#pragma once

#include <cstdint>
#include <vector>

#include "lower/layer.h"
#include "map/plan.h"
#include "schedule/gather.h"
#include "schedule/job.h"

namespace northpole::schedule {

class BankChoice {
 public:
  using Banks = std::vector<std::uint32_t>;

  // Banks 0 to data_banks - 1.
  BankChoice(const lower::LayerGraph& graph, const map::Plan& mappings, const chip::ChipDescription& chip,
             std::uint32_t data_banks)
      : graph_(graph), mappings_(mappings), chip_(chip), data_banks_(data_banks) {}

  std::uint32_t bank_of(std::uint32_t address) const { return address / chip_.bank_words; }
  // Where the holding lies, its last rows first.
  Banks of(const Holding& holding) const;
  // In order of preference: those of `last` at the end, the first of them last of all.
  Banks avoiding(const Banks& last) const;

  // For what layer `index` gathers as its input `input`, as a whole: not where the VMM reads or the layer before
  // writes, nor where its sources and its other inputs lie. `places` is by stored tensor.
  Banks for_whole_input(std::size_t index, std::size_t input, const Job& job, const std::vector<Places>& places) const;
  // For its outputs as a whole: not where its inputs lie, nor what a later layer reads together with them.
  Banks for_whole_output(std::size_t index, const Job& job, const std::vector<Places>& places) const;
  // For the first (or late: the second) half of what layer `index` gathers from `source`, in order of preference.
  // `early`: where the first half lies. `places` is by stored tensor.
  Banks for_input(std::size_t index, const Holding& source, const std::vector<Places>& places) const;
  Banks for_late_input(std::size_t index, const Holding& source, const std::vector<Places>& places,
                       std::uint32_t early) const;
  // The same for the outputs of layer `index`, which is passed in halves.
  Banks for_output(std::size_t index, const Job& job, const std::vector<Places>& places) const;
  Banks for_late_output(std::size_t index, const Job& job, const std::vector<Places>& places,
                        std::uint32_t early) const;

  // The job of layer `index` has been planned.
  void planned(std::size_t index, const Job& job);
  // Of the layer before: where its VMM reads, at the end and at all, and where its last outputs go.
  std::uint32_t read_last() const { return read_last_; }
  const Banks& read() const { return read_; }
  std::uint32_t written() const { return written_; }

 private:
  void add_banks_of(const Holding* holding, Banks& banks) const;  // of none, none
  using Costs = std::vector<Cycle>;  // by bank: accesses of a core that want it in the same cycles
  Costs input_costs(std::size_t index, const Holding& source, const std::vector<Places>& places, bool late) const;
  Costs output_costs(std::size_t index, const Job& job, const std::vector<Places>& places, bool late) const;
  Banks by(const Costs& costs) const;
  map::PixelTiles tiles(std::size_t index) const { return map::pixel_tiles(mappings_.layers[index].mapping, chip_); }
  // Where the words of the layer's first or last pixel tile lie in an input.
  std::uint32_t bank_of_tile(std::size_t index, std::size_t input, const Holding& holding, bool last) const;
  Cycle outputs(std::size_t index) const;  // of a core

  const lower::LayerGraph& graph_;
  const map::Plan& mappings_;
  const chip::ChipDescription& chip_;
  std::uint32_t data_banks_;
  std::uint32_t read_last_ = 0, written_ = 1, turn_ = 0;
  Banks read_ = {0};
};

}  // namespace northpole::schedule
