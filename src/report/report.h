// A program in figures: how fast it is, where its cycles go, what it holds where.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "energy/energy.h"
#include "energy/event_counts.h"
#include "energy/space.h"
#include "energy/time.h"
#include "program/program.h"
#include "report/run_instructions.h"

namespace northpole::report {

// Names of what bounds a layer and of what it waits for, in the order of LayerReport's arrays.
inline constexpr std::array bound_names = {"arithmetic",   "weights",     "activations",
                                           "partial sums", "vector unit", "memory"};
inline constexpr std::array wait_names = {"inputs", "weights", "partial sums", "banks", "programs"};

// Of a whole run, all its frames. Bounds and waiting are the compiler's account (program::LayerCycles); all zero where
// it gives none.
struct LayerReport {
  std::string name;          // of the network's node
  std::uint64_t cycles = 0;  // that it took: from the last issue of the layer before (from the run's start) to its own
  std::uint64_t first_cycle = 0, last_cycle = 0, first_issue = 0, last_issue = 0;
  std::uint64_t multiply_accumulates = 0;
  std::uint64_t ideal_cycles = 0;  // these at full rate on every core
  std::array<std::uint64_t, bound_names.size()> bounds{};
  std::uint64_t bound_cycles = 0;  // the largest of them
  std::string bound;               // its name; empty where none is known
  std::array<std::uint64_t, wait_names.size()> waited{};
  std::uint64_t segments = 0;  // programs that each core runs for it
  double utilisation() const {
    return cycles == 0 ? 0 : static_cast<double>(ideal_cycles) / static_cast<double>(cycles);
  }
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
  std::uint64_t frames = 1;          // that a run processes together
  std::uint64_t cycles = 0;          // of a run
  std::uint64_t latency_cycles = 0;  // of a run, first input word to last output word
  double clock_megahertz = 0;
  std::uint32_t operations_per_multiply_accumulate = 2;
  std::uint64_t multiply_accumulates = 0;  // a frame
  std::vector<LayerReport> layers;         // in the order of their last issues
  std::uint64_t cycles_after_layers = 0;   // of a run, after the last issue of the last layer
  // Sums over the layers.
  std::uint64_t ideal_cycles = 0, bound_cycles = 0;
  // Bytes of the memory image, by what they are for, over all cores.
  std::uint64_t weights = 0, constants = 0, programs = 0, other = 0;
  std::uint64_t edge_instructions = 0;  // bytes
  std::uint64_t file = 0;               // bytes of the program file
  MemoryReport memory;
  std::uint32_t cores = 0, rows = 0;
  BusyCycles busy;  // of a run, by thread
  // Of a run. Where counts.problem says that not everything could be counted, the energy means nothing.
  energy::EventCounts counts;
  energy::Energy energy;
  energy::Space space;
  energy::Time time;
  std::vector<std::string> host_operations;
  std::string problem;  // empty, or why the programs could not be followed, and the memory is that of the image alone

  double cycles_per_frame() const { return static_cast<double>(cycles) / static_cast<double>(frames); }
  double seconds(double of_cycles) const { return of_cycles / (clock_megahertz * 1e6); }
  // Of runs one after another.
  double frames_per_second() const { return cycles == 0 ? 0 : 1 / seconds(cycles_per_frame()); }
  double multiply_accumulates_per_second() const {
    return static_cast<double>(multiply_accumulates) * frames_per_second();
  }
  double utilisation() const {
    return cycles == 0 ? 0 : static_cast<double>(ideal_cycles) / static_cast<double>(cycles);
  }
};

// What binds layers, and how much of the run these take.
struct Bottleneck {
  std::string name;  // of bound_names
  std::uint64_t layers = 0, cycles = 0;
};
// Those that bind any, the one whose layers take the most cycles first.
std::vector<Bottleneck> bottlenecks(const Report& report);

// `file_bytes`: the size of the program's file.
Report report_of(const program::Program& program, std::uint64_t file_bytes);

// At most 100 columns wide. Says of every figure where it comes from.
std::string to_text(const Report& report);
// docs/command-line.md lists the keys.
std::string to_json(const Report& report);

}  // namespace northpole::report
