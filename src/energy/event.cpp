#include "energy/event.h"

namespace northpole::energy {
namespace {

constexpr std::array<EventName, event_kinds> names = {{
    {"multiply_accumulates_8x8", "multiply-accumulate, 8 x 8 bit", "operations"},
    {"multiply_accumulates_8x4", "multiply-accumulate, 8 x 4 bit", "operations"},
    {"multiply_accumulates_8x2", "multiply-accumulate, 8 x 2 bit", "operations"},
    {"multiply_accumulates_4x4", "multiply-accumulate, 4 x 4 bit", "operations"},
    {"multiply_accumulates_4x2", "multiply-accumulate, 4 x 2 bit", "operations"},
    {"multiply_accumulates_2x2", "multiply-accumulate, 2 x 2 bit", "operations"},
    {"accumulator_updates", "accumulator update", "operations"},
    {"requantizations", "requantization", "operations"},
    {"vector_operations", "vector operation", "operations"},
    {"activation_functions", "activation function", "operations"},
    {"output_roundings", "output rounding", "operations"},
    {"partial_sum_additions", "partial-sum addition", "operations"},
    {"memory_read_bytes", "core memory, read", "bytes"},
    {"memory_write_bytes", "core memory, written", "bytes"},
    {"weight_buffer_read_bytes", "weight buffer, read", "bytes"},
    {"weight_buffer_write_bytes", "weight buffer, written", "bytes"},
    {"partial_sum_buffer_read_bytes", "partial-sum buffer, read", "bytes"},
    {"partial_sum_buffer_write_bytes", "partial-sum buffer, written", "bytes"},
    {"constant_register_read_bytes", "constant registers, read", "bytes"},
    {"constant_register_write_bytes", "constant registers, written", "bytes"},
    {"program_buffer_read_bytes", "program buffer, read", "bytes"},
    {"program_buffer_write_bytes", "program buffer, written", "bytes"},
    {"parameter_register_write_bytes", "parameter registers, written", "bytes"},
    {"frame_buffer_read_bytes", "frame buffer, read", "bytes"},
    {"frame_buffer_write_bytes", "frame buffer, written", "bytes"},
    {"activation_network_byte_hops", "activation network", "byte hops"},
    {"partial_sum_network_byte_hops", "partial-sum network", "byte hops"},
    {"model_network_byte_hops", "model network", "byte hops"},
    {"instruction_network_byte_hops", "instruction network", "byte hops"},
    {"instruction_issues", "instruction issue", "issues"},
    {"host_input_bytes", "host link, in", "bytes"},
    {"host_output_bytes", "host link, out", "bytes"},
}};

}  // namespace

const EventName& name(Event event) { return names[static_cast<std::size_t>(event)]; }

Event multiply_accumulate(std::uint32_t activation_bits, std::uint32_t weight_bits) {
  if (activation_bits == 8) {
    return weight_bits == 8   ? Event::multiply_accumulate_8x8
           : weight_bits == 4 ? Event::multiply_accumulate_8x4
                              : Event::multiply_accumulate_8x2;
  }
  if (activation_bits == 4) return weight_bits == 4 ? Event::multiply_accumulate_4x4 : Event::multiply_accumulate_4x2;
  return Event::multiply_accumulate_2x2;
}

std::uint64_t multiply_accumulates(const Counts& counts) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(Event::multiply_accumulate_2x2); ++i) sum += counts[i];
  return sum;
}

const char* name(Network network) {
  constexpr std::array names_of_networks = {"activation", "partial_sum", "model", "instruction"};
  return names_of_networks[static_cast<std::size_t>(network)];
}

}  // namespace northpole::energy
