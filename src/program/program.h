// The program: everything that configuring and running the machine needs, and nothing of the network that it
// was made from but names. It is the one thing that the compiler hands to the verifier, to both engines, to the
// measures and to the reports. docs/program-format.md describes its file.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "chip/chip_description.h"
#include "isa/instruction.h"

namespace northpole::program {

// A piece of a core's memory image, in place before the first run and never written by the program.
struct ImageSection {
  std::uint32_t core = 0;
  std::uint32_t address = 0;   // first word
  std::uint16_t tensor = 0;    // every word of it carries this tag
  std::vector<isa::Word> words;
};

// What configure() puts into half 0 of a core's program buffer and parameter registers. A run must leave the same there.
struct Boot {
  std::uint32_t core = 0;
  std::vector<isa::Word> program;          // word 0 is the directory
  std::vector<std::uint32_t> parameters;
};

// The unit that joins the frame buffer of one row to the activation network. Its two threads hold their
// instructions themselves: `send` (frame word -> network) and `receive` (network -> frame word); no parameters.
struct Edge {
  std::vector<isa::Word> send;     // instructions up to and including `end`
  std::vector<isa::Word> receive;
};

// A name for each tag that memory words and memory operands carry. Tag 0 is "nothing".
struct TensorName {
  std::string name;   // value name of the quantized network, or "weights of ...", "program of ..."
  std::string layer;
};

// Names for the programs that each core runs one after another: the n-th program of every core (0 is the boot
// program) belongs to segments[n]. All cores run the same number of programs.
struct Segment {
  std::string layer;
  std::uint64_t first_cycle = 0;   // by the schedule; for reports, nothing depends on it
  std::uint64_t last_cycle = 0;
};

// Where a layer's cycles go, for reports; nothing depends on it. All counts are for the whole run (all its frames).
struct LayerCycles {
  std::string layer;
  std::uint64_t first_cycle = 0, last_cycle = 0;  // from its first event (input or weight on its way) to its last write
  std::uint64_t first_issue = 0, last_issue = 0;  // of its unit: VMM for linear layers, else the vector unit
  std::uint64_t multiply_accumulates = 0;
  std::uint64_t ideal_cycles = 0;  // its multiply-accumulates at full rate on every core of the chip
  // The fewest cycles that each resource allows in the layer's mapping, everything else hidden: what the busiest core,
  // port or link has to do.
  std::uint64_t arithmetic_bound = 0;   // VMM issues
  std::uint64_t weight_bound = 0;       // weight words at full width, into a core or over a link
  std::uint64_t activation_bound = 0;   // words received by a core, or over a link
  std::uint64_t partial_sum_bound = 0;  // cycles of a partial-sum link
  std::uint64_t vector_bound = 0;       // events of a vector unit
  std::uint64_t memory_bound = 0;       // accesses of a core's memory, over its banks
  // Cycles between the last issue of the layer before and its own last issue in which its unit did not issue, by what it
  // waited for.
  std::uint64_t waited_inputs = 0, waited_weights = 0, waited_partial_sums = 0, waited_banks = 0, waited_programs = 0;
};

// What the host does with a frame, in float32: with the input before quantizing it, with the first output after reading
// it, one operation after another.
struct HostOperation {
  std::string op;             // "Mul", "Add", "Clip"; of outputs also "MatMul", "Softmax", "ArgMax"
  std::int64_t axis = -1;     // of Softmax and ArgMax; along which constants stand
  // Mul, Add: one constant, or one for each index of the axis. Clip: the two bounds. MatMul: a matrix, row-major, of as
  // many rows as the last axis has elements.
  std::vector<float> values;
};

// A frame in the frame buffer. Its words have positions (block, i, j), block < blocks, i < height, j < width. They are spread
// over the array's rows, behind whose west edge they lie: by position i (split_by_block false; part = height / rows, rounded up,
// or, if it is given, `part`; word behind row r = i / part, but the last row has all that are left, at address
// base + ((i - r * part) * width + j) * blocks + block) or by block (part = blocks / rows, rounded up,
// word behind row block / part at address base + (i * width + j) * part + block % part).
// Lane l of word (block, i, j) holds element channel[block * 32 + l], y = i * step_y + offset_y[block * 32 + l],
// x = j * step_x + offset_x[block * 32 + l] of the tensor; outside the picture, or with channel -1, it holds `padding`.
// (With elements of 4 or 2 bit a word has B = 64 or 128 lanes: then read B for 32.)
// A layout may hold several frames. Frame f uses `frame_rows` rows of the array instead of all (`rows` in the formulas above
// is frame_rows), from row (f % groups) * frame_rows on, groups = rows of the array / frame_rows; its addresses are
// (f / groups) * (words of the fullest row) higher.
struct FrameLayout {
  std::string tensor;                 // value name
  std::uint16_t tag = 0;
  std::uint32_t base = 0;
  std::uint32_t blocks = 0, height = 0, width = 0;
  bool split_by_block = false;
  std::uint32_t part = 0;             // positions i behind one row of the array; 0: height / rows, rounded up
  std::uint32_t frames = 1;
  std::uint32_t frame_rows = 0;       // 0: all rows of the array
  std::uint32_t step_y = 1, step_x = 1;
  std::vector<std::int32_t> channel, offset_y, offset_x;  // blocks * lanes of a word entries each
  std::uint8_t padding = 0;           // a code; of its bits the lowest `bits` count
  // Meaning of the elements.
  std::vector<std::int64_t> shape;    // logical shape in the network, e.g. 1x3x224x224
  std::uint32_t channels = 0, tensor_height = 0, tensor_width = 0;
  bool is_signed = true;
  std::uint8_t bits = 8;
  float scale = 1;
  std::int32_t zero_point = 0;
  std::vector<HostOperation> operations;  // of the input: before it is quantized
};

// Where a tensor of the network lies in the cores' memories, and when: for checking every layer against the
// reference. Word (block, y, x) lies in core `core` at base + (y - y0) * pitch_y + (x - x0) * pitch_x + (block - block0).
struct TensorPiece {
  std::uint32_t core = 0;
  std::uint32_t base = 0;
  std::uint32_t y0 = 0, y1 = 0, x0 = 0, x1 = 0, block0 = 0, block1 = 0;
  std::uint32_t pitch_y = 0, pitch_x = 0;
};
struct TensorLocation {
  std::string tensor;        // value name (output of a QuantizeLinear)
  std::uint16_t tag = 0;
  std::uint32_t frame = 0;   // of the run's frames
  std::uint64_t cycle = 0;   // all of it is written by the end of this cycle, and nothing of it overwritten yet
  std::uint32_t channels = 0, height = 0, width = 0;
  bool is_signed = true;
  std::uint8_t bits = 8;     // 32, 64 or 128 channels a word
  float scale = 1;
  std::int32_t zero_point = 0;
  std::vector<TensorPiece> pieces;
};

struct Program {
  chip::ChipDescription chip;
  std::vector<ImageSection> image;
  std::vector<Boot> boot;          // one a core, in order
  std::vector<Edge> edges;         // one a row, in order
  std::vector<TensorName> tensors; // by tag
  std::vector<Segment> segments;
  std::vector<LayerCycles> layers;
  std::vector<TensorLocation> locations;
  FrameLayout input;
  std::vector<FrameLayout> outputs;   // usually one
  std::vector<HostOperation> host_operations;  // on outputs[0]
  std::uint64_t cycles = 0;        // a run's length by the schedule; a run that lasts longer is a fault

  std::string network;             // name of the network, for reports
  std::string picture_transform;   // JSON, see data/picture_transform.h; empty when unknown
  std::vector<std::string> classes;
  std::uint64_t multiply_accumulates = 0;  // a frame
  std::uint32_t frames = 1;        // that a run processes; input and outputs have as many each
};

}  // namespace northpole::program
