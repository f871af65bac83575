// How far something long is, on the terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace northpole::cli {

// One line on stderr, only when that is a terminal and the work takes more than two seconds; gone when the object is.
class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // May be called from several threads.
  void show(std::int64_t done, std::int64_t total);

 private:
  using Clock = std::chrono::steady_clock;
  std::string what_;
  Clock::time_point start_ = Clock::now(), shown_{};
  bool on_terminal_, visible_ = false;
  std::mutex mutex_;
};

}  // namespace northpole::cli
