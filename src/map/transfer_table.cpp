#include "map/transfer_table.h"

namespace northpole::map {

namespace {

void append(std::string& text, std::int32_t number) {
  text.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void append(std::string& text, const lower::StoredTensor& tensor) {
  for (const std::int32_t n : {tensor.channels, tensor.height, tensor.width, tensor.quantization.bits}) append(text, n);
}

}  // namespace

TransferTable::TransferTable(const lower::LayerGraph& graph, const chip::ChipDescription& chip,
                             std::uint32_t group_rows)
    : graph_(graph), chip_(chip), group_rows_(group_rows) {}

std::uint32_t TransferTable::number(const Mapping& m) {
  const std::array<std::int32_t, 13> key{
      m.y_parts,     m.row_output_parts, m.x_parts,         m.column_output_parts, m.input_parts,
      m.tile_height, m.tile_width,       m.tile_blocks,     m.column_y_parts,      m.outputs_inside ? 1 : 0,
      m.pixel_rows,  m.pixel_columns,    m.one_bank ? 1 : 0};
  const auto [found, is_new] = numbers_.try_emplace(key, static_cast<std::uint32_t>(mappings_.size()));
  if (!is_new) return found->second;
  const std::uint32_t result = found->second;
  mappings_.push_back(m);
  placements_.push_back(result);
  if (m.pixel_rows != 0 || m.pixel_columns != 0) {
    Mapping together = m;
    together.pixel_rows = together.pixel_columns = 0;
    together.one_bank = false;
    const std::uint32_t placement = number(together);
    placements_[result] = placement;
  }
  return result;
}

// Readings of the same form cost the same between the same mappings.
std::uint32_t TransferTable::form(std::size_t layer, std::size_t input, std::int32_t tensor) {
  const auto [found, is_new] = form_of_.try_emplace({layer, input, tensor}, 0);
  if (!is_new) return found->second;
  const lower::Layer& l = graph_.layers[layer];
  const lower::View& view = l.inputs[input];
  std::string text;
  for (const std::int32_t n :
       {static_cast<std::int32_t>(l.kind), static_cast<std::int32_t>(input), l.window_height, l.window_width,
        l.stride_y, l.stride_x, l.dilation_y, l.dilation_x, l.phases, l.broadcast, l.weights.used_blocks})
    append(text, n);
  append(text, graph_.tensors[static_cast<std::size_t>(l.output)]);
  append(text, graph_.tensors[static_cast<std::size_t>(tensor)]);
  for (const std::int32_t n : l.weights.first_block) append(text, n);
  for (const auto& map : view.maps) {
    append(text, static_cast<std::int32_t>(map.row.size()));
    for (const std::int32_t n : map.row) append(text, n);
    append(text, static_cast<std::int32_t>(map.column.size()));
    for (const std::int32_t n : map.column) append(text, n);
  }
  for (const auto& block : view.blocks) {
    append(text, block.tensor == tensor ? 1 : 0);
    append(text, block.block);
    append(text, block.map);
  }
  found->second = forms_.try_emplace(std::move(text), static_cast<std::uint32_t>(forms_.size())).first->second;
  return found->second;
}

const TransferCost& TransferTable::between(std::size_t layer, std::size_t input, std::int32_t tensor,
                                           std::uint32_t source, std::uint32_t target) {
  source = placements_[source];
  target = placements_[target];
  const auto [found, is_new] = known_.try_emplace({form(layer, input, tensor), source, target});
  const lower::Layer& l = graph_.layers[layer];
  if (is_new)
    found->second =
        transfer_cost(l, graph_.tensors[static_cast<std::size_t>(l.output)], mappings_[target], input, tensor,
                      graph_.tensors[static_cast<std::size_t>(tensor)], mappings_[source], chip_, group_rows_);
  return found->second;
}

const TransferCost& TransferTable::from_frame(std::size_t layer, std::size_t input, std::uint32_t target) {
  constexpr std::uint32_t frame = ~0U;
  const std::int32_t tensor = graph_.input.tensor;
  target = placements_[target];
  const auto [found, is_new] = known_.try_emplace({form(layer, input, tensor), frame, target});
  const lower::Layer& l = graph_.layers[layer];
  const lower::StoredTensor& stored = graph_.tensors[static_cast<std::size_t>(tensor)];
  if (is_new)
    found->second = frame_transfer_cost(l, graph_.tensors[static_cast<std::size_t>(l.output)], mappings_[target], input,
                                        tensor, stored, frame_split_by_block(stored, group_rows_),
                                        frame_part(stored, l, mappings_[target], group_rows_), chip_, group_rows_);
  return found->second;
}

bool frame_split_by_block(const lower::StoredTensor& input, std::uint32_t group_rows) {
  return input.height < static_cast<std::int32_t>(group_rows) && input.blocks() > input.height;
}

std::uint32_t frame_part(const lower::StoredTensor& input, const lower::Layer& reader, const Mapping& mapping,
                         std::uint32_t group_rows) {
  const auto height = static_cast<std::uint32_t>(input.height);
  const auto part = static_cast<std::uint32_t>(mapping.tile_height * mapping.column_y_parts * reader.stride_y);
  if (frame_split_by_block(input, group_rows) || mapping.row_output_parts > 1) return 0;
  const std::uint32_t even = (height + group_rows - 1) / group_rows, before = part * (group_rows - 1);
  const std::uint32_t last = height > before ? height - before : 0;
  return std::max(part, last) <= even + even / 2 ? part : 0;
}

}  // namespace northpole::map
