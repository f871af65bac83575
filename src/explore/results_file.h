// What has been found out so far, on disk: a file that only grows, a line of JSON for each chip, so that work that was
// killed goes on where it was. Lines say for what exactly they hold (a key made by the caller), so one file may hold
// several sweeps.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "explore/outcome.h"

namespace northpole::explore {

class ResultsFile {
 public:
  // Reads what is there; a last line that was cut off is dropped. Throws northpole::Error for a file that cannot be
  // read or written, or is no such file.
  explicit ResultsFile(std::string path);

  std::optional<Outcome> find(const std::string& key) const;
  // Adds a line at once, whole. May be called from several threads. Throws northpole::Error when it cannot be written.
  void add(const std::string& key, const Outcome& outcome);

 private:
  std::string path_;
  mutable std::mutex mutex_;
  std::map<std::string, Outcome> known_;
};

}  // namespace northpole::explore
