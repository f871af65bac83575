// The vector-matrix unit and the partial sums' way to the neighbours.
#include <fmt/format.h>

#include "machine/step/simulator.h"
#include "machine/unpack.h"

namespace northpole::machine::step {
namespace {

Resource sum_resource(std::uint32_t core, std::uint32_t sum) {
  return {Resource::Type::partial_sum, Network::activations, core, sum, 0};
}

std::uint32_t opposite(std::uint32_t compass) { return (compass + 2) % 4; }
std::uint32_t compass_of(isa::Direction direction) { return static_cast<std::uint32_t>(direction) - 1; }
constexpr const char* compass_names[] = {"north", "east", "south", "west"};

void add(SumVector& to, const SumVector& other) {
  for (std::size_t l = 0; l < to.size(); ++l) {
    to[l] = static_cast<std::int32_t>(static_cast<std::uint32_t>(to[l]) + static_cast<std::uint32_t>(other[l]));
  }
}

// Where block `number` lies: its words are 32 w / a weight words, the blocks one behind the other around the buffer.
NarrowBlock narrow_block(const WeightBuffers& weights, const chip::ChipDescription& chip, std::uint32_t core,
                         const ThreadState& thread) {
  const std::uint32_t words = chip::block_words * thread.weight_bits / thread.activation_bits;
  const std::uint32_t first = thread.operand[1] * words % (chip.weight_blocks * chip::block_words);
  return {weights.index(core, first / chip::block_words), first % chip::block_words, words, thread.activation_bits,
          thread.weight_bits};
}

}  // namespace

void Simulator::multiply_event(std::uint32_t id) {
  ThreadState& thread = threads_[id];
  const std::uint32_t core = core_of(id, isa::Thread::vmm);
  const Actor self = actor(id);
  const isa::Word& activation = read(core, thread.operand[0], thread.tensor[0], self);
  const bool narrow = thread.weight_bits != 8;  // or activations and weights are bytes
  const std::size_t block = weights_.index(core, thread.operand[1] % chip_.weight_blocks);
  const NarrowBlock part = narrow ? narrow_block(weights_, chip_, core, thread) : NarrowBlock{};
  if (!(narrow ? weights_.complete(part) : weights_.complete(block))) [[unlikely]]
    incomplete_block(thread, self);
  const std::size_t sum = sums_.index(core, thread.operand[2]);
  const std::uint32_t sum_number = thread.operand[2] % chip_.partial_sums;
  const bool initialize =
      (thread.flags & isa::multiply_initialize) && (thread.first_mask & ~thread.loops.at_first) == 0;
  const bool release = (thread.flags & isa::multiply_release) && (thread.last_mask & ~thread.loops.at_last) == 0;
  if (sums_.pass_wrote(core, sum, now_)) [[unlikely]] {
    stop(FaultKind::overwritten, self, fmt::format("partial sum {}, written by pass in this cycle", sum_number),
         sum_resource(core, sum_number));
  }
  if (initialize && sums_.in_use(sum)) [[unlikely]] {
    stop(FaultKind::overwritten, self, fmt::format("partial sum {} is still in use", sum_number),
         sum_resource(core, sum_number));
  }
  if (!initialize && !sums_.in_use(sum)) [[unlikely]] {
    stop(FaultKind::unwritten, self, fmt::format("partial sum {} is empty", sum_number),
         sum_resource(core, sum_number));
  }
  if (narrow) {
    multiply_narrow(thread, activation, part, initialize, sums_.sum(sum).data());
  } else {
    kernel_.product(activation.data(), thread.activation_signed, weights_.block(block, kernel_), initialize,
                    sums_.sum(sum).data());
  }
  count_product(thread, core, initialize);
  sums_.set_in_use(sum, now_ + chip_.vmm_latency);
  note(sum_resource(core, sum_number), self);
  if (!release) return;
  if (narrow) {
    weights_.release(part);
  } else {
    weights_.release(block);
  }
}

// Weights stay in front of the multipliers, and sums in the accumulators, from event to event of an instruction.
void Simulator::count_product(const ThreadState& thread, std::uint32_t core, bool initialize) {
  const auto width = [](std::uint32_t bits) { return bits == 8 ? 0u : bits == 4 ? 1u : 2u; };
  Activity& activity = activity_[core];
  ++activity.products[width(thread.activation_bits)][width(thread.weight_bits)];
  HeldOperands& held = held_[core];
  const bool other = held.segment != thread.segment || held.index != thread.index;
  if (other || held.block != thread.operand[1])
    activity.weight_words_used += chip::block_words * thread.weight_bits / thread.activation_bits;
  if (other || held.sum != thread.operand[2]) {
    ++activity.sums_written;
    if (!initialize) ++activity.sums_read;
  }
  held = {thread.segment, thread.index, thread.operand[1], thread.operand[2]};
}

void Simulator::incomplete_block(const ThreadState& thread, const Actor& self) {
  const std::uint32_t blocks = chip_.weight_blocks * thread.activation_bits / thread.weight_bits;
  stop(FaultKind::unwritten, self, fmt::format("weight block {} is not complete", thread.operand[1] % blocks));
}

// Narrow elements are unpacked to bytes; the sum of the products is the same.
void Simulator::multiply_narrow(const ThreadState& thread, const isa::Word& activation, const NarrowBlock& block,
                                bool initialize, std::int32_t* sum) {
  const WeightBlock* weights = weights_.blocks(block, kernel_);
  const std::uint32_t count = 8u / thread.activation_bits;
  std::array<std::uint8_t, 4 * chip::word_bytes> activations;
  unpack_codes(activation.data(), thread.activation_bits, thread.activation_signed, count * chip::word_bytes,
               activations.data());
  for (std::uint32_t part = 0; part < count; ++part) {
    kernel_.product(activations.data() + part * chip::word_bytes, thread.activation_signed, weights[part],
                    initialize && part == 0, sum);
  }
}

// Reads an own partial sum for the vector unit or for pass: in use and not in flight.
SumVector& Simulator::use_sum(std::uint32_t core, std::uint16_t operand, const Actor& self) {
  const std::size_t sum = sums_.index(core, operand);
  const std::uint32_t number = operand % chip_.partial_sums;
  if (!sums_.in_use(sum)) [[unlikely]]
    stop(FaultKind::unwritten, self, fmt::format("partial sum {} is empty", number), sum_resource(core, number));
  if (!sums_.ready(sum, now_)) [[unlikely]] {
    stop(FaultKind::in_flight, self, fmt::format("partial sum {} is still being computed", number),
         sum_resource(core, number));
  }
  ++activity_[core].sums_read;
  note(sum_resource(core, number), self);
  return sums_.sum(sum);
}

void Simulator::pass_event(std::uint32_t id) {
  ThreadState& thread = threads_[id];
  const std::uint32_t core = core_of(id, isa::Thread::partial_sums);
  const Actor self = actor(id);
  const bool in = thread.pass.in != isa::Direction::none, out = thread.pass.out != isa::Direction::none;
  const std::uint32_t from = in ? compass_of(thread.pass.in) : 0, to = out ? compass_of(thread.pass.out) : 0;
  const auto target = out ? neighbour(chip_, core, static_cast<Compass>(to)) : std::nullopt;
  if ((in && !neighbour(chip_, core, static_cast<Compass>(from))) || (out && !target)) {
    stop(FaultKind::route, self, "a direction without a neighbour");
  }
  SumVector total{};
  if (in) {
    const SumVector* arrived = delayed_.sums.take(now_, core, from);
    if (arrived == nullptr)
      stop(FaultKind::missing_word, self, fmt::format("vector of partial sums from the {}", compass_names[from]));
    total = *arrived;
  }
  const std::size_t sum = sums_.index(core, thread.operand[0]);
  const std::uint32_t number = thread.operand[0] % chip_.partial_sums;
  if (thread.pass.local) add(total, use_sum(core, thread.operand[0], self));
  if (thread.pass.local && in) ++activity_[core].sums_added;
  if (!out) {
    if (!thread.pass.local && sums_.in_use(sum)) {
      stop(FaultKind::overwritten, self, fmt::format("partial sum {} is still in use", number),
           sum_resource(core, number));
    }
    sums_.sum(sum) = total;
    ++activity_[core].sums_written;
    sums_.set_in_use(sum, now_);
    sums_.note_pass(core, sum, now_);
    note(sum_resource(core, number), self);
    return;
  }
  if (thread.pass.local) sums_.release(sum);
  send_sum(core, to, {*target, opposite(to), total, self});
}

// The vector occupies the link in cycles now + 1 .. now + L and can be taken in the one after.
void Simulator::send_sum(std::uint32_t core, std::uint32_t to, ArrivingSums::Arrival arrival) {
  const std::uint64_t duration = chip_.partial_sum_link_cycles;
  std::uint64_t& used = delayed_.sum_link_used[core * 4 + to];
  const Resource link{Resource::Type::sum_link, Network::activations, core, to, 0};
  if (used != 0 && now_ - (used - 1) < duration) {
    stop_later(make_stop(FaultKind::link_conflict, now_ + 1, arrival.sender,
                         fmt::format("partial-sum network: link of core {} to the {}", core, compass_names[to]), link));
    return;
  }
  note(link, arrival.sender);
  used = now_ + 1;
  ++activity_[core].sums_sent;
  wheel_.mark(now_ + 1 + duration);
  delayed_.sums.send(now_ + 1 + duration, std::move(arrival));
}

void Simulator::check_lost_sums() {
  const ArrivingSums::Arrival* lost = delayed_.sums.finish(now_);
  if (lost == nullptr) [[likely]]
    return;
  const std::uint32_t id = static_cast<std::uint32_t>(isa::Thread::partial_sums) * cores_ + lost->core;
  Stop stop = make_stop(FaultKind::lost_word, now_, {id, threads_[id].segment, nullptr},
                        fmt::format("vector of partial sums from the {}", compass_names[lost->from]), {});
  stop.fault.first = describe(lost->sender);
  throw stop;
}

}  // namespace northpole::machine::step
