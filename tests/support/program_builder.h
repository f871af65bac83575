// Small programs made by hand for tests of the verifier and of the simulators. A test says which instruction has
// its first event in which cycle; the builder works out delays, directories and the memory image, and adds what
// every legal program needs: at `load_cycle` each core sends itself a second program, all threads switch to it at
// `switch_cycle`, and it brings half 0 back to what configure put there.
#pragma once

#include <cstdint>
#include <vector>

#include "program/program.h"
#include "support/instructions.h"

namespace northpole::tests {

// 1 x 2 cores, everything small; latencies as on the real machine.
chip::ChipDescription small_chip(std::uint32_t rows = 1, std::uint32_t columns = 2);

class ProgramBuilder {
 public:
  explicit ProgramBuilder(const chip::ChipDescription& chip = small_chip());

  // The instruction's first event is in cycle `start` of the core's boot program. Instructions of one thread in
  // the order of their cycles. Returns where the instruction is, for `instruction()`.
  std::size_t at(std::uint64_t start, std::uint32_t core, isa::Instruction instruction);
  void edge_send(std::uint64_t start, std::uint32_t row, isa::Instruction instruction);
  void edge_receive(std::uint64_t start, std::uint32_t row, isa::Instruction instruction);

  // Words of the memory image: `count` words that are different from each other, or given ones. The image above
  // `reserved_address()` is the builder's.
  void image(std::uint32_t core, std::uint16_t address, std::uint16_t tensor, std::size_t count);
  void image(std::uint32_t core, std::uint16_t address, std::uint16_t tensor, std::vector<isa::Word> words);
  std::uint16_t reserved_address() const;

  // Parameters that configure loads (and the second program loads again).
  void boot_parameters(std::uint32_t core, std::vector<std::uint32_t> values);
  // Instructions of a thread in the second program, before its own; `delay` counts as in the instruction.
  void second(std::uint32_t core, isa::Thread thread, isa::Instruction instruction);
  // Moves a thread's switch to the second program by some cycles.
  void move_switch(std::uint32_t core, isa::Thread thread, int cycles);
  // The second program does not bring back the boot program, or not the parameters.
  void without_reload() { reload_program_ = false; }
  void without_parameters() { reload_parameters_ = false; }

  // Frames: `words` words of tag `tag` from address `base` on, on one row after the other.
  void input_frame(std::uint16_t tag, std::uint32_t base, std::uint32_t words);
  void output_frame(std::uint16_t tag, std::uint32_t base, std::uint32_t words);

  // Cycle in which the loading of the second program starts; by default long after the last event.
  void load_at(std::uint64_t cycle) { load_cycle_ = cycle; }
  // May be called again after more was added.
  program::Program build();

  // After build():
  std::uint64_t load_cycle() const { return load_cycle_; }
  std::uint64_t switch_cycle() const { return switch_cycle_; }
  static constexpr std::uint16_t image_tensor = 1, program_tensor = 2;

 private:
  struct Timed {
    std::uint64_t start;
    isa::Instruction instruction;
  };
  using Threads = std::array<std::vector<Timed>, isa::thread_count>;
  struct Core {
    Threads boot;
    std::array<std::vector<isa::Instruction>, isa::thread_count> second;
    std::array<int, isa::thread_count> switch_moved{};
    std::vector<std::uint32_t> parameters;
  };

  std::vector<isa::Word> second_program(std::uint32_t core, std::size_t boot_words) const;
  std::vector<isa::Word> boot_program(std::uint32_t core, std::size_t second_words) const;
  std::uint16_t boot_address(std::size_t second_words) const;

  chip::ChipDescription chip_;
  std::vector<Core> cores_;
  std::vector<std::vector<Timed>> edge_send_, edge_receive_;
  std::vector<program::ImageSection> image_;
  program::FrameLayout input_;
  std::vector<program::FrameLayout> outputs_;
  bool reload_program_ = true, reload_parameters_ = true;
  std::uint64_t load_cycle_ = 0, switch_cycle_ = 0;
};

// First event to last event of an instruction, in cycles.
std::uint64_t duration(const isa::Instruction& instruction);

}  // namespace northpole::tests
