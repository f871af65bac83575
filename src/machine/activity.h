// What one unit (a core, or a row's edge unit) did in a run of the step simulator, counted where it happens. The energy
// model counts the same from the schedule alone (energy/event_counts.h); tests hold the two against each other.
#pragma once

#include <array>
#include <cstdint>

#include "isa/vector_function.h"

namespace northpole::machine {

struct Activity {
  std::uint64_t events = 0;                                // of all its threads
  std::uint64_t instruction_words = 0;                     // of the instructions that it fetched
  std::array<std::array<std::uint64_t, 3>, 3> products{};  // activations x weights of one vector-matrix product, by
                                                           // widths of activation and weight: 8, 4, 2 bit
  std::uint64_t weight_words_used = 0;     // of blocks that replaced another one in front of the multipliers
  std::uint64_t weight_words_written = 0;  // into the weight buffer
  // Vectors of partial sums. The VMM's are read and written when its accumulators turn to another sum.
  std::uint64_t sums_read = 0, sums_written = 0, sums_added = 0, sums_sent = 0;
  std::uint64_t memory_words_read = 0, memory_bytes_written = 0;
  std::uint64_t frame_words_read = 0, frame_words_written = 0;
  std::uint64_t constant_words_loaded = 0, constant_words_read = 0;  // read: numbers for lanes, functions apart
  std::uint64_t program_words_received = 0, parameter_words_loaded = 0;
  // Vectors of 32 lanes.
  std::uint64_t requantized = 0, compared = 0;
  std::array<std::array<std::uint64_t, 3>, 11> results{};  // by isa::VectorOperation and isa::VectorSecond
  // Words times links, of what it sent.
  std::uint64_t activation_hops = 0, model_hops = 0, instruction_hops = 0;
};

}  // namespace northpole::machine
