#include "machine/fast/proof_ahead.h"

#include "machine/fast/meeting.h"

namespace northpole::machine::fast {
namespace {

constexpr std::uint64_t cycles_a_message = 64;  // few messages, yet the walk is never far behind

}  // namespace

void ProofAhead::tell(std::uint64_t cycles) {
  proven_.store(cycles, std::memory_order_release);
  news_.fetch_add(1, std::memory_order_release);
  news_.notify_one();
}

void ProofAhead::sound_until(std::uint64_t cycles) {
  const std::uint64_t before = proven_.load(std::memory_order_relaxed);
  if (before == 0 || cycles + 1 >= before + cycles_a_message) tell(cycles + 1);
}

void ProofAhead::end(bool sound) { tell(sound ? sound_to_the_end : failed); }

bool ProofAhead::wait_for_start() { return wait_until(1); }
bool ProofAhead::wait_for(std::uint64_t cycle) { return wait_until(cycle + 2); }

bool ProofAhead::wait_until(std::uint64_t least) {
  while (seen_ < least) {
    const std::uint32_t news = news_.load(std::memory_order_acquire);
    seen_ = proven_.load(std::memory_order_acquire);
    if (seen_ < least) wait_for_change(news_, news);
  }
  return seen_ != failed;
}

}  // namespace northpole::machine::fast
