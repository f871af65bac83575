#include "machine/fast/control_walk.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "machine/step/resolve.h"
#include "machine/step/section.h"
#include "network/error.h"
#include "program/frame_place.h"

namespace northpole::machine::fast {

using step::EventWheel;
using step::ProgramHalf;
using step::ThreadState;

ControlWalk::ControlWalk(const program::Program& program, ProofAhead* proof)
    : program_(program),
      proof_(proof),
      chip_(program.chip),
      cores_(chip_.cores()),
      first_edge_(cores_ * isa::thread_count),
      memory_words_(chip_.memory_words()),
      builder_(program),
      memory_(std::size_t{cores_} * memory_words_),
      frames_(std::size_t{chip_.rows} * chip_.frame_words_per_row),
      weight_words_(std::size_t{cores_} * chip_.weight_blocks * chip::block_words),
      weight_uses_(weight_words_.size() / smallest_block),
      sums_(std::size_t{cores_} * chip_.partial_sums),
      registers_(cores_),
      halves_(cores_,
              {ProgramHalf(chip_.program_words, chip_.parameters), ProgramHalf(chip_.program_words, chip_.parameters)}),
      threads_(first_edge_ + 2 * chip_.rows),
      wheel_(first_edge_ + 2 * chip_.rows),
      writes_(std::bit_ceil(chip_.vector_latency + 2)),
      takes_(16),
      sum_ring_(std::bit_ceil(chip_.partial_sum_link_cycles + 2)) {
  arrivals_.resize(sum_ring_ * cores_ * 4);
  for (Registers& registers : registers_) registers.words.resize(chip_.constant_words);
  for (std::uint32_t core = 0; core < cores_; ++core) {
    std::array<std::uint32_t, 4>& neighbours = neighbours_.emplace_back();
    for (std::uint32_t i = 0; i < 4; ++i)
      neighbours[i] = step::neighbour(chip_, core, static_cast<step::Compass>(i)).value_or(core);
  }
  const auto make = [&](Network& network, std::uint32_t lanes) {
    network.ports = cores_ + chip_.rows;
    network.lanes = lanes;
    network.ring = std::bit_ceil(chip_.rows + chip_.columns + 1u +
                                 chip_.word_link_cycles);  // every hop of a way is a cycle, and so are its ends
    network.delivered.resize(network.ring * network.ports * lanes);
  };
  make(activations_, 1);
  make(model_, chip_.model_lanes);
  make(instructions_, 1);
  load();
}

void ControlWalk::load() {
  WordName image = image_bit;
  for (const program::ImageSection& section : program_.image) {
    for (std::size_t i = 0; i < section.words.size(); ++i) {
      memory_[cell_of(section.core, static_cast<std::uint32_t>(section.address + i))] = {image++, section.tensor, true};
    }
  }
  for (std::uint32_t w = 0; w < builder_.flow().input_words; ++w) {
    const program::FramePlace place = program::frame_place(program_.input, chip_.rows, w);
    frames_[std::size_t{place.row} * chip_.frame_words_per_row + place.address] = w + 1;
  }
  for (std::uint32_t core = 0; core < cores_; ++core) {
    const program::Boot& boot = program_.boot[core];
    ProgramHalf& half = halves_[core][0];
    std::copy(boot.program.begin(), boot.program.end(), half.words.begin());
    std::fill_n(half.word_there.begin(), boot.program.size(), std::uint8_t{1});
    std::copy(boot.parameters.begin(), boot.parameters.end(), half.parameters.begin());
    std::fill_n(half.group_there.begin(), (boot.parameters.size() + 7) / 8, std::uint8_t{1});
    half.threads = isa::thread_count;
  }
}

void ControlWalk::follow_proof(std::uint64_t cycle) {
  if (proof_ != nullptr && !proof_->wait_for(cycle))
    throw Error("fast engine: the program of '" + program_.network + "' does not verify");
}

DataFlow ControlWalk::run() {
  std::vector<std::size_t> locations(program_.locations.size());
  std::iota(locations.begin(), locations.end(), std::size_t{0});
  std::ranges::stable_sort(locations, {}, [&](std::size_t i) { return program_.locations[i].cycle; });
  auto location = locations.begin();
  const auto show = [&](std::uint64_t done) {
    for (; location != locations.end() && program_.locations[*location].cycle < done; ++location) record(*location);
  };
  if (program_.cycles > 0) start_threads();
  while ((now_ = wheel_.next(now_)) < program_.cycles) {
    follow_proof(now_);
    show(now_);
    cycle();
    ++now_;
  }
  follow_proof(ProofAhead::whole);
  show(program_.cycles);
  record_outputs();
  RunResult& result = builder_.flow().result;
  result.cycles = program_.cycles;
  result.last_event = last_event_;
  statistics_.activations = activations_.traffic;
  statistics_.model = model_.traffic;
  statistics_.instructions = instructions_.traffic;
  result.statistics = statistics_;
  return builder_.finish();
}

// The order of the rules: reads before writes, and what ends before what begins.
void ControlWalk::cycle() {
  using isa::Thread;
  const auto number = [](Thread thread) { return static_cast<std::uint32_t>(thread); };
  wheel_.begin(now_);
  auto& writes = writes_[now_ % writes_.size()];
  for (const DelayedWrite& delayed : writes) write(delayed);
  writes.clear();
  if (!seconds_.empty()) {
    seconds_now_.swap(seconds_);
    for (const SecondRead& second : seconds_now_) finish_vector(second);
    seconds_now_.clear();
    second_terms_.clear();
    second_inputs_.clear();
  }
  each(number(Thread::vector), [this](std::uint32_t core) { vector_event(core); });
  each(number(Thread::partial_sums), [this](std::uint32_t core) { pass_event(core); });
  each(number(Thread::vmm), [this](std::uint32_t core) { multiply_event(core); });
  each(number(Thread::memory), [this](std::uint32_t core) { memory_event(core); });
  each(number(Thread::send), [this](std::uint32_t core) { send_event(core); });
  each(number(Thread::receive), [this](std::uint32_t core) { receive_event(core); });
  each(edge_send_kind, [this](std::uint32_t row) { edge_send_event(row); });
  each(edge_receive_kind, [this](std::uint32_t row) { edge_receive_event(row); });
  each(number(Thread::weights), [this](std::uint32_t core) { weights_event(core); });
  auto& takes = takes_[now_ % takes_.size()];
  for (const WeightTake& take : takes) take_weights(take);
  takes.clear();
  each(number(Thread::programs), [this](std::uint32_t core) { programs_event(core); });
  moves_.settle(halves_);
  for (const std::uint32_t id : fetching_) fetch(id, now_ + 1);
  fetching_.clear();
}

template <typename Event>
void ControlWalk::each(std::uint32_t kind, Event event) {
  std::uint32_t id = wheel_.take(now_, kind);
  if (id == EventWheel::none) return;
  last_event_ = now_;
  const std::uint32_t first = kind <= edge_send_kind ? kind * cores_ : first_edge_ + chip_.rows;
  std::uint64_t count = 0;
  while (id != EventWheel::none) {
    const std::uint32_t following = wheel_.following(id);
    ++count;
    ThreadState& thread = threads_[id];
    if (thread.opcode == isa::Opcode::end) {
      thread.ended = true;
      if (id < first_edge_) moves_.leave(id - first, thread.half);
    } else if (thread.opcode == isa::Opcode::switch_program) {
      switch_thread(id);
    } else {
      event(id - first);
      std::uint64_t cycle = now_;
      if (thread.loops.advance(cycle, thread.operand)) {
        wheel_.schedule(now_, kind, id, cycle);
      } else {
        fetching_.push_back(id);
      }
    }
    id = following;
  }
  (kind == edge_send_kind      ? statistics_.edge_sends
   : kind == edge_receive_kind ? statistics_.edge_receives
                               : statistics_.events[kind]) += count;
}

std::uint32_t ControlWalk::kind_of(std::uint32_t id) const {
  return id < first_edge_ ? id / cores_ : id < first_edge_ + chip_.rows ? edge_send_kind : edge_receive_kind;
}

std::uint32_t ControlWalk::unit_of(std::uint32_t id) const {
  return id < first_edge_ ? id % cores_ : (id - first_edge_) % chip_.rows;
}

void ControlWalk::start_threads() {
  for (std::uint32_t id = 0; id < threads_.size(); ++id) {
    ThreadState& thread = threads_[id];
    if (id >= first_edge_) {
      step::SectionProblem problem;
      const bool sends = kind_of(id) == edge_send_kind;
      const program::Edge& edge = program_.edges[unit_of(id)];
      thread.section = step::read_edge_section(sends ? edge.send : edge.receive,
                                               sends ? isa::Thread::send : isa::Thread::receive, problem);
      if (!thread.section) throw Error("fast engine: the program is not verified: " + problem.what);
    } else {
      thread.section = sections_.read(halves_[unit_of(id)][0], static_cast<isa::Thread>(kind_of(id)));
    }
  }
  for (std::uint32_t id = 0; id < threads_.size(); ++id) fetch(id, 0);
}

void ControlWalk::fetch(std::uint32_t id, std::uint64_t cycle) {
  if (cycle >= program_.cycles) return;
  ThreadState& thread = threads_[id];
  if (cycle > 0) {
    thread.previous_cycle = now_;
    thread.has_previous = true;
    ++thread.index;
  }
  thread.instruction = &(*thread.section)[thread.index];
  step::SectionProblem problem;
  const bool edge = id >= first_edge_;
  const std::uint32_t unit = unit_of(id);
  if (!step::resolve(chip_, edge ? nullptr : &halves_[unit][thread.half], thread, problem)) {
    throw Error("fast engine: the program is not verified: " + problem.what);
  }
  const bool sends = thread.opcode == isa::Opcode::send || thread.opcode == isa::Opcode::send_weights ||
                     thread.opcode == isa::Opcode::send_program;
  if (sends) {
    const std::uint32_t row = edge ? unit : unit / chip_.columns, column = edge ? 0 : unit % chip_.columns;
    if (!edge && thread.opcode == isa::Opcode::send && (thread.flags & isa::send_west_edge)) {
      thread.route.to_west_edge(chip_, row, column);
    } else {
      thread.route.to_cores(chip_, edge, row, column, thread.immediate[0], thread.immediate[1],
                            thread.opcode == isa::Opcode::send_weights ? 1 : chip_.word_link_cycles);
    }
  }
  wheel_.schedule(now_, kind_of(id), id, thread.cycle);
}

void ControlWalk::switch_thread(std::uint32_t id) {
  ThreadState& thread = threads_[id];
  const std::uint32_t core = unit_of(id);
  const auto other = static_cast<std::uint8_t>(1 - thread.half);
  auto section = sections_.read(halves_[core][other], static_cast<isa::Thread>(kind_of(id)));
  moves_.leave(core, thread.half);
  moves_.enter(core, other);
  thread.section = std::move(section);
  thread.half = other;
  thread.index = ~std::uint32_t{0};
  ++thread.segment;
  fetching_.push_back(id);
}

}  // namespace northpole::machine::fast
