#include "northpole/chip.h"

#include <fmt/format.h>

#include "chip/difference.h"
#include "machine/fast/engine.h"
#include "machine/frame.h"
#include "machine/step/simulator.h"
#include "network/error.h"

namespace northpole {

struct Chip::State {
  chip::ChipDescription description;
  EngineKind wanted = EngineKind::fast;
  std::uint32_t threads = 1;
  std::shared_ptr<const program::Program> program;
  std::unique_ptr<machine::step::Simulator> simulator;  // once it is needed
  std::shared_ptr<const machine::fast::Translation> translation;
  std::unique_ptr<machine::fast::Engine> fast;  // where there is a translation
  std::vector<isa::Word> input;
  bool sound = false;    // the last run was
  bool by_step = false;  // the step simulator did it

  const program::Program& configured() const {
    if (!program) throw Error("the chip is not configured");
    return *program;
  }
  // Nothing of an earlier program is left, so that the new one can have its memory.
  void take(std::shared_ptr<const program::Program> other) {
    simulator.reset();
    fast.reset();
    translation.reset();
    input.clear();
    sound = false;
    program = std::move(other);
  }
  void translate() {
    if (wanted != EngineKind::fast) return;
    try {
      translation =
          machine::fast::translate(program, machine::fast::Verified::no, machine::fast::best_kernel(), threads);
    } catch (const Error&) {
      // It is unsound, or one of those that only the step engine runs.
    }
  }
  machine::step::Simulator& step() {
    if (!simulator) simulator = std::make_unique<machine::step::Simulator>(program);
    return *simulator;
  }
};

Chip::Chip(const chip::ChipDescription& description, EngineKind engine, std::uint32_t threads)
    : state_(std::make_unique<State>()) {
  chip::check(description, "chip");
  state_->description = description;
  state_->wanted = engine;
  state_->threads = threads;
}
Chip::Chip(Chip&&) noexcept = default;
Chip& Chip::operator=(Chip&&) noexcept = default;
Chip::~Chip() = default;

void Chip::configure(program::Program program) {
  configure(std::make_shared<const program::Program>(std::move(program)));
}

void Chip::configure(std::shared_ptr<const program::Program> program) {
  const std::string different = chip::difference(program->chip, "the program", state_->description, "this chip");
  if (!different.empty()) {
    throw Error(fmt::format("program of '{}': made for another chip: {}; compile the network for this chip",
                            program->network, different));
  }
  state_->take(std::move(program));
  state_->translate();
  if (state_->translation) state_->fast = std::make_unique<machine::fast::Engine>(state_->translation, state_->threads);
}

void Chip::configure_as(const Chip& other) {
  if (!(other.state_->description == state_->description))
    throw Error("chips of different descriptions cannot share a configuration");
  other.state_->configured();
  if (&other == this) return;
  state_->take(other.state_->program);
  if (state_->wanted != EngineKind::fast) return;
  state_->translation = other.state_->translation;
  if (!state_->translation && other.state_->wanted != EngineKind::fast) state_->translate();
  if (state_->translation) state_->fast = std::make_unique<machine::fast::Engine>(state_->translation, state_->threads);
}

EngineKind Chip::engine() const {
  state_->configured();
  return state_->fast ? EngineKind::fast : EngineKind::step;
}

void Chip::write_input(const std::vector<std::uint8_t>& codes) {
  write_input_words(machine::pack_frame(state_->configured().input, codes));
}

void Chip::write_input_words(std::vector<isa::Word> words) {
  const std::uint64_t expected = machine::frame_words(state_->configured().input);
  if (words.size() != expected)
    throw Error(fmt::format("input frame of {} words, the program takes {}", words.size(), expected));
  state_->input = std::move(words);
}

machine::RunResult Chip::run_network(const machine::Observer& observer) {
  const program::Program& program = state_->configured();
  state_->sound = false;
  // Without its input frame even a sound program may stop with a fault.
  state_->by_step = !state_->fast || state_->input.size() != machine::frame_words(program.input);
  machine::RunResult result =
      state_->by_step ? state_->step().run(state_->input, observer) : state_->fast->run(state_->input, observer);
  state_->sound = !result.fault;
  return result;
}

std::vector<isa::Word> Chip::read_output_words(std::size_t index) const {
  const program::Program& program = state_->configured();
  if (!state_->sound) throw Error("there is no output: the network was not run, or the run stopped with a fault");
  if (index >= program.outputs.size())
    throw Error(fmt::format("output {} does not exist, the program has {}", index, program.outputs.size()));
  return state_->by_step ? state_->step().output(index) : state_->fast->output(index);
}

std::vector<std::uint8_t> Chip::read_output(std::size_t index) const {
  const std::vector<isa::Word> words = read_output_words(index);
  return machine::unpack_frame(state_->program->outputs[index], words);
}

}  // namespace northpole
