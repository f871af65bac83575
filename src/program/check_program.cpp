#include "program/check_program.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "network/error.h"
#include "network/text.h"
#include "program/frame_place.h"

namespace northpole::program {
namespace {

// More than any real tensor or table has; keeps every product below 2^63 and every allocation reasonable.
constexpr std::uint64_t maximum_elements = std::uint64_t{1} << 31;
constexpr std::uint32_t maximum_edge_words = 65536;
// More frames than any run takes together, and more multiply-accumulates than a layer of the longest run has; sums of
// them over all layers stay below 2^63.
constexpr std::uint32_t maximum_frames = 65536;
constexpr std::size_t maximum_layers = 65536;
constexpr std::uint64_t maximum_multiply_accumulates = std::uint64_t{1} << 46;

class Checker {
 public:
  Checker(const Program& program, const std::string& source_name) : program_(program), source_name_(source_name) {}

  void run() const {
    chip::check(program_.chip, source_name_);
    if (program_.cycles > maximum_cycles) {
      fail("a run of {} cycles is longer than the longest allowed, {}", program_.cycles, maximum_cycles);
    }
    if (program_.frames < 1 || program_.frames > maximum_frames) {
      fail("a run of {} frames, must be 1 to {}", program_.frames, maximum_frames);
    }
    if (program_.multiply_accumulates > maximum_multiply_accumulates) {
      fail("{} multiply-accumulates a frame are too many", program_.multiply_accumulates);
    }
    if (program_.tensors.empty()) fail("the table of tensor names is empty; its entry 0 must be there");
    if (program_.tensors.size() > 65536) fail("{} tensor names, at most 65536 can be tagged", program_.tensors.size());
    check_image();
    check_boot();
    check_edges();
    check_segments();
    check_layers();
    for (const TensorLocation& location : program_.locations) check_location(location);
    check_frame("input", program_.input);
    for (const FrameLayout& output : program_.outputs) check_frame("output", output);
    for (const HostOperation& operation : program_.host_operations) check_operation(operation, true);
    for (const HostOperation& operation : program_.input.operations) check_operation(operation, false);
  }

 private:
  template <typename... Arguments>
  [[noreturn]] void fail(fmt::format_string<Arguments...> format, Arguments&&... arguments) const {
    throw Error(fmt::format("{}: {}", source_name_, fmt::format(format, std::forward<Arguments>(arguments)...)));
  }

  void check_operation(const HostOperation& operation, bool of_output) const {
    const std::string& op = operation.op;
    const bool plain = op == "Mul" || op == "Add" || op == "Clip";
    if (!plain && !(of_output && (op == "MatMul" || op == "Softmax" || op == "ArgMax")))
      fail("unknown host operation {}", network::quoted_name(op));
    if ((plain || op == "MatMul") && operation.values.empty()) fail("host operation {} of no constants", op);
    if (op == "Clip" && operation.values.size() != 2) fail("host operation Clip of {} bounds", operation.values.size());
  }

  void check_image() const {
    const std::uint64_t memory_words = program_.chip.memory_words();
    std::vector<bool> taken(program_.chip.cores() * memory_words);
    for (const ImageSection& section : program_.image) {
      if (section.core >= program_.chip.cores())
        fail("image section for core {}, the chip has {}", section.core, program_.chip.cores());
      if (section.words.empty()) fail("image section of no words for core {}", section.core);
      if (section.address + std::uint64_t{section.words.size()} > memory_words) {
        fail("image section at address {} of core {} is {} words long, the memory has {}", section.address,
             section.core, section.words.size(), memory_words);
      }
      if (section.tensor >= program_.tensors.size())
        fail("image section with tensor tag {}, which has no name", section.tensor);
      for (std::size_t i = 0; i < section.words.size(); ++i) {
        auto word = taken[section.core * memory_words + section.address + i];
        if (word) fail("two image sections share address {} of core {}", section.address + i, section.core);
        word = true;
      }
    }
  }

  void check_boot() const {
    if (program_.boot.size() != program_.chip.cores()) {
      fail("{} boot programs, the chip has {} cores", program_.boot.size(), program_.chip.cores());
    }
    for (std::size_t i = 0; i < program_.boot.size(); ++i) {
      const Boot& boot = program_.boot[i];
      if (boot.core != i) fail("boot program {} is for core {}; they must be in order", i, boot.core);
      if (boot.program.empty() || boot.program.size() > program_.chip.program_words) {
        fail("boot program of core {} has {} words, must be 1 to {}", i, boot.program.size(),
             program_.chip.program_words);
      }
      if (boot.parameters.size() > program_.chip.parameters) {
        fail("{} parameters for core {}, which has {}", boot.parameters.size(), i, program_.chip.parameters);
      }
    }
  }

