// What lowering hands to the mapper: the network as layers that the machine has an instruction for, over tensors
// stored in words of 32 channels. Everything that only moved elements in the graph is gone: it lives on in the views.
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
  std::int32_t lowest() const { return is_signed ? -128 : 0; }
  std::int32_t highest() const { return is_signed ? 127 : 255; }
  bool operator==(const Quantization&) const = default;
};

// A tensor as it lies in memories: word (block, y, x) holds channels 32 block .. 32 block + 31 of one position.
struct StoredTensor {
  std::string name;   // value name in the graph (a QuantizeLinear's output)
  std::string layer;  // name of the node that makes it
  std::int32_t channels = 0, height = 0, width = 0;
  Quantization quantization;
  bool in_graph = true;  // false for helpers that lowering put in; they are not compared with the reference
  std::int32_t blocks() const { return (channels + 31) / 32; }
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
// logical channel c lies in lane position[c] % 32 of view block position[c] / 32, or nowhere (-1: it is `padding`).
struct View {
  std::int32_t channels = 0, height = 0, width = 0;
  std::vector<SpatialMap> maps;
  std::vector<ViewBlock> blocks;
  std::vector<std::int32_t> position;
  std::int32_t padding = 0;  // code of padded elements
  Quantization quantization;

  // Channel c lies in lane c % 32 of block c / 32.
  bool canonical() const;
};

enum class LayerKind : std::uint8_t {
  linear,       // multiply by weight blocks, then a vector function on partial sums
  elementwise,  // a vector function on one or two views
  max_pool,     // the largest of a window, then a vector function
};

// Weight blocks of a linear layer. Output block o uses, for each tap (row, column of the window), the view blocks
// first_block[o] .. first_block[o] + used_blocks - 1.
struct Weights {
  std::int32_t used_blocks = 0;
  std::vector<std::int32_t> first_block;  // by output block
  // blocks[((o * window_height + r) * window_width + c) * used_blocks + i]: 1,024 bytes, lane-major:
  // byte 32 l + k is the weight of output lane l for input lane k.
  std::vector<std::int8_t> bytes;
  // Zero-valued blocks that were written for regularity still cost a pass.
};

struct Layer {
  LayerKind kind = LayerKind::linear;
  std::string name;          // node name
  std::vector<View> inputs;  // one, or two for an elementwise layer of two tensors
  std::int32_t output = 0;   // stored tensor
  // The window over inputs[0] (padding is part of the view). Elementwise: 1 x 1, strides 1.
  std::int32_t window_height = 1, window_width = 1, stride_y = 1, stride_x = 1, dilation_y = 1, dilation_x = 1;
  // The input of an elementwise layer of two that has one position only, used for all (broadcast over height and
  // width); -1: none.
  std::int32_t broadcast = -1;
  Weights weights;
  isa::VectorFunction function;
  // Lane constants: for each output block, `lane_words` words as the vector instruction wants them at operand c.
  std::int32_t lane_words = 0;
  std::vector<isa::Word> lane_constants;
  std::uint64_t multiply_accumulates = 0;  // of the network's operator, zeros included
};

// The network's input in the frame buffer: a stored tensor whose words the host packs.
struct FrameInput {
  std::int32_t tensor = 0;
  program::FrameLayout layout;  // base, tag and split are the scheduler's
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
