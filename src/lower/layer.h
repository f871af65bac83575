// What lowering hands to the mapper: the network as layers that the machine has an instruction for, over tensors
// stored in words of 32, 64 or 128 channels of 8, 4 or 2 bit. Everything that only moved elements in the graph is gone:
// it lives on in the views.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chip/chip_description.h"
#include "isa/vector_function.h"
#include "program/program.h"

namespace northpole::lower {

struct Quantization {
  float scale = 1;
  std::int32_t zero_point = 0;
  bool is_signed = true;
  std::int32_t bits = 8;  // 8, 4 or 2
  std::int32_t lowest() const { return is_signed ? -(1 << (bits - 1)) : 0; }
  std::int32_t highest() const { return is_signed ? (1 << (bits - 1)) - 1 : (1 << bits) - 1; }
  bool operator==(const Quantization&) const = default;
};

// Channels of one position in a word, by the width of an element.
constexpr std::int32_t channels_of_word(std::int32_t bits) { return 256 / bits; }
// Lanes of the VMM and the vector unit. A *lane group* is 32 consecutive channels of a tensor: what the vector unit
// reads or writes in one event, a whole word of 8 bit elements, half a word of 4 bit ones.
inline constexpr std::int32_t lanes = 32;

// A tensor as it lies in memories: word (block, y, x) holds channels block * channels_of_word .. of one position, the
// first channel in the lowest bits of the first byte. Lane group g is part g % groups_of_block() of block
// g / groups_of_block(). Channels of a lane group beyond the tensor's have codes of no meaning; parts of the last word
// beyond lane_groups() are zeros (VectorParts::rest). Whatever reads them multiplies by weights of zero.
struct StoredTensor {
  std::string name;   // value name in the graph (a QuantizeLinear's output); of helpers, a name of their own
  std::string layer;  // name of the node that makes it
  std::int32_t channels = 0, height = 0, width = 0;
  Quantization quantization;
  // False for helpers that lowering put in (copies in another order or width) and for a packed input, whose channels,
  // height and width are those of the frame; they are not compared with the reference.
  bool in_graph = true;
  std::int32_t block_channels() const { return channels_of_word(quantization.bits); }
  std::int32_t blocks() const { return (channels + block_channels() - 1) / block_channels(); }
  std::int32_t lane_groups() const { return (channels + lanes - 1) / lanes; }
  std::int32_t groups_of_block() const { return block_channels() / lanes; }
};

// For each logical row and column of a view, the row and column of the stored tensor, or -1 for padding.
struct SpatialMap {
  std::vector<std::int32_t> row, column;
  bool operator==(const SpatialMap&) const = default;
};

// One block of words that a view reads: block `block` of tensor `tensor`, by spatial map `map`.
struct ViewBlock {
  std::int32_t tensor = 0, block = 0, map = 0;
  bool operator==(const ViewBlock&) const = default;
};

// A logical tensor of channels x height x width, seen through moves (slices, pads, concatenations, resizes, shuffles):
// logical channel c lies at element position[c] % B of view block position[c] / B, with B = block_channels(), or
// nowhere
// (-1: it is `padding`). All tensors of a view have elements of the same width, scale and zero point.
struct View {
  std::int32_t channels = 0, height = 0, width = 0;
  std::vector<SpatialMap> maps;
  std::vector<ViewBlock> blocks;
  std::vector<std::int32_t> position;
  std::int32_t padding = 0;  // code of padded elements: every element of a word that the map has at -1
  Quantization quantization;

