// Transfers between mappings, each counted once: networks repeat the same layers over and over.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "map/transfer_cost.h"

namespace northpole::map {

class TransferTable {
 public:
  TransferTable(const lower::LayerGraph& graph, const chip::ChipDescription& chip, std::uint32_t group_rows);

  // A number for each different mapping.
  std::uint32_t number(const Mapping& mapping);

  // As transfer_cost(), of tensor `tensor` which lies in the mapping with number `source`, to layer `layer` in that
  // with number `target`.
  const TransferCost& between(std::size_t layer, std::size_t input, std::int32_t tensor, std::uint32_t source,
                              std::uint32_t target);
  // As frame_transfer_cost(), of the network's input.
  const TransferCost& from_frame(std::size_t layer, std::size_t input, std::uint32_t target);

 private:
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;  // form of the reading, source, target
  std::uint32_t form(std::size_t layer, std::size_t input, std::int32_t tensor);

  const lower::LayerGraph& graph_;
  chip::ChipDescription chip_;
  std::uint32_t group_rows_;
  std::map<std::array<std::int32_t, 13>, std::uint32_t> numbers_;
  std::vector<Mapping> mappings_;
  std::vector<std::uint32_t> placements_;  // by number: that of the mapping in which all pixels pass together
  std::map<std::tuple<std::size_t, std::size_t, std::int32_t>, std::uint32_t> form_of_;
  std::unordered_map<std::string, std::uint32_t> forms_;
  std::map<Key, TransferCost> known_;
};

// Does the frame lie in the frame buffer by blocks, rather than by rows? Where it has fewer rows than the group.
bool frame_split_by_block(const lower::StoredTensor& input, std::uint32_t group_rows);
// Rows of the network's input behind each row of the array (FrameLayout::part): those that the row's cores make outputs
// of in the mapping of the layer that reads them, where that spreads them about evenly; else 0.
std::uint32_t frame_part(const lower::StoredTensor& input, const lower::Layer& reader, const Mapping& mapping,
                         std::uint32_t group_rows);

}  // namespace northpole::map
