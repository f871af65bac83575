// What a run does, by kinds of events that cost energy. docs/energy.md says of each what is counted and what it costs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace northpole::energy {

// Units are in names(). Everything is counted as the machine does it, unused lanes of a word included: a word has no
// half.
enum class Event : std::uint8_t {
  // Vector-matrix unit. Multiply-accumulates by the widths of activation x weight.
  multiply_accumulate_8x8,
  multiply_accumulate_8x4,
  multiply_accumulate_8x2,
  multiply_accumulate_4x4,
  multiply_accumulate_4x2,
  multiply_accumulate_2x2,
  accumulator_update,  // a lane's dot product joins its 32-bit accumulator
  // Vector unit, by lane.
  requantization,        // a partial sum plus bias, times scale, rounded to a whole number
  vector_operation,      // one rounded operation (multiply, add, compare) of the vector precision
  activation_function,   // an exponential with its division
  output_rounding,       // a result rounded, saturated and packed to a code
  partial_sum_addition,  // two 32-bit partial sums added on the partial-sum network's way
  // Memories and buffers, in bytes.
  memory_read,
  memory_write,
  weight_buffer_read,
  weight_buffer_write,
  partial_sum_buffer_read,
  partial_sum_buffer_write,
  constant_register_read,
  constant_register_write,
  program_buffer_read,
  program_buffer_write,
  parameter_register_write,
  frame_buffer_read,
  frame_buffer_write,
  // Networks: bytes times links that they pass.
  activation_network,
  partial_sum_network,
  model_network,
  instruction_network,
  instruction_issue,  // an event of a thread
  // Host link, in bytes.
  host_input,
  host_output,
};
inline constexpr std::size_t event_kinds = static_cast<std::size_t>(Event::host_output) + 1;

struct EventName {
  const char* key;   // in JSON: "memory_read_bytes"
  const char* text;  // for people: "core memory, read"
  const char* unit;  // "operations", "bytes", "byte hops", "issues"
};
const EventName& name(Event event);

using Counts = std::array<std::uint64_t, event_kinds>;

inline std::uint64_t& of(Counts& counts, Event event) { return counts[static_cast<std::size_t>(event)]; }
inline std::uint64_t of(const Counts& counts, Event event) { return counts[static_cast<std::size_t>(event)]; }
inline void add(Counts& to, const Counts& other) {
  for (std::size_t i = 0; i < event_kinds; ++i) to[i] += other[i];
}

// The event of multiply-accumulates of these widths; widths are 8, 4 or 2, the weight's at most the activation's.
Event multiply_accumulate(std::uint32_t activation_bits, std::uint32_t weight_bits);
// Multiply-accumulates of all widths.
std::uint64_t multiply_accumulates(const Counts& counts);

// The networks on the chip, in the order of their events.
enum class Network : std::uint8_t { activation, partial_sum, model, instruction };
inline constexpr std::size_t network_count = 4;
const char* name(Network network);

}  // namespace northpole::energy
