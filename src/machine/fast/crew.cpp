#include "machine/fast/crew.h"

namespace northpole::machine::fast {

Crew::Crew(std::uint32_t threads, std::vector<Wave> waves, std::function<void(const WorkItem&, std::uint32_t)> work)
    : waves_(std::move(waves)), work_(std::move(work)), next_(waves_.size()), meeting_(threads) {
  for (std::uint32_t thread = 1; thread < threads; ++thread) {
    others_.emplace_back([this, thread] {
      for (std::uint32_t seen = 0;; ++seen) {
        wait_for_change(runs_, seen);
        if (over_) return;
        take_waves(thread);
      }
    });
  }
}

Crew::~Crew() {
  over_ = true;
  ++runs_;
  runs_.notify_all();
  for (std::thread& other : others_) other.join();
}

void Crew::run() {
  for (auto& next : next_) next.store(0, std::memory_order_relaxed);
  ++runs_;  // the others see the counters reset
  runs_.notify_all();
  take_waves(0);
}

void Crew::take_waves(std::uint32_t thread) {
  for (std::size_t w = 0; w < waves_.size(); ++w) {
    const Wave& wave = waves_[w];
    for (;;) {
      const std::uint32_t item = next_[w].fetch_add(1, std::memory_order_relaxed);
      if (item >= wave.size()) break;
      work_(wave[item], thread);
    }
    if (!others_.empty() || thread != 0) meeting_.arrive_and_wait();
  }
}

}  // namespace northpole::machine::fast
