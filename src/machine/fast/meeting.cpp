#include "machine/fast/meeting.h"

namespace northpole::machine::fast {
namespace {

constexpr int looks = 2000;  // some 30 microseconds: more than threads of one wave are apart, less than a sleep costs

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

void wait_for_change(const std::atomic<std::uint32_t>& value, std::uint32_t seen) {
  for (int look = 0; look < looks; ++look) {
    if (value.load(std::memory_order_acquire) != seen) return;
    pause();
  }
  value.wait(seen, std::memory_order_acquire);
}

void Meeting::arrive_and_wait() {
  // Read before arriving: the last one may be through before this thread looks.
  const std::uint32_t meeting = meetings_.load(std::memory_order_acquire);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
    arrived_.store(0, std::memory_order_relaxed);  // nobody arrives again before the meeting is over
    meetings_.fetch_add(1, std::memory_order_acq_rel);
    meetings_.notify_all();
  } else {
    wait_for_change(meetings_, meeting);
  }
}

}  // namespace northpole::machine::fast
