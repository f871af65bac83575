#include "program/message.h"

namespace northpole::program {
namespace {

std::string bytes_of(const std::vector<isa::Word>& words) {
  std::string bytes;
  bytes.reserve(words.size() * chip::word_bytes);
  for (const isa::Word& word : words) bytes.append(reinterpret_cast<const char*>(word.data()), word.size());
  return bytes;
}

void write_chip(const chip::ChipDescription& chip, program_format::Chip& message) {
  message.set_rows(chip.rows);
  message.set_columns(chip.columns);
  message.set_clock_megahertz(chip.clock_megahertz);
  message.set_operations_per_multiply_accumulate(chip.operations_per_multiply_accumulate);
  message.set_banks(chip.banks);
  message.set_bank_words(chip.bank_words);
  message.set_weight_blocks(chip.weight_blocks);
  message.set_partial_sums(chip.partial_sums);
  message.set_program_words(chip.program_words);
  message.set_parameters(chip.parameters);
  message.set_constant_words(chip.constant_words);
  message.set_vmm_latency(chip.vmm_latency);
  message.set_vector_latency(chip.vector_latency);
  message.set_partial_sum_link_cycles(chip.partial_sum_link_cycles);
  message.set_word_link_cycles(chip.word_link_cycles);
  message.set_model_lanes(chip.model_lanes);
  message.set_frame_words_per_row(chip.frame_words_per_row);
  message.set_vector_precision_bits(chip.vector_precision == chip::VectorPrecision::fp16 ? 16 : 32);
}

void write_operation(const HostOperation& operation, program_format::HostOperation& message) {
  message.set_op(operation.op);
  message.set_axis(operation.axis);
  message.mutable_values()->Assign(operation.values.begin(), operation.values.end());
}

void write_frame(const FrameLayout& layout, program_format::FrameLayout& message) {
  message.set_tensor(layout.tensor);
  message.set_tag(layout.tag);
  message.set_base(layout.base);
  message.set_blocks(layout.blocks);
  message.set_height(layout.height);
  message.set_width(layout.width);
  message.set_split_by_block(layout.split_by_block);
  message.set_part(layout.part);
  message.set_frames(layout.frames);
  message.set_frame_rows(layout.frame_rows);
  message.set_step_y(layout.step_y);
  message.set_step_x(layout.step_x);
  message.mutable_channel()->Assign(layout.channel.begin(), layout.channel.end());
  message.mutable_offset_y()->Assign(layout.offset_y.begin(), layout.offset_y.end());
  message.mutable_offset_x()->Assign(layout.offset_x.begin(), layout.offset_x.end());
  message.set_padding(layout.padding);
  message.mutable_shape()->Assign(layout.shape.begin(), layout.shape.end());
  message.set_channels(layout.channels);
  message.set_tensor_height(layout.tensor_height);
  message.set_tensor_width(layout.tensor_width);
  message.set_is_signed(layout.is_signed);
  message.set_bits(layout.bits);
  message.set_scale(layout.scale);
  message.set_zero_point(layout.zero_point);
  for (const HostOperation& operation : layout.operations) write_operation(operation, *message.add_operations());
}

void write_location(const TensorLocation& location, program_format::TensorLocation& message) {
  message.set_tensor(location.tensor);
  message.set_tag(location.tag);
  message.set_frame(location.frame);
  message.set_cycle(location.cycle);
  message.set_channels(location.channels);
  message.set_height(location.height);
  message.set_width(location.width);
  message.set_is_signed(location.is_signed);
  message.set_bits(location.bits);
  message.set_scale(location.scale);
  message.set_zero_point(location.zero_point);
  for (const TensorPiece& piece : location.pieces) {
    program_format::TensorPiece& written = *message.add_pieces();
    written.set_core(piece.core);
    written.set_base(piece.base);
    written.set_y0(piece.y0);
    written.set_y1(piece.y1);
    written.set_x0(piece.x0);
    written.set_x1(piece.x1);
    written.set_block0(piece.block0);
    written.set_block1(piece.block1);
    written.set_pitch_y(piece.pitch_y);
    written.set_pitch_x(piece.pitch_x);
  }
}

void write_segment(const Segment& segment, program_format::Segment& message) {
  message.set_layer(segment.layer);
  message.set_first_cycle(segment.first_cycle);
  message.set_last_cycle(segment.last_cycle);
}

void write_layer(const LayerCycles& layer, program_format::LayerCycles& message) {
  message.set_layer(layer.layer);
  message.set_first_cycle(layer.first_cycle);
  message.set_last_cycle(layer.last_cycle);
  message.set_first_issue(layer.first_issue);
  message.set_last_issue(layer.last_issue);
  message.set_multiply_accumulates(layer.multiply_accumulates);
  message.set_ideal_cycles(layer.ideal_cycles);
  message.set_arithmetic_bound(layer.arithmetic_bound);
  message.set_weight_bound(layer.weight_bound);
  message.set_activation_bound(layer.activation_bound);
  message.set_partial_sum_bound(layer.partial_sum_bound);
  message.set_vector_bound(layer.vector_bound);
  message.set_memory_bound(layer.memory_bound);
  message.set_waited_inputs(layer.waited_inputs);
  message.set_waited_weights(layer.waited_weights);
  message.set_waited_partial_sums(layer.waited_partial_sums);
  message.set_waited_banks(layer.waited_banks);
  message.set_waited_programs(layer.waited_programs);
}

}  // namespace

program_format::Program to_message(const Program& program) {
  program_format::Program message;
  write_chip(program.chip, *message.mutable_chip());
  for (const ImageSection& section : program.image) {
    program_format::ImageSection& written = *message.add_image();
    written.set_core(section.core);
    written.set_address(section.address);
    written.set_tensor(section.tensor);
    written.set_words(bytes_of(section.words));
  }
  for (const Boot& boot : program.boot) {
    program_format::Boot& written = *message.add_boot();
    written.set_core(boot.core);
    written.set_program(bytes_of(boot.program));
    written.mutable_parameters()->Assign(boot.parameters.begin(), boot.parameters.end());
  }
  for (const Edge& edge : program.edges) {
    program_format::Edge& written = *message.add_edges();
    written.set_send(bytes_of(edge.send));
    written.set_receive(bytes_of(edge.receive));
  }
  for (const TensorName& tensor : program.tensors) {
    program_format::TensorName& written = *message.add_tensors();
    written.set_name(tensor.name);
    written.set_layer(tensor.layer);
  }
  for (const Segment& segment : program.segments) write_segment(segment, *message.add_segments());
  for (const LayerCycles& layer : program.layers) write_layer(layer, *message.add_layers());
  for (const TensorLocation& location : program.locations) write_location(location, *message.add_locations());
  write_frame(program.input, *message.mutable_input());
  for (const FrameLayout& output : program.outputs) write_frame(output, *message.add_outputs());
  for (const HostOperation& operation : program.host_operations) {
    write_operation(operation, *message.add_host_operations());
  }
  message.set_cycles(program.cycles);
  message.set_network(program.network);
  message.set_picture_transform(program.picture_transform);
  for (const std::string& name : program.classes) message.add_classes(name);
  message.set_multiply_accumulates(program.multiply_accumulates);
  message.set_frames(program.frames);
  return message;
}

}  // namespace northpole::program
