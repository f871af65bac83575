// Every event of a run, counted from the program alone: control never depends on data, so the schedule says it all.
// Instructions are counted by their loops' trips, not event by event, so that a count takes well under a second.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "energy/event.h"
#include "program/program.h"
#include "report/core_programs.h"

namespace northpole::energy {

// What was done for one layer, where.
struct LayerCounts {
  std::string name;  // of the network's node, as in Program::layers; then "output ...", programs_name and the like
  std::uint64_t useful_multiply_accumulates = 0;  // the network's, of a whole run; those counted include unused lanes
  // By unit: core 0 .. cores - 1, then one edge unit for each row. Sends count where they start, with their whole way;
  // weight-buffer writes where the words arrive.
  std::vector<Counts> units;
  // Bytes over each link of each network. Link core * 4 + direction (0 north, 1 east, 2 south, 3 west) leaves that
  // core; link cores * 4 + row is the edge unit's into column 0.
  std::array<std::vector<std::uint64_t>, network_count> links;

  Counts total() const;
};

// Program words, parameters and their transport: done for no layer of the network alone.
inline constexpr const char* programs_name = "programs";

struct EventCounts {
  std::uint64_t frames = 1, cycles = 0;  // of a run
  std::vector<LayerCounts> layers;       // Program::layers in their order, then the others
  // The host link's bytes are in `total` alone: no unit of the chip does them.
  Counts total{};
  std::string problem;  // empty, or why not everything could be counted: what is wrong with the program

  Counts of_unit(std::size_t unit) const;                      // sum over the layers
  std::vector<std::uint64_t> of_links(Network network) const;  // sum over the layers
};

// Bytes of a frame's tensor, its elements packed: what crosses the host link.
std::uint64_t tensor_bytes(const program::FrameLayout& layout);

// To which layer an event belongs: by the tensor that it writes or, for sends, reads; multiplies by the weights that
// they use up (words of weights are used in the order in which they arrive), passes of partial sums by the multiplies
// that the core issued last before.
EventCounts count_events(const program::Program& program);
// With the sequence of that program, for who has it already.
EventCounts count_events(const program::Program& program, const report::ProgramSequence& sequence);

}  // namespace northpole::energy
