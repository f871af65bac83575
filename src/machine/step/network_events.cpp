// Words onto the networks and off them.
#include <fmt/format.h>

#include "machine/step/simulator.h"

namespace northpole::machine::step {
namespace {

const char* name(Network network) {
  switch (network) {
    case Network::activations:
      return "activation network";
    case Network::model:
      return "model network";
    case Network::instructions:
      return "instruction network";
  }
  return "";
}

Resource link_resource(Network network, std::uint32_t link, std::uint32_t lane, std::uint64_t cycle) {
  return {Resource::Type::link, network, link, lane, cycle};
}
Resource port_resource(Network network, std::uint32_t port, std::uint32_t lane, std::uint64_t cycle) {
  return {Resource::Type::port, network, port, lane, cycle};
}

}  // namespace

std::string Simulator::port_text(Network network, std::uint32_t port, std::uint32_t lane) const {
  const std::string unit =
      port < cores_ ? fmt::format("core {}", port) : fmt::format("the edge unit of row {}", port - cores_);
  return fmt::format("word of the {}{} for {}", name(network),
                     network == Network::model ? fmt::format(", lane {},", lane) : "", unit);
}

std::string Simulator::link_text(Network network, std::uint32_t link, std::uint32_t lane) const {
  constexpr const char* directions[] = {"northward", "eastward", "southward", "westward"};
  const std::string from = link < cores_ * 4 ? fmt::format("{} link of core {}", directions[link % 4], link / 4)
                                             : fmt::format("link from the edge unit of row {}", link - cores_ * 4);
  return fmt::format("{}: {}{}", name(network), from, network == Network::model ? fmt::format(", lane {}", lane) : "");
}

void Simulator::dispatch(Network network, Fabric& fabric, const ThreadState& thread, std::uint32_t handle,
                         std::uint32_t first, std::uint32_t count, const Actor& self) {
  const Fabric::Collision collision = fabric.send(now_, thread.route, handle, first, count);
  for (const Route::Step& port : thread.route.ports) wheel_.mark(now_ + port.delay);
  Activity& activity = activity_[is_edge(self.thread) ? cores_ + unit_of(self.thread) : unit_of(self.thread)];
  (network == Network::activations ? activity.activation_hops
   : network == Network::model     ? activity.model_hops
                                   : activity.instruction_hops) += thread.route.links.size() * count;
  if (collision.cycle != 0) [[unlikely]] {
    const bool port = collision.is_port;
    stop_later(make_stop(port ? FaultKind::port_conflict : FaultKind::link_conflict, collision.cycle, self,
                         port ? port_text(network, collision.index, collision.lane)
                              : link_text(network, collision.index, collision.lane),
                         port ? port_resource(network, collision.index, collision.lane, collision.cycle)
                              : link_resource(network, collision.index, collision.lane, collision.cycle)));
  }
  if (!watching_) [[likely]]
    return;
  for (std::uint32_t lane = first; lane < first + count; ++lane) {
    for (const Route::Step& link : thread.route.links)
      for (std::uint32_t part = 0; part < fabric.link_cycles(); ++part)
        note(link_resource(network, link.index, lane, now_ + link.delay + part), self);
    for (const Route::Step& port : thread.route.ports)
      note(port_resource(network, port.index, lane, now_ + port.delay), self);
  }
}

void Simulator::send_event(std::uint32_t id) {
  ThreadState& thread = threads_[id];
  const Actor self = actor(id);
  if (!thread.route.valid) [[unlikely]]
    stop(FaultKind::route, self, masks_text(thread));
  std::uint32_t handle = 0;
  isa::Word* word = activations_.allocate(now_, 1, handle);
  *word = read(core_of(id, isa::Thread::send), thread.operand[0], thread.tensor[0], self);
  dispatch(Network::activations, activations_, thread, handle, 0, 1, self);
}

void Simulator::receive_event(std::uint32_t id) {
  ThreadState& thread = threads_[id];
  const std::uint32_t core = core_of(id, isa::Thread::receive);
  const isa::Word* word = activations_.take(now_, core, 0);
  if (word == nullptr) [[unlikely]]
    missing_word(Network::activations, 0, actor(id));
  write(core, thread.operand[3], thread.tensor[3], *word, actor(id));
}

void Simulator::edge_send_event(std::uint32_t id) {
  ThreadState& thread = threads_[id];
  const std::uint32_t row = unit_of(id), address = thread.operand[0];
  const Actor self = actor(id);
  if (!thread.route.valid) stop(FaultKind::route, self, masks_text(thread));
  if (address >= frames_.unit_words()) stop(FaultKind::address, self, fmt::format("read of frame address {}", address));
  use_bank(frames_, true, row, address, self);
  check_frame_word(row, address, thread.tensor[0], self);
  ++activity_[cores_ + row].frame_words_read;
  std::uint32_t handle = 0;
  *activations_.allocate(now_, 1, handle) = frames_.word(row, address);
  dispatch(Network::activations, activations_, thread, handle, 0, 1, self);
}

void Simulator::check_frame_word(std::uint32_t row, std::uint32_t address, std::uint16_t tag, const Actor& reader) {
  const WordState state = frames_.state(row, address);
  if (state == unwritten)
    stop(FaultKind::unwritten, reader, fmt::format("read of frame address {} of row {}", address, row));
  if (static_cast<std::uint16_t>(state) != tag) {
    stop(FaultKind::wrong_tensor, reader,
         fmt::format("read of frame address {} of row {}, which holds {} instead of {}", address, row,
                     tensor_name(static_cast<std::uint16_t>(state)), tensor_name(tag)),
         {Resource::Type::frame_word, Network::activations, row, address, 0});
  }
}

void Simulator::edge_receive_event(std::uint32_t id) {
  ThreadState& thread = threads_[id];
  const std::uint32_t row = unit_of(id), address = thread.operand[3];
  const Actor self = actor(id);
  const isa::Word* word = activations_.take(now_, cores_ + row, 0);
  if (word == nullptr) missing_word(Network::activations, 0, self);
  if (address >= frames_.unit_words())
    stop(FaultKind::address, self, fmt::format("write to frame address {}", address));
  use_bank(frames_, true, row, address, self);
  frames_.word(row, address) = *word;
  ++activity_[cores_ + row].frame_words_written;
  frames_.state(row, address) = written | thread.tensor[3];
  note({Resource::Type::frame_word, Network::activations, row, address, 0}, self);
}

void Simulator::weights_event(std::uint32_t id) {
  ThreadState& thread = threads_[id];
  const std::uint32_t core = core_of(id, isa::Thread::weights);
  const std::uint32_t words = chip_.weight_blocks * chip::block_words;
  for (std::uint32_t j = 0; j < thread.lane_count; ++j) {
    const std::uint32_t lane = thread.lane_first + j;
    const std::uint64_t cycle = now_ + (thread.immediate[1] >> (8 * j) & 0xff);
    delayed_.takes.at(cycle).push_back({core, (thread.operand[1] + j) % words, lane, actor(id)});
    wheel_.mark(cycle);
  }
}

void Simulator::take_weights(const WeightTake& take) {
  const isa::Word* word = model_.take(now_, take.core, take.lane);
  if (word == nullptr) [[unlikely]]
    missing_word(Network::model, take.lane, take.actor);
  const std::size_t block = weights_.index(take.core, take.weight_word / chip::block_words);
  const std::uint32_t lane = take.weight_word % chip::block_words;
  const Resource resource{Resource::Type::weight_word, Network::model, take.core, take.weight_word, 0};
  if (weights_.holds(block, lane)) [[unlikely]] {
    stop(FaultKind::overwritten, take.actor,
         fmt::format("weight word {} (block {}, lane {})", take.weight_word, take.weight_word / 32, lane), resource);
  }
  weights_.write(block, lane, *word);
  ++activity_[take.core].weight_words_written;
  note(resource, take.actor);
}

void Simulator::programs_event(std::uint32_t id) {
  ThreadState& thread = threads_[id];
  const std::uint32_t core = core_of(id, isa::Thread::programs), index = thread.operand[1];
  const Actor self = actor(id);
  const isa::Word* word = instructions_.take(now_, core, 0);
  if (word == nullptr) missing_word(Network::instructions, 0, self);
  ProgramHalf& half = halves_[core][1 - thread.half];
  const Resource resource{Resource::Type::program_word, Network::instructions, core, index, 0};
  if (index >= half.words.size()) stop(FaultKind::address, self, fmt::format("program word {}", index));
  if (half.threads != 0) stop(FaultKind::overwritten, self, "program words of a half in which threads still run");
  if (half.word_there[index]) stop(FaultKind::overwritten, self, fmt::format("program word {}", index), resource);
  half.words[index] = *word;
  ++activity_[core].program_words_received;
  half.word_there[index] = 1;
  note(resource, self);
}

void Simulator::missing_word(Network network, std::uint32_t lane, const Actor& self) {
  stop(FaultKind::missing_word, self,
       port_text(network, is_edge(self.thread) ? cores_ + unit_of(self.thread) : unit_of(self.thread), lane));
}

void Simulator::check_lost(Network network, Fabric& fabric) {
  if (fabric.outstanding(now_) == 0) [[likely]]
    return;
  const auto [port, lane] = fabric.lost(now_);
  constexpr isa::Thread receivers[] = {isa::Thread::receive, isa::Thread::weights, isa::Thread::programs};
  const std::uint32_t id =
      port < cores_ ? static_cast<std::uint32_t>(receivers[static_cast<std::size_t>(network)]) * cores_ + port
                    : first_edge_ + chip_.rows + (port - cores_);
  stop(FaultKind::lost_word, {id, threads_[id].segment, nullptr}, port_text(network, port, lane),
       port_resource(network, port, lane, now_));
}

}  // namespace northpole::machine::step
