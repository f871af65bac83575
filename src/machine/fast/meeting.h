// Where the threads of a run wait for each other, many times in a run and for some microseconds each: they look for a
// while before they sleep, so that they are not sent off their processors and woken again at every meeting.
#pragma once

#include <atomic>
#include <cstdint>

namespace northpole::machine::fast {

// Until `value` is no longer `seen`.
void wait_for_change(const std::atomic<std::uint32_t>& value, std::uint32_t seen);

class Meeting {
 public:
  explicit Meeting(std::uint32_t threads) : threads_(threads) {}
  // Returns once all threads are there; what each did before is seen by all after.
  void arrive_and_wait();

 private:
  const std::uint32_t threads_;
  std::atomic<std::uint32_t> arrived_{0}, meetings_{0};
};

}  // namespace northpole::machine::fast
