// From a whole run as timed events to programs: the run is cut into segments, each short enough for a half of the
// program buffer; while a core runs one program, its memory thread sends it the next one.
//
// Events stay in their cycles. Switches and the loading of programs and parameters go into idle cycles: a thread
// switches in an idle cycle at or soon after a cut (an instruction across it is split, at any trip of its loops), and
// the loading takes place between the switch of the core's last thread into a segment and that of its first thread out
// of it.
#pragma once

#include <cstdint>
#include <string>

#include "program/program.h"
#include "schedule/memory_plan.h"
#include "schedule/run_plan.h"

namespace northpole::schedule {

// What the words of programs and parameters in memory carry (indices into Program::tensors).
struct ProgramTags {
  std::uint16_t programs = 0;
  std::uint16_t parameters = 0;
};

// Thrown when the plan leaves no room for its programs. The plan should be made again so that in the cycles
// [cycle, cycle + cycles) no thread of any core has an event (edge units may); what the old plan did from `cycle` on is
// best done `cycles` later, and otherwise alike. An instruction's loops may run on after the pause, and words may be
// under way in it. One call names one pause; a plan with it may need another one, which will be an earlier one unless
// the plan has changed elsewhere too: keep the pauses of earlier calls (those after `cycle` move with what they
// precede).
struct NeedsPause {
  std::uint64_t cycle = 0, cycles = 0;
  std::string layer;  // at work in that cycle by Program::layers; empty if they say nothing
};

// Fills boot, edges, segments and cycles of `program`, and puts all program and parameter words into the static bank by
// `memory` (whose image() the caller takes afterwards).
//   plan     No events of programs threads, no send_program, parameters, switch_program, end, and no instruction with
//            parameters: Error else.
//   program  Its chip is the plan's. Its layers, if any, name the segments.
// An even number of segments, so that a run can follow a run. The run takes plan.end() cycles, or a few more when the
// boot programs come back no sooner.
// Throws NeedsPause, before anything is changed; Error when a program buffer is too small for any program.
void write_programs(const RunPlan& plan, MemoryPlan& memory, program::Program& program, const ProgramTags& tags);

}  // namespace northpole::schedule
