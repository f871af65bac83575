// Events that only move words: names go where the words would go.
#include <bit>

#include "machine/fast/control_walk.h"

namespace northpole::machine::fast {

using step::ThreadState;

void ControlWalk::dispatch(Network& network, const ThreadState& thread, WordName word, std::uint32_t lane) {
  // Whoever takes it has an event in that cycle.
  for (const step::Route::Step& port : thread.route.ports) network.at(now_ + port.delay, port.index, lane) = word;
  ++network.traffic.words;
  network.traffic.hops += thread.route.links.size();
  network.traffic.deliveries += thread.route.ports.size();
}

void ControlWalk::memory_event(std::uint32_t core) {
  const ThreadState& thread = this->thread(isa::Thread::memory, core);
  const Cell* cell = &memory_[cell_of(core, thread.operand[0])];
  switch (thread.opcode) {
    case isa::Opcode::send_weights:
      for (std::uint32_t j = 0; j < thread.lane_count; ++j) {
        dispatch(model_, thread, cell[j * chip_.bank_words].word, thread.lane_first + j);
      }
      return;
    case isa::Opcode::send_program:
      dispatch(instructions_, thread, cell->word, 0);
      return;
    case isa::Opcode::copy:
      writes_[(now_ + 1) % writes_.size()].push_back({cell_of(core, thread.operand[1]), thread.tensor[1], cell->word});
      wheel_.mark(now_ + 1);
      return;
    default:
      load_parameters(thread, core);
  }
}

void ControlWalk::load_parameters(const ThreadState& thread, std::uint32_t core) {
  const isa::Word& word = builder_.image_word(memory_[cell_of(core, thread.operand[0])].word);
  step::ProgramHalf& half = halves_[core][1 - thread.half];
  const std::uint32_t group = thread.operand[1];
  for (std::uint32_t i = 0; i < 8; ++i) {
    std::uint32_t value = 0;
    for (std::uint32_t byte = 0; byte < 4; ++byte) value |= std::uint32_t{word[4 * i + byte]} << (8 * byte);
    half.parameters[8 * group + i] = value;
  }
  half.group_there[group] = 1;
}

void ControlWalk::send_event(std::uint32_t core) {
  const ThreadState& thread = this->thread(isa::Thread::send, core);
  dispatch(activations_, thread, memory_[cell_of(core, thread.operand[0])].word, 0);
}

void ControlWalk::receive_event(std::uint32_t core) {
  const ThreadState& thread = this->thread(isa::Thread::receive, core);
  memory_[cell_of(core, thread.operand[3])] = {activations_.at(now_, core, 0), thread.tensor[3], true};
}

void ControlWalk::edge_send_event(std::uint32_t row) {
  const ThreadState& thread = threads_[first_edge_ + row];
  dispatch(activations_, thread, frames_[std::size_t{row} * chip_.frame_words_per_row + thread.operand[0]], 0);
}

void ControlWalk::edge_receive_event(std::uint32_t row) {
  const ThreadState& thread = threads_[first_edge_ + chip_.rows + row];
  frames_[std::size_t{row} * chip_.frame_words_per_row + thread.operand[3]] = activations_.at(now_, cores_ + row, 0);
}

void ControlWalk::weights_event(std::uint32_t core) {
  const ThreadState& thread = this->thread(isa::Thread::weights, core);
  const std::uint32_t words = chip_.weight_blocks * chip::block_words;
  const auto skew_of = [&](std::uint32_t j) { return thread.immediate[1] >> (8 * j) & 0xff; };
  for (std::uint32_t j = 0; j < thread.lane_count;) {
    const std::uint32_t skew = skew_of(j);
    WeightTake take{(thread.operand[1] + j) % words, static_cast<std::uint16_t>(core),
                    static_cast<std::uint8_t>(thread.lane_first + j), 1};
    while (++j < thread.lane_count && skew_of(j) == skew && take.weight_word + take.count < words) ++take.count;
    if (skew == 0) {
      take_weights(take);  // this cycle's releases are over
    } else {
      take_later(take, skew);
    }
  }
}

void ControlWalk::take_later(const WeightTake& take, std::uint32_t skew) {
  if (skew >= takes_.size()) {
    // Few slots stay in the cache; what waits in them lies less than their number ahead.
    std::vector<std::vector<WeightTake>> more(std::bit_ceil(skew + std::size_t{1}));
    for (std::uint64_t cycle = now_; cycle < now_ + takes_.size(); ++cycle)
      more[cycle % more.size()].swap(takes_[cycle % takes_.size()]);
    takes_.swap(more);
  }
  takes_[(now_ + skew) % takes_.size()].push_back(take);
  wheel_.mark(now_ + skew);
}

void ControlWalk::take_weights(const WeightTake& take) {
  const std::size_t first = std::size_t{take.core} * chip_.weight_blocks * chip::block_words + take.weight_word;
  const WordName* delivered = &model_.at(now_, take.core, take.lane);
  for (std::uint32_t i = 0; i < take.count; ++i) {
    const std::size_t word = first + i;
    weight_words_[word] = delivered[i];
    if (i > 0 && word % smallest_block != 0) continue;
    // Blocks of 8, 16 and 32 words that it is in.
    for (std::size_t size = smallest_block; size <= chip::block_words; size *= 2)
      weight_uses_[word / size * (size / smallest_block)].block = 0;
  }
}

void ControlWalk::programs_event(std::uint32_t core) {
  const ThreadState& thread = this->thread(isa::Thread::programs, core);
  step::ProgramHalf& half = halves_[core][1 - thread.half];
  half.words[thread.operand[1]] = builder_.image_word(instructions_.at(now_, core, 0));
  half.word_there[thread.operand[1]] = 1;
}

}  // namespace northpole::machine::fast
