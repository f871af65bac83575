#include "lower/linear_layer.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "lower/weight_blocks.h"
#include "network/error.h"

namespace northpole::lower {

namespace {

// The memories of the largest chip description, 32 x 32 cores of 65,536 words.
constexpr std::size_t most_weight_bytes = std::size_t{1} << 31;

// Every view block several times, side by side: the passes after the first take what does not fit into one weight.
View repeated(const View& view, std::int32_t passes) {
  if (passes == 1) return view;
  View result = view;
  result.blocks.clear();
  for (const auto& block : view.blocks)
    result.blocks.insert(result.blocks.end(), static_cast<std::size_t>(passes), block);
  const std::int32_t channels = view.block_channels();
  for (auto& position : result.position)
    if (position >= 0) position = position / channels * passes * channels + position % channels;
  return result;
}

// The width and number of passes of weights between `least` and `most`: the fewest passes, then the fewest bits.
struct Form {
  std::int32_t bits = 8, passes = 1;
};
Form form_of(const LinearSpecification& from, std::int32_t least, std::int32_t most) {
  const std::int32_t widest = from.input.quantization.bits;
  Form best{0, std::numeric_limits<std::int32_t>::max()};
  for (std::int32_t bits = std::min(from.weight_bits, widest); bits <= widest; bits *= 2) {
    const std::int32_t passes = std::max(passes_of(least, bits), passes_of(most, bits));
    if (passes < best.passes) best = {bits, passes};
  }
  if (best.passes > 3)
    throw Error(from.place + "its weights reach from " + std::to_string(least) + " to " + std::to_string(most) +
                ", too wide for activations of " + std::to_string(widest) +
                " bits; quantize its input to as many bits as its weights");
  return best;
}

void put(isa::Word* words, std::size_t lane, std::uint32_t value) {
  std::memcpy(words[lane / 8].data() + lane % 8 * 4, &value, 4);
}

}  // namespace

std::int32_t passes_of(std::int32_t weight, std::int32_t bits) {
  const std::int32_t lowest = -(1 << (bits - 1)), highest = -1 - lowest;
  if (weight < 0) return (weight + lowest + 1) / lowest;
  return std::max(1, (weight + highest - 1) / highest);
}

std::vector<std::pair<std::int32_t, std::int32_t>> block_ranges(
    const View& view, std::int32_t outputs,
    const std::function<std::pair<std::int64_t, std::int64_t>(std::int32_t output)>& channels) {
  std::vector<std::pair<std::int32_t, std::int32_t>> ranges;
  const std::int32_t block_channels = view.block_channels();
  for (std::int32_t first = 0; first < outputs; first += lanes) {
    auto low = static_cast<std::int32_t>(view.blocks.size()), high = 0;
    const std::int64_t end = channels(std::min(first + lanes, outputs) - 1).second;
    for (std::int64_t channel = channels(first).first; channel < end; ++channel) {
      const std::int32_t position = view.position[static_cast<std::size_t>(channel)];
      if (position < 0) continue;
      low = std::min(low, position / block_channels);
      high = std::max(high, position / block_channels + 1);
    }
    // Padding alone: any block will do.
    ranges.emplace_back(high == 0 ? 0 : low, high == 0 ? 1 : high);
  }
  return ranges;
}

Layer linear_layer(const LinearSpecification& from) {
  Layer layer;
  layer.kind = LayerKind::linear;
  layer.name = from.name;
  layer.window_height = from.window_height;
  layer.window_width = from.window_width;
  layer.stride_y = from.stride_y;
  layer.stride_x = from.stride_x;
  layer.dilation_y = from.dilation_y;
  layer.dilation_x = from.dilation_x;

  std::int32_t least = 0, most = 0;
  from.products([&](const Product& product) {
    least = std::min(least, product.weight);
    most = std::max(most, product.weight);
  });
  if (least < -255 || most > 255) throw Error(from.place + "its weights must be of at most 8 bit");
  const auto [weight_bits, passes] = form_of(from, least, most);
  layer.inputs.push_back(repeated(from.input, passes));

  const std::int32_t lane_groups = (from.output_channels + lanes - 1) / lanes;
  const WeightBlock shape{from.input.block_channels(), weight_bits};
  const auto block_bytes = static_cast<std::size_t>(shape.bytes());
  Weights& weights = layer.weights;
  weights.bits = weight_bits;
  weights.block_bytes = shape.bytes();
  for (const auto& range : from.block_range)
    weights.used_blocks = std::max(weights.used_blocks, (range.second - range.first) * passes);
  const auto view_blocks = static_cast<std::int32_t>(layer.inputs[0].blocks.size());
  for (const auto& range : from.block_range)
    weights.first_block.push_back(std::min(range.first * passes, view_blocks - weights.used_blocks));
  const std::size_t taps = static_cast<std::size_t>(from.window_height) * static_cast<std::size_t>(from.window_width);
  const std::size_t bytes =
      static_cast<std::size_t>(lane_groups) * taps * static_cast<std::size_t>(weights.used_blocks) * block_bytes;
  if (bytes > most_weight_bytes)
    throw Error(from.place + "it does not fit: its weights take " + std::to_string(bytes >> 20) +
                " MiB in blocks of 32 x " + std::to_string(shape.channels) + ", more than the " +
                std::to_string(most_weight_bytes >> 20) + " MiB that any chip holds");
  weights.bytes.assign(bytes, 0);

  const Quantization& q = from.input.quantization;
  const std::int64_t largest_code = std::max(-q.lowest(), q.highest());
  const auto outputs = static_cast<std::size_t>(from.output_channels);
  std::vector<std::int64_t> offset(outputs, 0), reach(outputs, 0);
  if (!from.bias.empty()) offset = from.bias;
  bool collided = false;
  from.products([&](const Product& product) {
    const auto output = static_cast<std::size_t>(product.output);
    if (product.position < 0) {
      offset[output] += static_cast<std::int64_t>(product.weight) * (from.input.padding - q.zero_point);
      return;
    }
    offset[output] -= static_cast<std::int64_t>(product.weight) * q.zero_point;
    reach[output] += std::abs(product.weight) * largest_code;
    const std::int32_t group = product.output / lanes;
    const std::int32_t block =
        product.position / shape.channels * passes - weights.first_block[static_cast<std::size_t>(group)];
    const std::size_t tap = static_cast<std::size_t>(product.row) * static_cast<std::size_t>(from.window_width) +
                            static_cast<std::size_t>(product.column);
    std::int32_t rest = product.weight;
    for (std::int32_t pass = 0; pass < passes; ++pass) {
      const std::size_t index =
          (static_cast<std::size_t>(group) * taps + tap) * static_cast<std::size_t>(weights.used_blocks) +
          static_cast<std::size_t>(block + pass);
      const std::int32_t value = std::clamp(rest, -(1 << (weight_bits - 1)), (1 << (weight_bits - 1)) - 1);
      rest -= value;
      if (value == 0) continue;
      std::int8_t* packed = weights.bytes.data() + index * block_bytes;
      const std::int32_t lane = product.output % lanes, channel = product.position % shape.channels;
      collided |= get_weight(packed, shape, lane, channel) != 0;
      put_weight(packed, shape, lane, channel, value);
    }
  });
  if (collided) throw Error(from.place + "one input element is used twice by one output; this form is not supported");

  const bool has_offset = std::any_of(from.offset.begin(), from.offset.end(), [](float value) { return value != 0; });
  layer.lane_words = has_offset ? 12 : 8;
  const auto lane_words = static_cast<std::size_t>(layer.lane_words);
  layer.lane_constants.assign(static_cast<std::size_t>(lane_groups) * lane_words, isa::Word{});
  for (std::size_t output = 0; output < outputs; ++output) {
    if (std::abs(offset[output]) + reach[output] > std::numeric_limits<std::int32_t>::max())
      throw Error(from.place + "the 32-bit accumulator of output channel " + std::to_string(output) +
                  " could overflow; quantize to fewer bits or split the layer");
    isa::Word* words = layer.lane_constants.data() + output / 32 * lane_words;
    put(words, output % 32, static_cast<std::uint32_t>(static_cast<std::int32_t>(offset[output])));
    const float multiplier = from.multiplier.size() == 1 ? from.multiplier[0] : from.multiplier[output];
    std::uint32_t bits = 0;
    std::memcpy(&bits, &multiplier, 4);
    put(words + 4, output % 32, bits);
    if (has_offset) put(words + 8, output % 32, std::bit_cast<std::uint32_t>(from.offset[output]));
  }

  isa::VectorFunction& function = layer.function;
  function.source = isa::VectorSource::partial_sum;
  function.operation = has_offset ? isa::VectorOperation::offset : isa::VectorOperation::move;
  if (has_offset) function.second = isa::VectorSecond::constant;
  function.middle_lowest = from.lowest - from.output.zero_point;
  function.middle_highest = from.highest - from.output.zero_point;
  function.output_bits = static_cast<std::uint8_t>(from.output.bits);
  function.output_zero = from.output.zero_point;
  function.output_lowest = from.lowest;
  function.output_highest = from.highest;
  return layer;
}

}  // namespace northpole::lower
