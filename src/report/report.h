// A program in figures: how fast it is, where its cycles go, what it holds where.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "program/program.h"

namespace northpole::report {

struct LayerReport {
  std::string name;                   // of the network's node, or "boot", "input ..", "output .."
  std::uint64_t cycles = 0;           // from the layer's first to its last
  std::uint64_t transfer_cycles = 0;  // of these, bringing inputs before arithmetic can start
  std::uint64_t compute_cycles = 0;   // from the first to the last issue
  std::uint64_t multiply_accumulates = 0;
  std::uint64_t segments = 0;          // programs that each core runs for it
  std::string bound;                   // what it waits for most
  double arithmetic_bound_cycles = 0;  // multiply_accumulates on all cores with no lane idle
};

struct MemoryReport {      // bytes of the cores' memories
  std::uint64_t core = 0;  // what one core has
  // In use at any time of a run: memory image and everything that is written.
  std::uint64_t largest = 0, largest_core = 0;
  double mean = 0;
  // Of these, the memory image.
  std::uint64_t image_largest = 0;
  double image_mean = 0;
};

struct Report {
  std::string network;
  std::uint64_t batch = 1;
  std::uint64_t cycles_per_frame = 0, latency_cycles = 0;
  double clock_megahertz = 0, frames_per_second = 0, latency_seconds = 0;
  std::uint64_t multiply_accumulates = 0;  // a frame
  double arithmetic_bound_cycles_per_frame = 0;
  std::vector<LayerReport> layers;  // in the order of their first cycles
  // Bytes of the memory image, by what they are for, over all cores.
  std::uint64_t weights = 0, constants = 0, programs = 0, other = 0;
  std::uint64_t edge_instructions = 0;  // bytes
  std::uint64_t file = 0;               // bytes of the program file
  MemoryReport memory;
  std::vector<std::string> host_operations;
  std::string problem;  // empty, or why the programs could not be followed, and the memory is that of the image alone
};

// `file_bytes`: the size of the program's file.
Report report_of(const program::Program& program, std::uint64_t file_bytes);

// At most 100 columns wide.
std::string to_text(const Report& report);
// docs/command-line.md lists the keys.
std::string to_json(const Report& report);

}  // namespace northpole::report
