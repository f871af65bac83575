#include "machine/step/simulator.h"

#include <algorithm>
#include <numeric>

#include "machine/frame.h"
#include "machine/step/each.h"
#include "machine/step/program_check.h"
#include "program/frame_place.h"

namespace northpole::machine::step {

Simulator::Simulator(std::shared_ptr<const program::Program> program)
    : program_(std::move(program)),
      chip_(program_->chip),
      cores_(chip_.cores()),
      first_edge_(cores_ * isa::thread_count),
      locations_(program_->locations.size()),
      kernel_(block_kernel()),
      memory_(cores_, chip_.banks, chip_.bank_words),
      frames_(chip_.rows, 1, chip_.frame_words_per_row),
      weights_(cores_, chip_.weight_blocks),
      sums_(cores_, chip_.partial_sums),
      constants_(cores_, ConstantRegisters(chip_.constant_words)),
      halves_(cores_,
              {ProgramHalf(chip_.program_words, chip_.parameters), ProgramHalf(chip_.program_words, chip_.parameters)}),
      threads_(first_edge_ + 2 * chip_.rows),
      wheel_(first_edge_ + 2 * chip_.rows),
      activations_(chip_, 1, cores_ + chip_.rows, chip_.word_link_cycles),
      model_(chip_, chip_.model_lanes, cores_ * chip_.model_lanes, 1),
      instructions_(chip_, 1, cores_, chip_.word_link_cycles),
      delayed_(chip_) {
  std::iota(locations_.begin(), locations_.end(), std::size_t{0});
  std::stable_sort(locations_.begin(), locations_.end(), [&](std::size_t left, std::size_t right) {
    return program_->locations[left].cycle < program_->locations[right].cycle;
  });
}

RunResult Simulator::run(std::span<const isa::Word> input, const Observer& observer) {
  RunResult result;
  if (auto fault = program_fault(*program_)) {
    result.fault = std::move(fault);
    return result;
  }
  auto stopped = attempt(input, observer, result);
  if (stopped && stopped->resource.type != Resource::Type::none) {
    watching_ = true;
    watched_ = stopped->resource;
    watched_user_.clear();
    RunResult again;
    stopped = attempt(input, {}, again);
    watching_ = false;
  }
  if (stopped) result.fault = std::move(stopped->fault);
  return result;
}

std::optional<Simulator::Stop> Simulator::attempt(std::span<const isa::Word> input, const Observer& observer,
                                                  RunResult& result) {
  std::optional<Stop> stopped;
  try {
    reset(input);
    simulate(observer);
    now_ = program_->cycles;
    check_end();
  } catch (Stop& stop) {
    stopped = std::move(stop);
  }
  const auto traffic = [](const Fabric& fabric) {
    return Statistics::Traffic{fabric.words_sent, fabric.hops, fabric.deliveries};
  };
  statistics_.activations = traffic(activations_);
  statistics_.model = traffic(model_);
  statistics_.instructions = traffic(instructions_);
  result.statistics = statistics_;
  result.activity = activity_;
  result.cycles = stopped ? stopped->fault.cycle : program_->cycles;
  result.last_event = last_event_;
  return stopped;
}

void Simulator::reset(std::span<const isa::Word> input) {
  memory_.forget();
  frames_.forget();
  weights_.forget();
  sums_.forget();
  for (ConstantRegisters& registers : constants_) registers.forget();
  delayed_.clear();
  activations_ = Fabric(chip_, 1, cores_ + chip_.rows, chip_.word_link_cycles);
  model_ = Fabric(chip_, chip_.model_lanes, cores_ * chip_.model_lanes, 1);
  instructions_ = Fabric(chip_, 1, cores_, chip_.word_link_cycles);
  wheel_ = EventWheel(static_cast<std::uint32_t>(threads_.size()));
  fetching_.clear();
  moves_.clear();
  retired_.clear();
  later_ = {};
  statistics_ = {};
  held_.assign(cores_, {});
  activity_.assign(std::size_t{cores_} + chip_.rows, {});
  now_ = last_event_ = 0;
  load_image();
  load_boot();
  for (std::size_t w = 0; w < input.size(); ++w) {
    const program::FramePlace place = program::frame_place(program_->input, chip_.rows, w);
    const std::uint32_t row = place.row;
    const auto address = static_cast<std::uint32_t>(place.address);
    frames_.word(row, address) = input[w];
    frames_.state(row, address) = written | program_->input.tag;
  }
}

void Simulator::load_image() {
  for (const program::ImageSection& section : program_->image) {
    for (std::size_t i = 0; i < section.words.size(); ++i) {
      const auto address = static_cast<std::uint32_t>(section.address + i);
      memory_.word(section.core, address) = section.words[i];
      memory_.state(section.core, address) = of_image | section.tensor;
    }
  }
}

void Simulator::load_boot() {
  for (std::uint32_t core = 0; core < cores_; ++core) {
    const program::Boot& boot = program_->boot[core];
    ProgramHalf& half = halves_[core][0];
    half.clear();
    halves_[core][1].clear();
    std::copy(boot.program.begin(), boot.program.end(), half.words.begin());
    std::fill_n(half.word_there.begin(), boot.program.size(), std::uint8_t{1});
    std::fill(half.parameters.begin(), half.parameters.end(), 0);
    std::copy(boot.parameters.begin(), boot.parameters.end(), half.parameters.begin());
    std::fill_n(half.group_there.begin(), (boot.parameters.size() + 7) / 8, std::uint8_t{1});
    half.threads = isa::thread_count;
    halves_[core][1].threads = 0;
  }
}

void Simulator::simulate(const Observer& observer) {
  auto location = locations_.begin();
  // Cycles up to `done` (not included) are through: shows what was to be seen after one of them.
  const auto show = [&](std::uint64_t done) {
    for (; observer && location != locations_.end() && program_->locations[*location].cycle < done; ++location) {
      observer(snapshot(program_->locations[*location]));
    }
  };
  if (program_->cycles > 0) start_threads();
  while ((now_ = wheel_.next(now_)) < program_->cycles) {
    show(now_);
    cycle();
    ++now_;
  }
  show(program_->cycles);
}

// Reads before writes, and what ends before what begins: a vector's source is free for `pass`, a released block for new
// weights. In a memory the order does not matter: nothing can read a word in the cycle of its writing, the bank has one
// access.
void Simulator::cycle() {
  using isa::Thread;
  wheel_.begin(now_);
  if (later_.cycle == now_) throw later_.stop;
  auto& writes = delayed_.writes.at(now_);
  for (const DelayedWrite& delayed : writes) {
    if (delayed.further) {
      write_further(delayed);
    } else {
      write(delayed.core, delayed.address, delayed.tag, delayed.word, delayed.actor, delayed.quarters);
    }
  }
  writes.clear();
  auto& seconds = delayed_.second_reads.at(now_);
  for (const SecondRead& second : seconds) finish_vector(second);
  seconds.clear();
  each(Thread::vector, [this](std::uint32_t id) { vector_event(id); });
  each(Thread::partial_sums, [this](std::uint32_t id) { pass_event(id); });
  check_lost_sums();
  each(Thread::vmm, [this](std::uint32_t id) { multiply_event(id); });
  each(Thread::memory, [this](std::uint32_t id) { memory_event(id); });
  each(Thread::send, [this](std::uint32_t id) { send_event(id); });
  each(Thread::receive, [this](std::uint32_t id) { receive_event(id); });
  each_of_kind(edge_send_kind, statistics_.edge_sends, [this](std::uint32_t id) { edge_send_event(id); });
  each_of_kind(edge_receive_kind, statistics_.edge_receives, [this](std::uint32_t id) { edge_receive_event(id); });
  each(Thread::weights, [this](std::uint32_t id) { weights_event(id); });
  auto& takes = delayed_.takes.at(now_);
  for (const WeightTake& take : takes) take_weights(take);
  takes.clear();
  each(Thread::programs, [this](std::uint32_t id) { programs_event(id); });
  check_lost(Network::activations, activations_);
  check_lost(Network::model, model_);
  check_lost(Network::instructions, instructions_);
  moves_.settle(halves_);
  for (const std::uint32_t id : fetching_) fetch(id, now_ + 1);
  fetching_.clear();
}

std::vector<isa::Word> Simulator::output(std::size_t index) {
  const program::FrameLayout& layout = program_->outputs[index];
  std::vector<isa::Word> words(frame_words(layout));
  for (std::size_t w = 0; w < words.size(); ++w) {
    const program::FramePlace place = program::frame_place(layout, chip_.rows, w);
    words[w] = frames_.word(place.row, static_cast<std::uint32_t>(place.address));
  }
  return words;
}

}  // namespace northpole::machine::step
