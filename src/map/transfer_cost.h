// What it costs to bring one tensor from where a layer left it to where the next one reads it, counted exactly.
#pragma once

#include <cstdint>

#include "map/mapping.h"

namespace northpole::map {

struct TransferCost {
  std::uint64_t words = 0;        // sent, by all cores of a group
  std::uint64_t received = 0;     // by the busiest core
  std::uint64_t sent = 0;         // by the busiest core or edge unit
  std::uint64_t link = 0;         // over the busiest link of the activation network
  std::uint64_t link_cycles = 1;  // that a word takes over a link, and so its sender and its receiver
  // Every core already holds exactly what it reads, in place: nothing travels.
  bool in_place = true;
  // The tensor is made where the layer reads it; only what cores hold of each other's words travels.
  bool at_home = false;

  std::uint64_t cycles() const;  // of the busiest sender, receiver or link
  bool operator==(const TransferCost&) const = default;
};

// Does every core that reads input `input` of the layer hold exactly the region that it reads, as the tensor's owner in
// the producer's mapping? (One whole tensor, without padding, same tiles.)
bool reads_in_place(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping,
                    std::size_t input, const lower::StoredTensor& source, const Mapping& source_mapping,
                    const chip::ChipDescription& chip, std::uint32_t group_rows);

// Tensor `tensor` of the layer's input `input`, which lies in the producer's mapping at the owners. A core that does
// not hold its whole region in place receives all of it, what it holds included. Each word is sent once for every
// different set of columns among the rows that need it, X then Y: rows with the same columns share a send.
TransferCost transfer_cost(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping,
                           std::size_t input, std::int32_t tensor, const lower::StoredTensor& source,
                           const Mapping& source_mapping, const chip::ChipDescription& chip, std::uint32_t group_rows);

// The network's input, from the edge units of the group's rows. By position: row i of the frame lies behind row
// i / part, part = ceil(height / group_rows) where it is 0; by block likewise (program::FrameLayout).
TransferCost frame_transfer_cost(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping,
                                 std::size_t input, std::int32_t tensor, const lower::StoredTensor& source,
                                 bool split_by_block, std::uint32_t part, const chip::ChipDescription& chip,
                                 std::uint32_t group_rows);

}  // namespace northpole::map
