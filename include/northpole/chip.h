// The machine as it looks from outside: an active memory with three commands - write input, run network, read output.
//
//   northpole::Chip chip(program.chip);
//   chip.configure(program);
//   chip.write_input(codes);                    // the input tensor's codes, frames x channels x height x width
//   const auto result = chip.run_network();
//   if (!result.fault) use(chip.read_output());
//
// Nothing else goes in or out: the network's data moves by the program's own instructions alone.
//
// Two engines give the same bytes, cycles and statistics: `step` runs every cycle of every core and checks every rule
// while it does; `fast` proves the program sound when it is configured, and then runs it as matrix products of the host.
// Different Chip objects may be used by different threads at the same time.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "chip/chip_description.h"
#include "machine/run_result.h"
#include "program/program.h"

namespace northpole {

enum class EngineKind : std::uint8_t { step, fast };

class Chip {
 public:
  // Throws northpole::Error for a description that no machine can have. `threads` share each run of the fast engine.
  explicit Chip(const chip::ChipDescription& description, EngineKind engine = EngineKind::fast,
                std::uint32_t threads = 1);
  Chip(Chip&&) noexcept;
  Chip& operator=(Chip&&) noexcept;
  ~Chip();

  // Loads memory image, boot programs, parameters and the edge units' instructions. Throws northpole::Error for a
  // program that was made for another chip, naming the first key of the description that differs. A program that does
  // not fit its own chip, or is unsound otherwise, is a fault of its first run.
  void configure(program::Program program);
  void configure(std::shared_ptr<const program::Program> program);  // shared with the caller, not copied
  // The same for another chip of the same description: what configuring the first one worked out is shared.
  void configure_as(const Chip& other);

  // What runs the configured program: the engine asked for, but `step` for programs that are unsound or that only the
  // step engine knows to run (machine/fast/engine.h lists them).
  EngineKind engine() const;

  // Puts all frames of a run (Program::frames) into the frame buffer: the input tensor's codes (frames x channels x
  // height x width, one a byte, signed ones as two's complement), or the frames' words as machine/frame.h packs them.
  // Throws northpole::Error for another number of either. The frames stay for later runs. A program without input needs
  // none.
  void write_input(const std::vector<std::uint8_t>& codes);
  void write_input_words(std::vector<isa::Word> words);

  // One run. A fault comes back as a value; everything else about the run is in the result too. With an observer, every
  // tensor of Program::locations is shown to it, in the order in which they are complete.
  machine::RunResult run_network(const machine::Observer& observer = {});

  // All frames of Program::outputs[index] as codes (frames x channels x height x width) or words. Throws northpole::Error when
  // the last run was not sound or there is no such output.
  std::vector<std::uint8_t> read_output(std::size_t index = 0) const;
  std::vector<isa::Word> read_output_words(std::size_t index = 0) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace northpole