  void check_edges() const {
    if (program_.edges.size() != program_.chip.rows) {
      fail("{} edge units, the chip has {} rows", program_.edges.size(), program_.chip.rows);
    }
    for (std::size_t row = 0; row < program_.edges.size(); ++row) {
      const Edge& edge = program_.edges[row];
      if (edge.send.size() > maximum_edge_words || edge.receive.size() > maximum_edge_words) {
        fail("edge unit {} has more than {} instruction words", row, maximum_edge_words);
      }
    }
  }

  void check_segments() const {
    for (const Segment& segment : program_.segments) {
      if (segment.first_cycle > segment.last_cycle || segment.last_cycle > maximum_cycles) {
        fail("segment {} lasts from cycle {} to {}", network::quoted_name(segment.layer), segment.first_cycle,
             segment.last_cycle);
      }
    }
  }

  void check_layers() const {
    if (program_.layers.size() > maximum_layers) fail("cycles of {} layers are too many", program_.layers.size());
    for (const LayerCycles& layer : program_.layers) {
      const std::string name = "layer " + network::quoted_name(layer.layer);
      if (layer.first_cycle > layer.last_cycle || layer.last_cycle > maximum_cycles) {
        fail("{} lasts from cycle {} to {}", name, layer.first_cycle, layer.last_cycle);
      }
      if (layer.first_issue > layer.last_issue || layer.last_issue > maximum_cycles) {
        fail("{} issues from cycle {} to {}", name, layer.first_issue, layer.last_issue);
      }
      if (layer.multiply_accumulates > maximum_multiply_accumulates)
        fail("{} has {} multiply-accumulates, which is too many", name, layer.multiply_accumulates);
      for (const std::uint64_t cycles :
           {layer.ideal_cycles, layer.arithmetic_bound, layer.weight_bound, layer.activation_bound,
            layer.partial_sum_bound, layer.vector_bound, layer.memory_bound, layer.waited_inputs, layer.waited_weights,
            layer.waited_partial_sums, layer.waited_banks, layer.waited_programs}) {
        if (cycles > maximum_cycles) fail("{} names {} cycles, more than the longest run has", name, cycles);
      }
    }
  }

  void check_bits(const std::string& name, std::uint32_t bits) const {
    if (bits != 8 && bits != 4 && bits != 2) fail("{} has elements of {} bits", name, bits);
  }

  void check_tensor(const std::string& name, std::uint32_t tag, std::uint32_t channels, std::uint32_t height,
                    std::uint32_t width, float scale) const {
    if (tag >= program_.tensors.size()) fail("{} has tensor tag {}, which has no name", name, tag);
    if (channels > maximum_elements || height > maximum_elements || width > maximum_elements ||
        std::uint64_t{height} * width > maximum_elements ||
        std::uint64_t{height} * width * channels > maximum_elements) {
      fail("{} is {} x {} x {}, which is too large", name, channels, height, width);
    }
    if (!(scale > 0) || !std::isfinite(scale)) fail("{} has scale {}, which is not a positive number", name, scale);
  }

  void check_zero_point(const std::string& name, bool is_signed, std::uint32_t bits, std::int32_t zero_point) const {
    const std::int32_t lowest = is_signed ? -(1 << (bits - 1)) : 0;
    const std::int32_t highest = lowest + (1 << bits) - 1;
    if (zero_point < lowest || zero_point > highest) {
      fail("{} has zero point {}, must be {} to {}", name, zero_point, lowest, highest);
    }
  }

