// What instructions send over the links of the networks, and which banks of the memories they use.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "machine/step/route.h"
#include "report/events.h"
#include "report/run_instructions.h"

namespace northpole::report {

enum class Network : std::uint8_t { activations, model, instructions, partial_sums };
inline constexpr std::array network_names = {"activations", "model", "instructions", "partial sums"};

// The network that the instruction sends something into with each of its events; nothing for other instructions.
struct Sending {
  Network network = Network::activations;
  std::uint32_t words = 1;   // at the same time, each on a lane of its own; for partial sums vectors of 32 x 32 bit
  std::uint32_t cycles = 1;  // that a link is busy with it
};
std::optional<Sending> sending_of(const isa::Instruction& instruction, const chip::ChipDescription& chip);

// Links are numbered as machine/step/route.h has it: core * 4 + compass for the one that leaves a core, cores * 4 + row
// for the one from a row's edge unit into column 0.
class Routes {
 public:
  explicit Routes(const chip::ChipDescription& chip) : chip_(chip) {}
  // The links that each event of a sending instruction occupies, with the cycles from the event to the first one in
  // which the link is busy. None for masks that name nothing. `place` is a core or, with `edge`, a row.
  const std::vector<machine::step::Route::Step>& links(bool edge, std::uint32_t place,
                                                       const isa::Instruction& instruction);

 private:
  const chip::ChipDescription& chip_;
  std::map<std::tuple<bool, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>, machine::step::Route> known_;
};

// Calls visit(cycle, address, tensor, write) for each access of the core's memory that the instruction makes.
template <typename Visit>
void for_each_access(const PlacedInstruction& placed, const chip::ChipDescription& chip, const Visit& visit);

// How many those are.
std::uint64_t accesses_of(const PlacedInstruction& placed);

}  // namespace northpole::report

#include "report/traffic_accesses.h"
