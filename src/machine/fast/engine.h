// The fast engine: a verified program, translated once, run at the speed of the host. Every run gives the bytes of the
// step simulator: outputs, the tensors of Program::locations, cycles and statistics.
//
//   const auto translation = fast::translate(program);      // verifies the program
//   fast::Engine engine(translation);                       // one a thread; the translation is shared
//   engine.run(frame_words, observer);
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "machine/fast/kernel.h"
#include "machine/run_result.h"
#include "program/program.h"

namespace northpole::machine::fast {

// What is the same for all runs and all engines of a program. Safe to share between threads.
struct Translation;

enum class Verified { no, yes };

// Throws northpole::Error for a program that does not verify (unless it is known to: `Verified::yes` skips the proof)
// and for the few that only the step engine runs: those that compute weights or vector constants themselves, or that
// change the meaning of codes within a window. With two `threads` or more the translation follows the proof while that
// goes on.
std::shared_ptr<const Translation> translate(std::shared_ptr<const program::Program> program,
                                             Verified verified = Verified::no, const Kernel& kernel = best_kernel(),
                                             std::uint32_t threads = 1);

class Engine {
 public:
  // `threads` of them share each run; the caller's is one.
  explicit Engine(std::shared_ptr<const Translation> translation, std::uint32_t threads = 1);
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  // One run with this input frame. The observer sees the tensors in the order of their cycles, after the run.
  // Throws northpole::Error for another number of words.
  RunResult run(std::span<const isa::Word> input, const Observer& observer = {});
  // Words of outputs[index] of the last run.
  std::vector<isa::Word> output(std::size_t index) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace northpole::machine::fast
