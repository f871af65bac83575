// A walk that follows the proof of its program: another thread proves cycle after cycle sound, and the walk does a
// cycle once it is proven, so that both together take little longer than one. What is proven cannot lead the walk
// astray: the proof has looked at every address, register, route and program word of these cycles.
#pragma once

#include <atomic>
#include <cstdint>

namespace northpole::machine::fast {

class ProofAhead {
 public:
  static constexpr std::uint64_t whole = ~std::uint64_t{0} - 3;  // as a cycle: when the proof is over

  // The proving thread. First with 0. Cycles below `cycles` are sound; never falls.
  void sound_until(std::uint64_t cycles);
  // The proof is over; if it failed, nothing is proven any more.
  void end(bool sound);

  // The walking thread: waits until the program as a whole is proven, or until `cycle` is; false when it never will be.
  bool wait_for_start();
  bool wait_for(std::uint64_t cycle);

 private:
  void tell(std::uint64_t cycles);
  bool wait_until(std::uint64_t least);

  static constexpr std::uint64_t failed = ~std::uint64_t{0}, sound_to_the_end = failed - 1;
  std::atomic<std::uint64_t> proven_{0};  // cycles, plus 1 from the start on
  std::atomic<std::uint32_t> news_{0};    // counts changes of it
  std::uint64_t seen_ = 0;                // by the walking thread
};

}  // namespace northpole::machine::fast
