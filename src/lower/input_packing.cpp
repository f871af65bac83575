// The network's input, packed by the host so that words are full. A picture of three channels would use three of the 32
// bytes of each word; here a word holds pixels of a row that a convolution's window covers, perhaps of all its rows,
// and may serve several output columns; or 32 elements of a flat vector.
#include <functional>
#include <numeric>
#include <optional>

#include "lower/choose_packing.h"
#include "lower/lowering.h"
#include "lower/weight_blocks.h"
#include "network/error.h"

namespace northpole::lower {

namespace {

bool reads_input_alone(const Layer& layer, std::int32_t input) {
  if (layer.kind != LayerKind::linear) return false;
  for (const auto& block : layer.inputs[0].blocks)
    if (block.tensor != input) return false;
  return layer.inputs[0].maps.size() == 1;
}

// How many entries of padding stand before 0, 1, 2 .. size - 1, with nothing but padding behind; nothing when the map
// is no such identity.
std::optional<std::int32_t> padding_before(const std::vector<std::int32_t>& indices, std::int32_t size) {
  std::int32_t first = 0;
  while (first < static_cast<std::int32_t>(indices.size()) && indices[static_cast<std::size_t>(first)] < 0) ++first;
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(indices.size()); ++i) {
    const std::int32_t expected = i >= first && i < first + size ? i - first : -1;
    if (indices[static_cast<std::size_t>(i)] != expected) return std::nullopt;
  }
  return first;
}

std::int32_t outputs_along(std::int32_t size, std::int32_t window, std::int32_t stride, std::int32_t dilation) {
  return (size - (window - 1) * dilation - 1) / stride + 1;
}

std::vector<std::int32_t> counting(std::int32_t size) {
  std::vector<std::int32_t> result(static_cast<std::size_t>(size));
  std::iota(result.begin(), result.end(), 0);
  return result;
}

// What packing does to a layer: the window over words, and where in it each element of the old window went.
struct PackedWindow {
  std::int32_t height = 1, width = 1, row_dilation = 1, dilation = 1, blocks = 1, phases = 1;
  struct Place {
    std::int32_t row, column, lane;  // lane: 0 .. blocks * channels of a word - 1
  };
  std::function<Place(std::int32_t phase, std::int32_t row, std::int32_t column, std::int32_t channel)> place;
};

Weights packed_weights(const Layer& layer, std::int32_t channels, const PackedWindow& window) {
  const WeightBlock shape{layer.inputs[0].block_channels(), layer.weights.bits};
  Weights packed = layer.weights;
  packed.used_blocks = window.blocks;
  const auto groups = static_cast<std::int32_t>(packed.first_block.size());
  const auto bytes = static_cast<std::size_t>(packed.block_bytes);
  const auto to_block = [&](std::int32_t phase, std::int32_t group, const PackedWindow::Place& place) {
    return static_cast<std::size_t>(
        (((phase * groups + group) * window.height + place.row) * window.width + place.column) * window.blocks +
        place.lane / shape.channels);
  };
  const PackedWindow::Place last{window.height - 1, window.width - 1, window.blocks * shape.channels - 1};
  packed.bytes.assign((to_block(window.phases - 1, groups - 1, last) + 1) * bytes, 0);
  for (std::int32_t phase = 0; phase < window.phases; ++phase)
    for (std::int32_t group = 0; group < groups; ++group)
      for (std::int32_t row = 0; row < layer.window_height; ++row)
        for (std::int32_t column = 0; column < layer.window_width; ++column) {
          const auto old = static_cast<std::size_t>((group * layer.window_height + row) * layer.window_width + column);
          const std::int8_t* from = layer.weights.bytes.data() + old * bytes;
          for (std::int32_t channel = 0; channel < channels; ++channel) {
            const PackedWindow::Place place = window.place(phase, row, column, channel);
            std::int8_t* to = packed.bytes.data() + to_block(phase, group, place) * bytes;
            for (std::int32_t lane = 0; lane < lanes; ++lane)
              put_weight(to, shape, lane, place.lane % shape.channels, get_weight(from, shape, lane, channel));
          }
        }
  return packed;
}

}  // namespace

// Whether the layer that is being made is the only reader of the network's input: one reader after the other, through
// moves and the layer's operator, up to its QuantizeLinear.
bool Lowering::alone_on_input() const {
  std::string value = result_.input.layout.tensor;
  for (;;) {
    const auto readers = graph_.consumers(value);
    if (readers.size() != 1 || graph_.is_output(value)) return false;
    const auto& reader = graph_.nodes[readers[0]];
    if (reader.op == "Split" || reader.op == "Concat") return false;
    if (reader.op == "QuantizeLinear" && reader.outputs[0] == current_output_) return true;
    value = reader.outputs[0];
  }
}

