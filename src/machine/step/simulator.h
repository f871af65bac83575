// The step-by-step simulator: all cores and edge units of one configured program, cycle by cycle, with real values.
//
// Each thread's next event stands in a calendar; a cycle looks only at those threads, in an order of thread kinds that
// makes reads come before writes. Whatever an event causes later (a word's delivery, a vector's output) is kept in a
// ring of cycles. The rules are those of docs/instruction-set.md; a broken one stops the run with a Fault.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "machine/fault.h"
#include "machine/run_result.h"
#include "machine/step/delayed.h"
#include "machine/step/event_wheel.h"
#include "machine/step/fabric.h"
#include "machine/step/storage.h"
#include "machine/step/thread_state.h"
#include "machine/step/watch.h"
#include "machine/step/weight_buffers.h"
#include "program/program.h"

namespace northpole::machine::step {

class Simulator {
 public:
  explicit Simulator(std::shared_ptr<const program::Program> program);

  // One run from cycle 0 with this input frame (none: the input's words are unwritten). After a fault, the run is
  // repeated up to it to learn which instruction used the resource before.
  RunResult run(std::span<const isa::Word> input, const Observer& observer);
  // Words of outputs[index], after a run without fault.
  std::vector<isa::Word> output(std::size_t index);

 private:
  struct Stop {  // thrown by stop(), caught by run()
    Fault fault;
    Resource resource;
  };
  struct HeldOperands {  // of a core's last multiply
    std::uint32_t segment = ~std::uint32_t{0}, index = 0;
    std::uint16_t block = 0, sum = 0;
  };
  struct LaterFault {
    std::uint64_t cycle = EventWheel::never;
    Stop stop;
  };

  // simulator.cpp: the run
  std::optional<Stop> attempt(std::span<const isa::Word> input, const Observer& observer, RunResult& result);
  void reset(std::span<const isa::Word> input);
  void load_image();
  void load_boot();
  void simulate(const Observer& observer);
  void cycle();
  template <typename Event>
  void each(isa::Thread kind, Event event);
  template <typename Event>
  void each_of_kind(std::uint32_t kind, std::uint64_t& count, Event event);

  // run_end.cpp
  void check_end();
  void check_left_behind();
  void check_half_of_configure(std::uint32_t core);
  void check_output(const program::FrameLayout& layout);
  // snapshot.cpp
  TensorSnapshot snapshot(const program::TensorLocation& location);

  // threads.cpp: programs and sections, the way from one instruction to the next
  void start_threads();
  void end_thread(std::uint32_t id);
  void switch_thread(std::uint32_t id);
  void fetch(std::uint32_t id, std::uint64_t cycle);

  // memory_events.cpp
  const isa::Word& read(std::uint32_t core, std::uint32_t address, std::uint16_t tag, const Actor& actor,
                        bool* image = nullptr);
  void write(std::uint32_t core, std::uint32_t address, std::uint16_t tag, const isa::Word& word, const Actor& actor,
             Quarters quarters = all_quarters);
  void write_further(const DelayedWrite& delayed);
  WordState& writable(std::uint32_t core, std::uint32_t address, const Actor& actor);
  void use_bank(Memories& memories, bool edge, std::uint32_t unit, std::uint32_t address, const Actor& actor) {
    const std::uint32_t bank = memories.bank(address);
    if (!memories.use_bank(unit, bank, now_)) [[unlikely]]
      bank_conflict(edge, unit, bank, actor);
    if (watching_) [[unlikely]]
      note(bank_resource(edge, unit, bank), actor);
  }
  Resource bank_resource(bool edge, std::uint32_t unit, std::uint32_t bank) const {
    return {edge ? Resource::Type::frame_bank : Resource::Type::bank, Network::activations, unit, bank, now_};
  }
  [[noreturn]] void bank_conflict(bool edge, std::uint32_t unit, std::uint32_t bank, const Actor& actor);
  void check_address(std::uint32_t address, const Actor& actor) {
    if (address >= memory_.unit_words()) [[unlikely]]
      wrong_address(address, actor);
  }
  [[noreturn]] void wrong_address(std::uint32_t address, const Actor& actor);
  void memory_event(std::uint32_t id);
  void send_weights(ThreadState& thread, std::uint32_t core, const Actor& actor);
  void load_parameters(ThreadState& thread, std::uint32_t core, const Actor& actor);

  // network_events.cpp
  void send_event(std::uint32_t id);
  void receive_event(std::uint32_t id);
  void edge_send_event(std::uint32_t id);
  void edge_receive_event(std::uint32_t id);
  void weights_event(std::uint32_t id);
  void take_weights(const WeightTake& take);
  void programs_event(std::uint32_t id);
  void dispatch(Network network, Fabric& fabric, const ThreadState& thread, std::uint32_t handle, std::uint32_t first,
                std::uint32_t count, const Actor& actor);
  void check_lost(Network network, Fabric& fabric);
  [[noreturn]] void missing_word(Network network, std::uint32_t lane, const Actor& actor);

