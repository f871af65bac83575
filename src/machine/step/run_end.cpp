// What must hold when a run is over: all threads ended, nothing left behind, the output there.
#include <fmt/format.h>

#include <algorithm>

#include "machine/frame.h"
#include "machine/step/simulator.h"
#include "program/frame_place.h"

namespace northpole::machine::step {

void Simulator::check_end() {
  for (std::uint32_t id = 0; id < threads_.size(); ++id) {
    if (!threads_[id].ended)
      stop(FaultKind::no_end, actor(id), fmt::format("the thread has not ended after {} cycles", program_->cycles));
  }
  check_left_behind();
  for (const program::FrameLayout& layout : program_->outputs) check_output(layout);
}

void Simulator::check_left_behind() {
  const auto left = [&](const Actor& who, std::string what) { stop(FaultKind::left_behind, who, std::move(what)); };
  const auto of_core = [&](isa::Thread thread, std::size_t core) {
    return Actor{static_cast<std::uint32_t>(static_cast<std::size_t>(thread) * cores_ + core), 0, nullptr};
  };
  if (const auto block = weights_.left_behind()) {
    left(of_core(isa::Thread::weights, *block / chip_.weight_blocks),
         fmt::format("weight block {} is not released", *block % chip_.weight_blocks));
  }
  if (const auto sum = sums_.left_behind()) {
    left(of_core(isa::Thread::partial_sums, *sum / chip_.partial_sums),
         fmt::format("partial sum {} is not released", *sum % chip_.partial_sums));
  }
  if (activations_.in_flight() + model_.in_flight() + instructions_.in_flight() > 0)
    left({}, "a word is still on its way");
  if (const auto* write = delayed_.writes.any())
    left(write->actor, fmt::format("memory address {} is still to be written", write->address));
  if (const auto* second = delayed_.second_reads.any()) left(second->actor, "a vector operation is not finished");
  if (const auto* take = delayed_.takes.any()) left(take->actor, "a weight word is still to be taken");
  if (const auto* sum = delayed_.sums.any()) left(sum->sender, "a vector of partial sums is still on its way");
  for (std::uint32_t core = 0; core < cores_; ++core) check_half_of_configure(core);
}

void Simulator::check_half_of_configure(std::uint32_t core) {
  const program::Boot& boot = program_->boot[core];
  const ProgramHalf& half = halves_[core][0];
  const Actor programs{static_cast<std::uint32_t>(isa::Thread::programs) * cores_ + core, 0, nullptr};
  for (std::size_t i = 0; i < half.words.size(); ++i) {
    const bool expected = i < boot.program.size();
    if (expected != (half.word_there[i] != 0) || (expected && half.words[i] != boot.program[i])) {
      stop(FaultKind::left_behind, programs, fmt::format("program word {} of half 0 is not as configured", i));
    }
  }
  for (std::size_t i = 0; i < half.parameters.size(); ++i) {
    const bool expected = i < (boot.parameters.size() + 7) / 8 * 8;
    const std::uint32_t value = i < boot.parameters.size() ? boot.parameters[i] : 0;
    if (expected != (half.group_there[i / 8] != 0) || (expected && half.parameters[i] != value)) {
      stop(FaultKind::left_behind, programs, fmt::format("parameter {} of half 0 is not as configured", i));
    }
  }
}

void Simulator::check_output(const program::FrameLayout& layout) {
  const std::uint64_t words = frame_words(layout);
  for (std::uint64_t w = 0; w < words; ++w) {
    const program::FramePlace place = program::frame_place(layout, chip_.rows, w);
    check_frame_word(place.row, static_cast<std::uint32_t>(place.address), layout.tag, {});
  }
}

}  // namespace northpole::machine::step
