#include "schedule/pauses.h"

#include <algorithm>

namespace northpole::schedule {

void insert_pause(std::vector<Pause>& pauses, const NeedsPause& needed) {
  std::uint64_t cycle = needed.cycle, before = 0;
  bool there = false;
  for (const Pause& pause : pauses) {
    there = there || pause.cycle == needed.cycle;
    if (pause.cycle + pause.cycles <= needed.cycle) before = std::max(before, pause.cycle + pause.cycles);
  }
  if (there) cycle = before + (needed.cycle - before) / 2;
  for (Pause& pause : pauses)
    if (pause.cycle >= cycle) pause.cycle += needed.cycles;
  pauses.push_back({cycle, needed.cycles});
}

}  // namespace northpole::schedule