  std::int32_t block_channels() const { return channels_of_word(quantization.bits); }
  // Channel c is element c % B of block c / B, so that lane group g is part g % (B / 32) of block g / (B / 32).
  bool canonical() const;
};

enum class LayerKind : std::uint8_t {
  linear,       // multiply by weight blocks, then a vector function on partial sums
  elementwise,  // a vector function on one or two canonical views
  max_pool,     // the largest of a window of one canonical view, then a vector function
};

// Weight blocks of a linear layer: 32 output lanes by the channels of one word of the view. Lane group o of the output
// uses, for each tap (row, column of the window), the view blocks first_block[o] .. first_block[o] + used_blocks - 1.
// The view's words are multiplied whole: with MultiplyMode {activation bits of the view, `bits`, signedness of the
// view}.
struct Weights {
  // 8, 4 or 2, at most the view's. Weights that do not fit (asymmetric ones) are the sum of up to three: then the view
  // has each block as often, side by side.
  std::int32_t bits = 8;
  std::int32_t used_blocks = 0;
  std::vector<std::int32_t> first_block;  // by lane group of the output
  // Block n = (((p * lane_groups + o) * window_height + r) * window_width + c) * used_blocks + i, of phase p (see
  // Layer::phases), begins at byte n * block_bytes: lane-major, weight k of lane l at bit (l * B + k) * bits of the
  // block (B = the view's block_channels()), low bits of a byte first; as the VMM wants it.
  std::int32_t block_bytes = 1024;  // 4 * B * bits
  std::vector<std::int8_t> bytes;
  // Zero-valued blocks that were written for regularity still cost a pass.
};

struct Layer {
  LayerKind kind = LayerKind::linear;
  std::string name;  // node name
  // One; or two, for an elementwise layer of two tensors and for a linear layer whose vector function takes a second
  // operand (the residual branch): that one is canonical, of the output's height, width and channels, and like any view
  // may have padding and several maps. The vector unit reads it at the output's position and lane group, in its own
  // width. Inputs and output may differ in width; lane group g of each is what one vector event works on.
  std::vector<View> inputs;
  std::int32_t output = 0;  // stored tensor
  // The window over inputs[0] (padding is part of the view). Elementwise: 1 x 1, strides 1.
  std::int32_t window_height = 1, window_width = 1, stride_y = 1, stride_x = 1, dilation_y = 1, dilation_x = 1;
  // Output column x reads view columns x / phases * stride_x + c * dilation_x, with the weights of phase x % phases:
  // one packed word then serves several output columns. Above 1 only in a linear layer that reads the packed input
  // alone (stride_x is 1 then, the output's width need not be a multiple) and that has no second operand.
  std::int32_t phases = 1;
  // The input of an elementwise layer of two that has one position only, used for all (broadcast over height and
  // width); -1: none.
  std::int32_t broadcast = -1;
  Weights weights;
  // As the vector unit wants it, with signedness, zero points, widths and ranges set. Of a linear layer it may be any
  // function of partial sums (lower::Options): move, or after the middle clamp an activation function, constants of the
  // lanes (second = constant) or an operation with inputs[1] (second = memory).
  isa::VectorFunction function;
  // Lane constants: for each lane group of the output, `lane_words` words as the vector instruction wants them at
  // operand c: 8 of a linear layer (bias, scale), 4 more of any layer with constants of the lanes.
  std::int32_t lane_words = 0;
  std::vector<isa::Word> lane_constants;
  std::uint64_t multiply_accumulates = 0;  // of the network's operator, zeros included
};

// The network's input in the frame buffer: a stored tensor whose words the host packs.
struct FrameInput {
  std::int32_t tensor = 0;
  program::FrameLayout layout;  // base, tag, split, frames and frame_rows are the scheduler's
};

struct FrameOutput {
  std::string name;  // graph output
  View view;         // canonical
  program::FrameLayout layout;
};

struct LayerGraph {
  std::string name;
  std::vector<StoredTensor> tensors;
  std::vector<Layer> layers;  // in an order in which they can run
  FrameInput input;
  std::vector<FrameOutput> outputs;
  std::vector<program::HostOperation> host_operations;
  std::string picture_transform;
  std::vector<std::string> classes;
};

}  // namespace northpole::lower
