// Work on numbered items by several threads, each with something of its own.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace northpole::evaluate {

// Calls visit(own, index) for 0 .. count - 1, each index once, from `threads` threads of which each made its `own` by
// make(). Rethrows the first exception.
template <typename Make, typename Visit>
void for_each_index(std::int64_t count, int threads, const Make& make, const Visit& visit) {
  std::atomic<std::int64_t> next = 0;
  std::exception_ptr failure;
  std::mutex failing;
  const auto work = [&] {
    try {
      auto own = make();
      for (std::int64_t index; (index = next++) < count;) visit(own, index);
    } catch (...) {
      const std::lock_guard lock(failing);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (std::int64_t i = 1; i < std::min<std::int64_t>(threads, count); ++i) helpers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace northpole::evaluate
