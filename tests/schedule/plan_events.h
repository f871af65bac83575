// Every event of a plan, and every event of the programs that were written for it, in a form that can be compared.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

#include "program/program.h"
#include "report/core_programs.h"
#include "report/events.h"
#include "schedule/run_plan.h"

namespace northpole::schedule {

struct PlanEvent {
  std::uint64_t cycle = 0;
  isa::Opcode opcode = isa::Opcode::end;
  std::array<std::uint16_t, 4> operand{}, tensor{};
  std::array<std::uint32_t, 2> immediate{};  // without masks over loops
  std::uint8_t flags = 0;
  bool first = false,
       last = false;  // what flags and masks say of this event: starts a sum or window; releases, ends one
  bool operator==(const PlanEvent&) const = default;
};

inline void append_events(const isa::Instruction& instruction, std::uint64_t start, std::vector<PlanEvent>& events) {
  std::uint32_t first_mask = 0, last_mask = 0;
  PlanEvent event;
  event.opcode = instruction.opcode;
  event.tensor = instruction.tensor;
  event.immediate = instruction.immediate;
  event.flags = instruction.flags;
  bool first = true, last = true;
  if (instruction.opcode == isa::Opcode::multiply) {
    isa::MultiplyMode mode = isa::decode_multiply_mode(instruction.immediate[0]);
    first = instruction.flags & isa::multiply_initialize;
    last = instruction.flags & isa::multiply_release;
    first_mask = mode.initialize_mask;
    last_mask = mode.release_mask;
    mode.initialize_mask = mode.release_mask = 0;
    event.immediate[0] = isa::encode(mode);
    event.flags = 0;
  } else if (instruction.opcode == isa::Opcode::vector) {
    isa::VectorMode mode = isa::decode_vector_mode(instruction.immediate[0]);
    first_mask = mode.first_mask;
    last_mask = mode.last_mask;
    mode.first_mask = mode.last_mask = 0;
    event.immediate[0] = isa::encode(mode);
  }
  // Trips in the order of events.
  std::vector<std::uint32_t> trip(instruction.loops.size(), 0);
  report::for_each_event(instruction, start, [&](std::uint64_t cycle, const std::array<std::uint16_t, 4>& operand) {
    event.cycle = cycle;
    event.operand = operand;
    event.first = first;
    event.last = last;
    for (std::size_t i = 0; i < trip.size(); ++i) {
      if (first_mask >> i & 1U) event.first &= trip[i] == 0;
      if (last_mask >> i & 1U) event.last &= trip[i] + 1U == instruction.loops[i].count;
    }
    events.push_back(event);
    for (std::size_t i = trip.size(); i-- > 0;) {
      if (++trip[i] < instruction.loops[i].count) break;
      trip[i] = 0;
    }
  });
}

inline std::vector<PlanEvent> events_of(const std::vector<TimedInstruction>& list) {
  std::vector<PlanEvent> events;
  for (const TimedInstruction& timed : list) append_events(timed.instruction, timed.start, events);
  return events;
}

// What a thread does over all its programs, but for switches, ends and the loading of programs.
inline std::vector<PlanEvent> events_of(const report::ProgramSequence& sequence, std::uint32_t core,
                                        isa::Thread thread) {
  std::vector<PlanEvent> events;
  std::uint64_t free = 0;
  for (const auto& of_cores : sequence.programs) {
    const report::CoreProgram& program = of_cores[core];
    std::string problem;
    for (const isa::Instruction& raw : report::section_of(*program.words, thread, problem)) {
      const isa::Instruction instruction = report::resolved(raw, program.parameters);
      const std::uint64_t start = free + instruction.delay;
      free = start + span(instruction) + 1;
      const isa::Opcode opcode = instruction.opcode;
      if (opcode != isa::Opcode::end && opcode != isa::Opcode::switch_program && opcode != isa::Opcode::send_program &&
          opcode != isa::Opcode::parameters && opcode != isa::Opcode::receive_program)
        append_events(instruction, start, events);
    }
    EXPECT_EQ(problem, "");
  }
  return events;
}

inline void expect_same_events(const RunPlan& plan, const program::Program& program) {
  const report::ProgramSequence sequence = report::program_sequence(program);
  ASSERT_EQ(sequence.problem, "");
  for (std::uint32_t core = 0; core < program.chip.cores(); ++core)
    for (std::size_t t = 0; t < isa::thread_count; ++t) {
      const auto thread = static_cast<isa::Thread>(t);
      const auto planned = events_of(plan.thread(core, thread)), written = events_of(sequence, core, thread);
      ASSERT_EQ(planned.size(), written.size()) << "core " << core << ", " << isa::name(thread);
      for (std::size_t i = 0; i < planned.size(); ++i)
        ASSERT_TRUE(planned[i] == written[i]) << "core " << core << ", " << isa::name(thread) << ", event " << i
                                              << " in cycle " << planned[i].cycle << " (" << written[i].cycle << ")";
    }
}

}  // namespace northpole::schedule
