#include <fmt/format.h>

#include <cstring>

#include "network/error.h"
#include "program/message.h"

namespace northpole::program {
namespace {

// Reads messages of one file; source_name begins its errors.
class Reader {
 public:
  explicit Reader(const std::string& source_name) : source_name_(source_name) {}

  std::uint16_t tag(std::uint32_t value) const {
    if (value > 0xffff) throw Error(fmt::format("{}: tensor tag {} does not fit into 16 bits", source_name_, value));
    return static_cast<std::uint16_t>(value);
  }

  std::uint8_t bits(std::uint32_t value) const {
    if (value > 8) throw Error(fmt::format("{}: elements of {} bits", source_name_, value));
    return static_cast<std::uint8_t>(value);
  }

  std::vector<isa::Word> words(const std::string& bytes) const {
    if (bytes.size() % chip::word_bytes != 0) {
      throw Error(fmt::format("{}: {} bytes are not whole words of {}", source_name_, bytes.size(), chip::word_bytes));
    }
    std::vector<isa::Word> result(bytes.size() / chip::word_bytes);
    if (!bytes.empty()) std::memcpy(result.data(), bytes.data(), bytes.size());
    return result;
  }

  chip::ChipDescription chip(const program_format::Chip& message) const {
    chip::ChipDescription chip;
    chip.rows = message.rows();
    chip.columns = message.columns();
    chip.clock_megahertz = message.clock_megahertz();
    chip.operations_per_multiply_accumulate = message.operations_per_multiply_accumulate();
    chip.banks = message.banks();
    chip.bank_words = message.bank_words();
    chip.weight_blocks = message.weight_blocks();
    chip.partial_sums = message.partial_sums();
    chip.program_words = message.program_words();
    chip.parameters = message.parameters();
    chip.constant_words = message.constant_words();
    chip.vmm_latency = message.vmm_latency();
    chip.vector_latency = message.vector_latency();
    chip.partial_sum_link_cycles = message.partial_sum_link_cycles();
    chip.word_link_cycles = std::max(1U, message.word_link_cycles());
    chip.model_lanes = message.model_lanes();
    chip.frame_words_per_row = message.frame_words_per_row();
    if (message.vector_precision_bits() != 16 && message.vector_precision_bits() != 32) {
      throw Error(fmt::format("{}: vector precision of {} bits, must be 16 or 32", source_name_,
                              message.vector_precision_bits()));
    }
    chip.vector_precision =
        message.vector_precision_bits() == 16 ? chip::VectorPrecision::fp16 : chip::VectorPrecision::fp32;
    return chip;
  }

  FrameLayout frame(const program_format::FrameLayout& message) const {
    FrameLayout layout;
    layout.tensor = message.tensor();
    layout.tag = tag(message.tag());
    layout.base = message.base();
    layout.blocks = message.blocks();
    layout.height = message.height();
    layout.width = message.width();
    layout.split_by_block = message.split_by_block();
    layout.part = message.part();
    layout.frames = message.frames();
    layout.frame_rows = message.frame_rows();
    layout.step_y = message.step_y();
    layout.step_x = message.step_x();
    layout.channel.assign(message.channel().begin(), message.channel().end());
    layout.offset_y.assign(message.offset_y().begin(), message.offset_y().end());
    layout.offset_x.assign(message.offset_x().begin(), message.offset_x().end());
    if (message.padding() > 0xff)
      throw Error(fmt::format("{}: padding {} is not a byte", source_name_, message.padding()));
    layout.padding = static_cast<std::uint8_t>(message.padding());
    layout.shape.assign(message.shape().begin(), message.shape().end());
    layout.channels = message.channels();
    layout.tensor_height = message.tensor_height();
    layout.tensor_width = message.tensor_width();
    layout.is_signed = message.is_signed();
    layout.bits = bits(message.bits());
    layout.scale = message.scale();
    layout.zero_point = message.zero_point();
    for (const auto& listed : message.operations()) layout.operations.push_back(operation(listed));
    return layout;
  }

  static HostOperation operation(const program_format::HostOperation& message) {
    return {message.op(), message.axis(), {message.values().begin(), message.values().end()}};
  }

  TensorLocation location(const program_format::TensorLocation& message) const {
    TensorLocation location;
    location.tensor = message.tensor();
    location.tag = tag(message.tag());
    location.frame = message.frame();
    location.cycle = message.cycle();
    location.channels = message.channels();
    location.height = message.height();
    location.width = message.width();
    location.is_signed = message.is_signed();
    location.bits = bits(message.bits());
    location.scale = message.scale();
    location.zero_point = message.zero_point();
    location.pieces.reserve(message.pieces_size());
    for (const program_format::TensorPiece& piece : message.pieces()) {
      location.pieces.push_back({piece.core(), piece.base(), piece.y0(), piece.y1(), piece.x0(), piece.x1(),
                                 piece.block0(), piece.block1(), piece.pitch_y(), piece.pitch_x()});
    }
    return location;
  }

  static LayerCycles layer(const program_format::LayerCycles& message) {
    LayerCycles layer;
    layer.layer = message.layer();
    layer.first_cycle = message.first_cycle();
    layer.last_cycle = message.last_cycle();
    layer.first_issue = message.first_issue();
    layer.last_issue = message.last_issue();
    layer.multiply_accumulates = message.multiply_accumulates();
    layer.ideal_cycles = message.ideal_cycles();
    layer.arithmetic_bound = message.arithmetic_bound();
    layer.weight_bound = message.weight_bound();
    layer.activation_bound = message.activation_bound();
    layer.partial_sum_bound = message.partial_sum_bound();
    layer.vector_bound = message.vector_bound();
    layer.memory_bound = message.memory_bound();
    layer.waited_inputs = message.waited_inputs();
    layer.waited_weights = message.waited_weights();
    layer.waited_partial_sums = message.waited_partial_sums();
    layer.waited_banks = message.waited_banks();
    layer.waited_programs = message.waited_programs();
    return layer;
  }

 private:
  const std::string& source_name_;
};

}  // namespace

Program from_message(const program_format::Program& message, const std::string& source_name) {
  const Reader reader(source_name);
  Program program;
  program.chip = reader.chip(message.chip());
  for (const auto& section : message.image()) {
    program.image.push_back(
        {section.core(), section.address(), reader.tag(section.tensor()), reader.words(section.words())});
  }
  for (const auto& boot : message.boot()) {
    program.boot.push_back(
        {boot.core(), reader.words(boot.program()), {boot.parameters().begin(), boot.parameters().end()}});
  }
  for (const auto& edge : message.edges())
    program.edges.push_back({reader.words(edge.send()), reader.words(edge.receive())});
  for (const auto& tensor : message.tensors()) program.tensors.push_back({tensor.name(), tensor.layer()});
  for (const auto& segment : message.segments())
    program.segments.push_back({segment.layer(), segment.first_cycle(), segment.last_cycle()});
  for (const auto& layer : message.layers()) program.layers.push_back(Reader::layer(layer));
  for (const auto& location : message.locations()) program.locations.push_back(reader.location(location));
  program.input = reader.frame(message.input());
  for (const auto& output : message.outputs()) program.outputs.push_back(reader.frame(output));
  for (const auto& operation : message.host_operations())
    program.host_operations.push_back(Reader::operation(operation));
  program.cycles = message.cycles();
  program.network = message.network();
  program.picture_transform = message.picture_transform();
  program.classes.assign(message.classes().begin(), message.classes().end());
  program.multiply_accumulates = message.multiply_accumulates();
  program.frames = message.frames();
  return program;
}

}  // namespace northpole::program
