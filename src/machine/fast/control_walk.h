// The one walk through a verified program: all threads in the order of cycles, as the step simulator has them, but with
// names of words instead of words, and without a single check of the rules.
//
// Control is read by the step simulator's own classes (sections, resolved instructions, routes), so both engines mean
// the same by an instruction's fields; what an event does to data is this folder's own.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "machine/fast/data_flow_builder.h"
#include "machine/fast/proof_ahead.h"
#include "machine/fast/section_cache.h"
#include "machine/step/event_wheel.h"
#include "machine/step/program_half.h"
#include "machine/step/thread_state.h"
#include "machine/step/zeroed_array.h"

namespace northpole::machine::fast {

class ControlWalk {
 public:
  // The program is verified (verify::verify), or being verified while the walk follows, and outlives the walk. With a
  // proof, construct the walk once that has come to cycle 0.
  explicit ControlWalk(const program::Program& program, ProofAhead* proof = nullptr);
  // Throws northpole::Error when the proof fails, and for a program that only the step engine runs: weights or vector
  // constants computed at run time, a window whose codes change their meaning.
  DataFlow run();

 private:
  struct Cell {
    WordName word = no_value;
    std::uint16_t tag = 0;
    bool written = false;
  };
  struct DelayedWrite {
    std::uint32_t cell;
    std::uint16_t tag;
    WordName word;  // the codes of a part of it, where `bits` are not 8
    std::uint8_t bits = 8, forms = 0;
    isa::VectorParts parts{};
  };
  struct SecondRead {  // the vector event before
    std::uint32_t second;
    std::uint8_t bits, part;
    bool is_signed;
    DelayedWrite write;  // the word is still to come
    std::uint32_t setup;
    bool of_sum;
    std::uint32_t number;  // into second_terms_ or second_inputs_
  };
  struct WeightTake {  // words one behind the other, from lanes side by side
    std::uint32_t weight_word;
    std::uint16_t core;
    std::uint8_t lane, count;
  };
  // A block in the weight buffer, by the first eight words of it (the smallest block has no more).
  struct WeightUse {
    std::uint32_t block;  // DataFlowBuilder::block plus 1; 0 when words have changed
    std::uint16_t mode;   // widths of the multiply event that it was looked up for
  };
  struct Registers {
    std::vector<WordName> words;
    std::uint64_t last_key = 0;  // of the setup below: function register, first constant, second; 0 is none
    std::uint32_t last_setup = 0;
    std::uint32_t last_function_register = ~0u, last_function = 0;  // ControlWalk::functions_
    std::vector<Value> window;                                      // words of the maximum under way
    bool window_signed = false;
    std::int32_t window_zero = 0;
  };
  // Words on their way: by cycle and port and lane.
  struct Network {
    std::uint32_t ports = 0, lanes = 0;
    std::uint64_t ring = 0;  // cycles that are kept: more than the longest way takes
    std::vector<WordName> delivered;
    Statistics::Traffic traffic;
    WordName& at(std::uint64_t cycle, std::uint32_t port, std::uint32_t lane) {
      return delivered[((cycle % ring) * ports + port) * lanes + lane];
    }
  };
  static constexpr std::size_t smallest_block = 8;  // weight words: 2-bit weights for 8-bit activations

  // control_walk.cpp
  void load();
  void follow_proof(std::uint64_t cycle);
  void cycle();
  template <typename Event>
  void each(std::uint32_t kind, Event event);
  void start_threads();
  void fetch(std::uint32_t id, std::uint64_t cycle);
  void switch_thread(std::uint32_t id);
  // recorded_tensors.cpp
  void record(std::size_t location);
  void record_outputs();

  // movement_events.cpp
  void memory_event(std::uint32_t core);
  void send_event(std::uint32_t core);
  void edge_send_event(std::uint32_t row);
  void weights_event(std::uint32_t core);
  void take_weights(const WeightTake& take);
  void take_later(const WeightTake& take, std::uint32_t skew);
  void receive_event(std::uint32_t core);
  void edge_receive_event(std::uint32_t row);
  void programs_event(std::uint32_t core);
  void load_parameters(const step::ThreadState& thread, std::uint32_t core);
  void dispatch(Network& network, const step::ThreadState& thread, WordName word, std::uint32_t lane);

  // compute_events.cpp
  void multiply_event(std::uint32_t core);
  void pass_event(std::uint32_t core);
  const WeightUse& weights_of(const step::ThreadState& thread, std::uint32_t core);
  // vector_events.cpp
  void vector_event(std::uint32_t core);
  void finish_vector(const SecondRead& second);
  void write(const DelayedWrite& write);
  bool take_window(const step::ThreadState& thread, const isa::VectorFunction& function, Registers& registers,
                   Value source);
  const isa::VectorFunction& function_of(const step::ThreadState& thread, std::uint32_t core);
  std::uint32_t setup_of(const step::ThreadState& thread, const isa::VectorFunction& function, std::uint32_t core);
  const isa::Word& constant_word(WordName name) const;
  TermList& sum(std::uint32_t core, std::uint16_t operand) {
    return sums_[std::size_t{core} * chip_.partial_sums + operand % chip_.partial_sums];
  }

  std::uint32_t cell_of(std::uint32_t core, std::uint32_t address) const { return core * memory_words_ + address; }
  step::ThreadState& thread(isa::Thread kind, std::uint32_t core) {
    return threads_[static_cast<std::uint32_t>(kind) * cores_ + core];
  }
  std::uint32_t kind_of(std::uint32_t id) const;
  std::uint32_t unit_of(std::uint32_t id) const;
  static constexpr std::uint32_t edge_send_kind = isa::thread_count, edge_receive_kind = isa::thread_count + 1;

  const program::Program& program_;
  ProofAhead* proof_;  // or null
  const chip::ChipDescription& chip_;
  const std::uint32_t cores_, first_edge_, memory_words_;
  DataFlowBuilder builder_;

  step::ZeroedArray<Cell> memory_;
  step::ZeroedArray<WordName> frames_;
  step::ZeroedArray<WordName> weight_words_;  // all of a core's, core after core
  step::ZeroedArray<WeightUse> weight_uses_;  // of every eighth word
  std::vector<TermList> sums_;
  std::vector<Registers> registers_;
  SequenceTable function_words_, setup_words_;  // names of the registers' words
  std::vector<isa::VectorFunction> functions_;  // by number of function_words_
  std::vector<std::uint32_t> setups_;           // by number of setup_words_
  std::vector<std::array<step::ProgramHalf, 2>> halves_;
  SectionCache sections_;
  std::vector<step::ThreadState> threads_;  // kind * cores + core; then the edge units' sends and receives

  std::uint64_t now_ = 0, last_event_ = 0;
  step::EventWheel wheel_;
  Network activations_, model_, instructions_;
  std::vector<std::vector<DelayedWrite>> writes_;  // by cycle, a ring
  std::vector<SecondRead> seconds_, seconds_now_;
  std::vector<TermList> second_terms_;  // of seconds_
  std::vector<std::vector<Value>> second_inputs_;
  std::vector<std::vector<WeightTake>> takes_;  // by cycle, a ring longer than any skew so far
  std::vector<TermList> arrivals_;              // (cycle % ring of sums, core, direction)
  std::uint64_t sum_ring_;
  std::vector<std::array<std::uint32_t, 4>> neighbours_;  // of each core, by direction; none: itself
  std::vector<std::uint32_t> fetching_;
  step::HalfMoves moves_;
  std::vector<Value> inputs_;  // scratch
  std::vector<WordName> names_;
  Statistics statistics_;
};

}  // namespace northpole::machine::fast