  std::string port_text(Network network, std::uint32_t port, std::uint32_t lane) const;
  std::string link_text(Network network, std::uint32_t link, std::uint32_t lane) const;
  void check_frame_word(std::uint32_t row, std::uint32_t address, std::uint16_t tag, const Actor& reader);

  // matrix_events.cpp
  void multiply_event(std::uint32_t id);
  void count_product(const ThreadState& thread, std::uint32_t core, bool initialize);
  [[noreturn]] void incomplete_block(const ThreadState& thread, const Actor& actor);
  void multiply_narrow(const ThreadState& thread, const isa::Word& activation, const NarrowBlock& block,
                       bool initialize, std::int32_t* sum);
  void pass_event(std::uint32_t id);
  SumVector& use_sum(std::uint32_t core, std::uint16_t operand, const Actor& actor);
  void send_sum(std::uint32_t core, std::uint32_t to, ArrivingSums::Arrival arrival);
  void check_lost_sums();

  // vector_events.cpp
  void vector_event(std::uint32_t id);
  void load_constants(ThreadState& thread, std::uint32_t core, const Actor& actor);
  const isa::VectorFunction& function_of(const ThreadState& thread, std::uint32_t core, const Actor& actor);
  const isa::Word* constant_registers(std::uint32_t core, std::uint32_t first, std::uint32_t count, const Actor& actor);
  void check_parts(const ThreadState& thread, const isa::VectorFunction& function, const Actor& actor);
  void vector_source(ThreadState& thread, std::uint32_t core, const isa::VectorFunction& function, const Actor& actor,
                     std::int32_t* x);
  void finish_vector(const SecondRead& second);

  // stopping.cpp
  Actor actor(std::uint32_t id) const {
    const ThreadState& thread = threads_[id];
    return {id, thread.segment, thread.instruction};
  }
  static constexpr std::uint32_t edge_send_kind = isa::thread_count, edge_receive_kind = isa::thread_count + 1;
  bool is_edge(std::uint32_t id) const { return id >= first_edge_; }
  std::uint32_t core_of(std::uint32_t id, isa::Thread thread) const {
    return id - static_cast<std::uint32_t>(thread) * cores_;
  }
  std::uint32_t kind_of(std::uint32_t id) const;
  std::uint32_t unit_of(std::uint32_t id) const;
  std::string describe(const Actor& actor) const;
  std::string tensor_name(std::uint16_t tag) const;
  std::string instruction_text(const isa::Instruction& instruction) const;
  std::string masks_text(const ThreadState& thread) const;
  std::string layer_of(const Actor& actor) const;
  Stop make_stop(FaultKind kind, std::uint64_t cycle, const Actor& actor, std::string what,
                 const Resource& resource) const;
  [[noreturn]] void stop(FaultKind kind, const Actor& actor, std::string what, const Resource& resource = {});
  [[noreturn]] void stop_at(FaultKind kind, std::uint64_t cycle, const Actor& actor, std::string what,
                            const Resource& resource = {});
  void stop_later(Stop stop);
  void note(const Resource& resource, const Actor& actor) {
    if (watching_) [[unlikely]] {
      if (resource == watched_) watched_user_ = describe(actor);
    }
  }

  std::shared_ptr<const program::Program> program_;
  const chip::ChipDescription& chip_;
  std::uint32_t cores_, first_edge_;
  std::vector<std::size_t> locations_;  // of the program, by cycle
  const BlockKernel& kernel_;

  // What the machine holds.
  Memories memory_, frames_;
  WeightBuffers weights_;
  PartialSums sums_;
  std::vector<ConstantRegisters> constants_;
  std::vector<std::array<ProgramHalf, 2>> halves_;
  std::vector<ThreadState> threads_;  // kind * cores + core; then the edge units' sends and receives

  // Of the run under way.
  std::uint64_t now_ = 0, last_event_ = 0;
  EventWheel wheel_;
  Fabric activations_, model_, instructions_;
  DelayedWork delayed_;
  std::vector<std::uint32_t> fetching_;  // threads that need their next instruction
  HalfMoves moves_;
  std::deque<std::pair<std::uint64_t, std::shared_ptr<const Section>>>
      retired_;  // delayed work may still name their instructions
  LaterFault later_;
  Statistics statistics_;
  std::vector<HeldOperands> held_;  // by core
  std::vector<Activity> activity_;  // by core, then by row of an edge unit

  bool watching_ = false;
  Resource watched_;
  std::string watched_user_;
};

}  // namespace northpole::machine::step