  void check_location(const TensorLocation& location) const {
    const std::string name = "tensor " + network::quoted_name(location.tensor);
    check_tensor(name, location.tag, location.channels, location.height, location.width, location.scale);
    check_bits(name, location.bits);
    check_zero_point(name, location.is_signed, location.bits, location.zero_point);
    if (location.frame >= program_.frames)
      fail("{} is of frame {}, a run has {}", name, location.frame, program_.frames);
    if (location.cycle > maximum_cycles) fail("{} is complete at cycle {}, too late", name, location.cycle);
    const std::uint64_t of_word = elements_of_word(location.bits);
    const std::uint64_t blocks = (location.channels + of_word - 1) / of_word;
    for (const TensorPiece& piece : location.pieces) {
      if (piece.core >= program_.chip.cores()) fail("{} has a piece in core {}", name, piece.core);
      if (piece.y0 > piece.y1 || piece.x0 > piece.x1 || piece.block0 > piece.block1 || piece.y1 > location.height ||
          piece.x1 > location.width || piece.block1 > blocks) {
        fail("{} has a piece in core {} that is not a part of it", name, piece.core);
      }
      const std::uint64_t memory_words = program_.chip.memory_words();
      if (piece.y0 == piece.y1 || piece.x0 == piece.x1 || piece.block0 == piece.block1) continue;
      // Pitches and extents are below 2^32, so neither product overflows; their sum is checked as it grows.
      const std::uint64_t down = std::uint64_t{piece.y1 - piece.y0 - 1} * piece.pitch_y;
      const std::uint64_t across = std::uint64_t{piece.x1 - piece.x0 - 1} * piece.pitch_x;
      if (down >= memory_words || across >= memory_words ||
          piece.base + down + across + (piece.block1 - piece.block0) > memory_words) {
        fail("{} has a piece outside the memory of core {}", name, piece.core);
      }
    }
  }

  void check_frame(const char* role, const FrameLayout& layout) const {
    const std::string name = fmt::format("{} {}", role, network::quoted_name(layout.tensor));
    check_tensor(name, layout.tag, layout.channels, layout.tensor_height, layout.tensor_width, layout.scale);
    check_bits(name, layout.bits);
    check_zero_point(name, layout.is_signed, layout.bits, layout.zero_point);
    if (layout.frames != program_.frames) fail("{} has {} frames, a run has {}", name, layout.frames, program_.frames);
    const std::uint64_t elements = std::uint64_t{layout.channels} * layout.tensor_height * layout.tensor_width;
    if (elements * layout.frames > maximum_elements) fail("{} has {} frames, which is too large", name, layout.frames);
    if (layout.frame_rows > program_.chip.rows) {
      fail("{} has frames of {} rows, the chip has {}", name, layout.frame_rows, program_.chip.rows);
    }
    if (!frame_fits(layout, program_.chip)) fail("{} does not fit into the frame buffer", name);
    const std::size_t lane_count = std::size_t{layout.blocks} * elements_of_word(layout.bits);
    if (layout.channel.size() != lane_count || layout.offset_y.size() != lane_count ||
        layout.offset_x.size() != lane_count) {
      fail("{} must give channel and offsets for each of {} lanes", name, lane_count);
    }
    if (layout.step_y == 0 || layout.step_x == 0 || layout.step_y > 65536 || layout.step_x > 65536) {
      fail("{} has steps {} and {}", name, layout.step_y, layout.step_x);
    }
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
      if (layout.channel[lane] < -1 || layout.channel[lane] >= std::int64_t{layout.channels}) {
        fail("{} names channel {}, there are {}", name, layout.channel[lane], layout.channels);
      }
      if (std::abs(std::int64_t{layout.offset_y[lane]}) > (1 << 24) ||
          std::abs(std::int64_t{layout.offset_x[lane]}) > (1 << 24)) {
        fail("{} has an offset that is too large", name);
      }
    }
    check_shape(name, layout);
  }

  void check_shape(const std::string& name, const FrameLayout& layout) const {
    if (layout.shape.empty()) return;
    if (layout.shape.size() > 16) fail("{} has {} dimensions", name, layout.shape.size());
    std::uint64_t elements = 1;
    for (const std::int64_t dimension : layout.shape) {
      if (dimension < 1 || dimension > std::int64_t{maximum_elements} ||
          elements * static_cast<std::uint64_t>(dimension) > maximum_elements) {
        fail("{} has a dimension of {}", name, dimension);
      }
      elements *= static_cast<std::uint64_t>(dimension);
    }
    if (elements != std::uint64_t{layout.channels} * layout.tensor_height * layout.tensor_width) {
      fail("{} has {} elements by its shape, {} x {} x {} by its layout", name, elements, layout.channels,
           layout.tensor_height, layout.tensor_width);
    }
  }

  const Program& program_;
  const std::string& source_name_;
};

}  // namespace

void check_program(const Program& program, const std::string& source_name) { Checker(program, source_name).run(); }

}  // namespace northpole::program
