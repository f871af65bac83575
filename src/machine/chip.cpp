#include "northpole/chip.h"

#include <fmt/format.h>

#include "chip/difference.h"
#include "machine/frame.h"
#include "machine/step/simulator.h"
#include "network/error.h"

namespace northpole {

struct Chip::State {
  chip::ChipDescription description;
  std::shared_ptr<const program::Program> program;
  std::unique_ptr<machine::step::Simulator> simulator;
  std::vector<isa::Word> input;
  bool sound = false;  // the last run was

  const program::Program& configured() const {
    if (!program) throw Error("the chip is not configured");
    return *program;
  }
};

Chip::Chip(const chip::ChipDescription& description) : state_(std::make_unique<State>()) {
  chip::check(description, "chip");
  state_->description = description;
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
  state_->simulator.reset();  // before the new one needs its memory
  state_->simulator = std::make_unique<machine::step::Simulator>(program);
  state_->program = std::move(program);
  state_->input.clear();
  state_->sound = false;
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
  state_->configured();
  state_->sound = false;
  machine::RunResult result = state_->simulator->run(state_->input, observer);
  state_->sound = !result.fault;
  return result;
}

std::vector<isa::Word> Chip::read_output_words(std::size_t index) const {
  const program::Program& program = state_->configured();
  if (!state_->sound) throw Error("there is no output: the network was not run, or the run stopped with a fault");
  if (index >= program.outputs.size())
    throw Error(fmt::format("output {} does not exist, the program has {}", index, program.outputs.size()));
  return state_->simulator->output(index);
}

std::vector<std::uint8_t> Chip::read_output(std::size_t index) const {
  const std::vector<isa::Word> words = read_output_words(index);
  return machine::unpack_frame(state_->program->outputs[index], words);
}

}  // namespace northpole
