// Accesses to the cores' memories, and what the memory thread does.
#include <fmt/format.h>

#include <bit>

#include "machine/step/simulator.h"

namespace northpole::machine::step {

void Simulator::bank_conflict(bool edge, std::uint32_t unit, std::uint32_t bank, const Actor& actor) {
  stop(FaultKind::bank_conflict, actor, edge ? std::string("frame buffer") : fmt::format("bank {}", bank),
       bank_resource(edge, unit, bank));
}

void Simulator::wrong_address(std::uint32_t address, const Actor& actor) {
  stop(FaultKind::address, actor,
       fmt::format("memory address {}, the memory has {} words", address, memory_.unit_words()));
}

const isa::Word& Simulator::read(std::uint32_t core, std::uint32_t address, std::uint16_t tag, const Actor& actor,
                                 bool* image) {
  check_address(address, actor);
  use_bank(memory_, false, core, address, actor);
  const WordState state = memory_.state(core, address);
  if (!all_written(state)) [[unlikely]] {
    stop(FaultKind::unwritten, actor,
         fmt::format("read of memory address {}{}", address,
                     state == unwritten ? "" : ", of which only some parts are written"));
  }
  if (static_cast<std::uint16_t>(state) != tag) [[unlikely]] {
    stop(FaultKind::wrong_tensor, actor,
         fmt::format("read of memory address {}, which holds tensor {} instead of {}", address,
                     tensor_name(static_cast<std::uint16_t>(state)), tensor_name(tag)),
         {Resource::Type::word, Network::activations, core, address, 0});
  }
  ++activity_[core].memory_words_read;
  if (image) *image = (state & image_bit) != 0;
  return memory_.word(core, address);
}

// The state of a word that is about to be written.
WordState& Simulator::writable(std::uint32_t core, std::uint32_t address, const Actor& actor) {
  check_address(address, actor);
  use_bank(memory_, false, core, address, actor);
  WordState& state = memory_.state(core, address);
  if (state & image_bit) [[unlikely]] {
    stop(FaultKind::image_overwritten, actor,
         fmt::format("write to memory address {}, which holds {}", address,
                     tensor_name(static_cast<std::uint16_t>(state))));
  }
  return state;
}

void Simulator::write(std::uint32_t core, std::uint32_t address, std::uint16_t tag, const isa::Word& word,
                      const Actor& actor, Quarters quarters) {
  writable(core, address, actor) = written_quarters(quarters) | tag;
  memory_.word(core, address) = word;
  activity_[core].memory_bytes_written += quarter_bytes * static_cast<std::uint32_t>(std::popcount(quarters));
  note({Resource::Type::word, Network::activations, core, address, 0}, actor);
}

// More quarters of a word that an earlier output of the same tensor began.
void Simulator::write_further(const DelayedWrite& delayed) {
  const std::uint32_t address = delayed.address;
  WordState& state = writable(delayed.core, address, delayed.actor);
  const Resource resource{Resource::Type::word, Network::activations, delayed.core, address, 0};
  if (state == unwritten) {
    stop(FaultKind::unwritten, delayed.actor,
         fmt::format("a further part of the word at memory address {}, which nobody began", address));
  }
  if (static_cast<std::uint16_t>(state) != delayed.tag) {
    stop(FaultKind::wrong_tensor, delayed.actor,
         fmt::format("a further part of the word at memory address {}, which holds tensor {} instead of {}", address,
                     tensor_name(static_cast<std::uint16_t>(state)), tensor_name(delayed.tag)),
         resource);
  }
  if (state & written_quarters(delayed.quarters)) {
    stop(FaultKind::overwritten, delayed.actor,
         fmt::format("a part of the word at memory address {} that is written already", address), resource);
  }
  state |= written_quarters(delayed.quarters);
  activity_[delayed.core].memory_bytes_written +=
      quarter_bytes * static_cast<std::uint32_t>(std::popcount(delayed.quarters));
  isa::Word& word = memory_.word(delayed.core, address);
  for (std::size_t byte = 0; byte < word.size(); ++byte) {
    if (delayed.quarters >> (byte / 8) & 1) word[byte] = delayed.word[byte];
  }
  note(resource, delayed.actor);
}

void Simulator::memory_event(std::uint32_t id) {
  ThreadState& thread = threads_[id];
  const std::uint32_t core = core_of(id, isa::Thread::memory);
  const Actor self = actor(id);
  switch (thread.opcode) {
    case isa::Opcode::send_weights:
      send_weights(thread, core, self);
      return;
    case isa::Opcode::send_program: {
      if (!thread.route.valid) stop(FaultKind::route, self, masks_text(thread));
      bool image = false;
      const isa::Word& word = read(core, thread.operand[0], thread.tensor[0], self, &image);
      if (!image)
        stop(FaultKind::malformed, self,
             fmt::format("program word at memory address {} is not of the image", thread.operand[0]));
      std::uint32_t handle = 0;
      *instructions_.allocate(now_, 1, handle) = word;
      dispatch(Network::instructions, instructions_, thread, handle, 0, 1, self);
      return;
    }
    case isa::Opcode::copy:
      check_address(thread.operand[1], self);
      delayed_.writes.at(now_ + 1).push_back({core, thread.operand[1], thread.tensor[1],
                                              read(core, thread.operand[0], thread.tensor[0], self), all_quarters,
                                              false, self});
      wheel_.mark(now_ + 1);
      return;
    default:
      load_parameters(thread, core, self);
      return;
  }
}

void Simulator::send_weights(ThreadState& thread, std::uint32_t core, const Actor& self) {
  if (!thread.route.valid) stop(FaultKind::route, self, masks_text(thread));
  std::uint32_t handle = 0;
  isa::Word* words = model_.allocate(now_, thread.lane_count, handle);
  for (std::uint32_t j = 0; j < thread.lane_count; ++j) {
    words[j] = read(core, thread.operand[0] + j * chip_.bank_words, thread.tensor[0], self);
  }
  dispatch(Network::model, model_, thread, handle, thread.lane_first, thread.lane_count, self);
}

void Simulator::load_parameters(ThreadState& thread, std::uint32_t core, const Actor& self) {
  bool image = false;
  const isa::Word& word = read(core, thread.operand[0], thread.tensor[0], self, &image);
  if (!image)
    stop(FaultKind::malformed, self,
         fmt::format("parameters at memory address {} are not of the image", thread.operand[0]));
  const std::uint32_t group = thread.operand[1];
  const Resource resource{Resource::Type::parameter_group, Network::instructions, core, group, 0};
  ProgramHalf& half = halves_[core][1 - thread.half];
  if (group >= half.group_there.size()) stop(FaultKind::address, self, fmt::format("parameters from {} on", 8 * group));
  if (half.threads != 0) stop(FaultKind::overwritten, self, "parameters of a half in which threads still run");
  if (half.group_there[group])
    stop(FaultKind::overwritten, self, fmt::format("parameters from {} on", 8 * group), resource);
  for (std::uint32_t i = 0; i < 8; ++i) {
    std::uint32_t value = 0;
    for (std::uint32_t byte = 0; byte < 4; ++byte) value |= std::uint32_t{word[4 * i + byte]} << (8 * byte);
    half.parameters[8 * group + i] = value;
  }
  half.group_there[group] = 1;
  ++activity_[core].parameter_words_loaded;
  note(resource, self);
}

}  // namespace northpole::machine::step
