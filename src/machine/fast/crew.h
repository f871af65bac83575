// Threads that do the waves of a run together with the one that asks for it.
#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "machine/fast/meeting.h"
#include "machine/fast/work_items.h"

namespace northpole::machine::fast {

class Crew {
 public:
  // `work(item, thread)` is called by thread 0 (the caller of run) to `threads` - 1; it must not throw.
  Crew(std::uint32_t threads, std::vector<Wave> waves, std::function<void(const WorkItem&, std::uint32_t)> work);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  void run();

 private:
  void take_waves(std::uint32_t thread);

  std::vector<Wave> waves_;
  std::function<void(const WorkItem&, std::uint32_t)> work_;
  std::vector<std::atomic<std::uint32_t>> next_;  // item of each wave
  Meeting meeting_;
  std::atomic<std::uint32_t> runs_{0};
  std::atomic<bool> over_{false};
  std::vector<std::thread> others_;
};

}  // namespace northpole::machine::fast
