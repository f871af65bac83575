#include "progress.h"

#include <fmt/format.h>
#include <unistd.h>

namespace northpole::cli {

Progress::Progress(std::string what) : what_(std::move(what)), on_terminal_(::isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (visible_) fmt::print(stderr, "\r\033[K");
}

void Progress::show(std::int64_t done, std::int64_t total) {
  using namespace std::chrono_literals;
  if (!on_terminal_ || total <= 0) return;
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  if (now - start_ < 2s || now - shown_ < 100ms) return;
  shown_ = now;
  visible_ = true;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double share = static_cast<double>(done) / static_cast<double>(total);
  const double left = done > 0 ? seconds / share - seconds : 0;
  fmt::print(stderr, "\r\033[K{}: {:.0f} % ({} of {}), {:.0f} s to go", what_, 100 * share, done, total, left);
  std::fflush(stderr);
}

}  // namespace northpole::cli
