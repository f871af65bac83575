// Pauses of a run, found one after another: each attempt to write the programs names the next one that it needs.
#pragma once

#include <vector>

#include "schedule/resources.h"
#include "schedule/run_programs.h"

namespace northpole::schedule {

// A pause more. Those that come later move with what they precede. Where there is one already that did not help, the
// segment before it needs one within: halfway to the pause before.
void insert_pause(std::vector<Pause>& pauses, const NeedsPause& needed);

}  // namespace northpole::schedule
