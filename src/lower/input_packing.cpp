// The network's input, packed by the host so that words are full. A picture of three channels would use three of the 32
// bytes of each word; here a word holds a whole row of a convolution's window, or all of it, or 32 elements of a flat
// vector.
#include "lower/lowering.h"
#include "network/error.h"

namespace northpole::lower {

namespace {

bool reads_input_alone(const Layer& layer, std::int32_t input) {
  if (layer.kind != LayerKind::linear) return false;
  for (const auto& block : layer.inputs[0].blocks)
    if (block.tensor != input) return false;
  return layer.inputs[0].maps.size() == 1;
}

}  // namespace

void Lowering::pack_input(Layer& layer) {
  const std::int32_t input = result_.input.tensor;
  program::FrameLayout& layout = result_.input.layout;
  if (layout.tensor.empty() || !reads_input_alone(layer, input)) return;
  // Nobody else may read it: one reader after the other, through moves and this layer's operator, up to its
  // QuantizeLinear.
  std::string value = layout.tensor;
  for (;;) {
    const auto readers = graph_.consumers(value);
    if (readers.size() != 1 || graph_.is_output(value)) return;
    const auto& reader = graph_.nodes[readers[0]];
    if (reader.op == "Split" || reader.op == "Concat") return;
    if (reader.op == "QuantizeLinear" && reader.outputs[0] == current_output_) break;
    value = reader.outputs[0];
  }
  StoredTensor& stored = result_.tensors[static_cast<std::size_t>(input)];
  const View& view = layer.inputs[0];
  // Elements of the window that a view element stands for: (stored row, stored column) by logical row and column.
  const bool flat = layer.window_height == view.height && layer.window_width == view.width;
  const std::int32_t channels = stored.channels;
  std::int32_t fold_y = 1, fold_x = 1;
  if (flat) {
    fold_y = layer.window_height;
    fold_x = layer.window_width;
  } else if (channels * layer.window_width <= 32) {
    fold_x = layer.window_width;
    if (channels * layer.window_width * layer.window_height <= 32) fold_y = layer.window_height;
  }
  if (fold_y * fold_x == 1 || stored.blocks() != 1) return;
  if (layer.weights.used_blocks != 1) return;  // weights in several passes stay as they are
  // The moves before the convolution must be an identity with padding around it.
  const SpatialMap& map = view.maps[0];
  const auto origin_of = [](const std::vector<std::int32_t>& indices, std::int32_t size) -> std::int32_t {
    std::int32_t first = 0;
    while (first < static_cast<std::int32_t>(indices.size()) && indices[static_cast<std::size_t>(first)] < 0) ++first;
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(indices.size()); ++i) {
      const std::int32_t expected = i >= first && i < first + size ? i - first : -1;
      if (indices[static_cast<std::size_t>(i)] != expected) return -1;
    }
    return first;
  };
  const std::int32_t top = origin_of(map.row, stored.height), left = origin_of(map.column, stored.width);
  if (top < 0 || left < 0 || view.padding != stored.quantization.zero_point) return;

  const std::int32_t output_width =
      flat ? 1 : (view.width - (layer.window_width - 1) * layer.dilation_x - 1) / layer.stride_x + 1;
  const std::int32_t output_height =
      flat ? 1 : (view.height - (layer.window_height - 1) * layer.dilation_y - 1) / layer.stride_y + 1;
  const bool fold_rows = fold_y == layer.window_height;
  const std::int32_t taps = fold_y * fold_x * channels;
  const std::int32_t blocks = (taps + 31) / 32;
  // New place of (row, column of the window, channel).
  const auto place = [&](std::int32_t row, std::int32_t column, std::int32_t channel) {
    return fold_rows ? (row * fold_x + column) * channels + channel : column * channels + channel;
  };

  Weights packed;
  packed.used_blocks = blocks;
  const std::size_t output_blocks = layer.weights.first_block.size();
  packed.first_block.assign(output_blocks, 0);
  const std::int32_t packed_rows = fold_rows ? 1 : layer.window_height;
  packed.bytes.assign(output_blocks * static_cast<std::size_t>(packed_rows * blocks) * 1024, 0);
  for (std::size_t o = 0; o < output_blocks; ++o)
    for (std::int32_t row = 0; row < layer.window_height; ++row)
      for (std::int32_t column = 0; column < layer.window_width; ++column) {
        const std::int8_t* from = layer.weights.bytes.data() +
                                  ((o * static_cast<std::size_t>(layer.window_height) + static_cast<std::size_t>(row)) *
                                       static_cast<std::size_t>(layer.window_width) +
                                   static_cast<std::size_t>(column)) *
                                      1024;
        for (std::int32_t channel = 0; channel < channels; ++channel) {
          const std::int32_t at = place(row, column, channel);
          std::int8_t* to =
              packed.bytes.data() +
              ((o * static_cast<std::size_t>(packed_rows) + static_cast<std::size_t>(fold_rows ? 0 : row)) *
                   static_cast<std::size_t>(blocks) +
               static_cast<std::size_t>(at / 32)) *
                  1024;
          for (std::int32_t lane = 0; lane < 32; ++lane) to[lane * 32 + at % 32] = from[lane * 32 + channel];
        }
      }

  layout.channel.assign(static_cast<std::size_t>(blocks) * 32, -1);
  layout.offset_y.assign(static_cast<std::size_t>(blocks) * 32, 0);
  layout.offset_x.assign(static_cast<std::size_t>(blocks) * 32, 0);
  for (std::int32_t row = 0; row < (fold_rows ? layer.window_height : 1); ++row)
    for (std::int32_t column = 0; column < layer.window_width; ++column)
      for (std::int32_t channel = 0; channel < channels; ++channel) {
        const auto at = static_cast<std::size_t>(place(row, column, channel));
        layout.channel[at] = channel;
        layout.offset_y[at] = row * layer.dilation_y - top;
        layout.offset_x[at] = column * layer.dilation_x - left;
      }
  const std::int32_t packed_height = fold_rows ? output_height : view.height;
  layout.blocks = static_cast<std::uint32_t>(blocks);
  layout.height = static_cast<std::uint32_t>(packed_height);
  layout.width = static_cast<std::uint32_t>(output_width);
  layout.step_y = fold_rows ? static_cast<std::uint32_t>(flat ? 1 : layer.stride_y) : 1;
  layout.step_x = flat ? 1 : static_cast<std::uint32_t>(layer.stride_x);

  stored.channels = blocks * 32;
  stored.height = packed_height;
  stored.width = output_width;
  stored.in_graph = false;
  View packed_view;
  packed_view.channels = blocks * 32;
  packed_view.height = packed_height;
  packed_view.width = output_width;
  packed_view.maps.resize(1);
  for (std::int32_t i = 0; i < packed_height; ++i) packed_view.maps[0].row.push_back(i);
  for (std::int32_t i = 0; i < output_width; ++i) packed_view.maps[0].column.push_back(i);
  for (std::int32_t b = 0; b < blocks; ++b) packed_view.blocks.push_back({input, b, 0});
  packed_view.padding = view.padding;
  packed_view.quantization = view.quantization;
  layer.inputs[0] = packed_view;
  layer.weights = std::move(packed);
  layer.window_width = 1;
  layer.stride_x = 1;
  if (fold_rows) {
    layer.window_height = 1;
    layer.stride_y = 1;
    layer.dilation_y = 1;
  }
  layer.dilation_x = 1;
}

}  // namespace northpole::lower