void Lowering::pack_input(Layer& layer) {
  const std::int32_t input = result_.input.tensor;
  program::FrameLayout& layout = result_.input.layout;
  if (layout.tensor.empty() || !reads_input_alone(layer, input) || !alone_on_input()) return;
  StoredTensor& stored = result_.tensors[static_cast<std::size_t>(input)];
  if (stored.blocks() != 1 || layer.inputs[0].blocks.size() != 1 || layer.weights.used_blocks != 1)
    return;  // weights in several passes stay as they are
  const View view = layer.inputs[0];
  // The moves before must leave the columns as they are but for padding.
  const auto left = padding_before(view.maps[0].column, stored.width),
             top = padding_before(view.maps[0].row, stored.height);
  if (!left) return;
  const std::int32_t channels = stored.channels, word = stored.block_channels();

  PackedWindow window;
  SpatialMap map;
  std::int32_t width = 1, pixels = 1, rows = 1;
  bool fold_rows = true;
  if (layer.window_height == view.height && layer.window_width == view.width) {  // a flat vector
    if (!top || view.height * view.width == 1) return;
    pixels = layer.window_width;
    rows = layer.window_height;
    map.row = {0};
    window.blocks = (rows * pixels * channels + word - 1) / word;
    window.place = [=](std::int32_t, std::int32_t row, std::int32_t column, std::int32_t channel) {
      return PackedWindow::Place{0, 0, (row * pixels + column) * channels + channel};
    };
    layout.step_y = layout.step_x = 1;
  } else {
    PackingProblem problem;
    problem.channels = channels;
    problem.block_channels = word;
    problem.picture_height = stored.height;
    problem.picture_width = stored.width;
    problem.output_height = outputs_along(view.height, layer.window_height, layer.stride_y, layer.dilation_y);
    problem.output_width = outputs_along(view.width, layer.window_width, layer.stride_x, layer.dilation_x);
    problem.lane_groups = static_cast<std::int32_t>(layer.weights.first_block.size());
    problem.window_height = layer.window_height;
    problem.window_width = layer.window_width;
    problem.stride_y = layer.stride_y;
    problem.stride_x = layer.stride_x;
    problem.dilation_y = layer.dilation_y;
    problem.dilation_x = layer.dilation_x;
    problem.weight_block_words = layer.weights.block_bytes / static_cast<std::int32_t>(chip::word_bytes);
    problem.array_rows = static_cast<std::int32_t>(chip_.rows);
    problem.cores = static_cast<std::int32_t>(chip_.cores());
    problem.phases = options_.phases;
    // As it is, if nothing costs less: a pixel a word.
    std::optional<Packing> best;
    std::int64_t least = cycles_unpacked(problem);
    for (const Packing& packing : packings(problem)) {
      if (packing.fold_rows && !top) continue;
      if (const std::int64_t cycles = packing.cycles(problem); cycles < least) {
        best = packing;
        least = cycles;
      }
    }
    if (!best) return;
    pixels = best->pixels;
    fold_rows = best->fold_rows;
    rows = best->rows;
    width = (problem.output_width + best->phases - 1) / best->phases + (best->taps - 1) * best->dilation;
    map.row =
        fold_rows ? counting(problem.output_height + (best->row_taps - 1) * best->row_dilation) : view.maps[0].row;
    window.height = best->row_taps;
    window.width = best->taps;
    window.row_dilation = fold_rows ? best->row_dilation : layer.dilation_y;
    window.dilation = best->dilation;
    window.phases = best->phases;
    window.place = [=, packing = *best](std::int32_t phase, std::int32_t row, std::int32_t column,
                                        std::int32_t channel) {
      const Packing::Place place = packing.place(problem, phase, column);
      return PackedWindow::Place{row / rows, place.tap, (row % rows * pixels + place.pixel) * channels + channel};
    };
    layout.step_y = fold_rows ? static_cast<std::uint32_t>(layer.stride_y) : 1;
    layout.step_x = static_cast<std::uint32_t>(best->phases * layer.stride_x);
  }
  map.column = counting(width);

  layer.weights = packed_weights(layer, channels, window);
  layout.padding = static_cast<std::uint8_t>(view.padding);  // nobody else reads what the host pads
  const auto lane_count = static_cast<std::size_t>(window.blocks * word);
  layout.channel.assign(lane_count, -1);
  layout.offset_y.assign(lane_count, 0);
  layout.offset_x.assign(lane_count, 0);
  for (std::int32_t row = 0; row < rows; ++row)
    for (std::int32_t pixel = 0; pixel < pixels; ++pixel)
      for (std::int32_t channel = 0; channel < channels; ++channel) {
        const auto lane = static_cast<std::size_t>((row * pixels + pixel) * channels + channel);
        layout.channel[lane] = channel;
        layout.offset_y[lane] = fold_rows ? row * layer.dilation_y - *top : 0;
        layout.offset_x[lane] = pixel - *left;
      }
  stored.channels = window.blocks * word;
  stored.height = fold_rows ? static_cast<std::int32_t>(map.row.size()) : stored.height;
  stored.width = width;
  stored.in_graph = false;
  layout.blocks = static_cast<std::uint32_t>(window.blocks);
  layout.height = static_cast<std::uint32_t>(stored.height);
  layout.width = static_cast<std::uint32_t>(width);

  View& packed = layer.inputs[0];
  packed.channels = stored.channels;
  packed.height = static_cast<std::int32_t>(map.row.size());
  packed.width = width;
  packed.maps = {map};
  packed.blocks.clear();
  for (std::int32_t block = 0; block < window.blocks; ++block) packed.blocks.push_back({input, block, 0});
  packed.position = counting(stored.channels);
  layer.window_width = window.width;
  layer.dilation_x = window.dilation;
  layer.stride_x = 1;
  layer.phases = window.phases;
  layer.window_height = window.height;
  layer.dilation_y = window.row_dilation;
  if (fold_rows) layer.stride_y = 1;
}

}  // namespace northpole::lower
