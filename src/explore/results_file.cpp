#include "explore/results_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "network/error.h"
#include "program/atomic_file.h"

namespace northpole::explore {

using Json = nlohmann::ordered_json;

ResultsFile::ResultsFile(std::string path) : path_(std::move(path)) {
  std::error_code ignored;
  if (!std::filesystem::exists(path_, ignored)) return;
  const std::string text = program::read_whole_file(path_);
  std::size_t first = 0;
  for (std::size_t line = 1; first < text.size(); ++line) {
    const std::size_t end = text.find('\n', first);
    if (end == std::string::npos) break;
    try {
      const Json json = Json::parse(text.substr(first, end - first));
      known_[json.at("key").get<std::string>()] = outcome_from(json.at("outcome"));
    } catch (const nlohmann::json::exception&) {
      throw Error(
          fmt::format("{}: line {} is not of a results file of 'northpole explore'; name another file", path_, line));
    }
    first = end + 1;
  }
  if (first == text.size()) return;
  // A line that was being written when the work was killed; anything else is not ours to cut.
  if (text.compare(first, std::min<std::size_t>(7, text.size() - first), "{\"key\":", 0,
                   std::min<std::size_t>(7, text.size() - first)) != 0)
    throw Error(path_ + ": not a results file of 'northpole explore'; name another file");
  if (::truncate(path_.c_str(), static_cast<off_t>(first)) != 0)
    throw Error(fmt::format("{}: cannot be written: {}", path_, std::strerror(errno)));
}

std::optional<Outcome> ResultsFile::find(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(key);
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

void ResultsFile::add(const std::string& key, const Outcome& outcome) {
  const std::string line =
      Json({{"key", key}, {"outcome", to_json(outcome)}}).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  const std::lock_guard lock(mutex_);
  const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const bool written = file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  const int problem = errno;
  if (file >= 0) ::close(file);
  if (!written) throw Error(fmt::format("{}: cannot be written: {}", path_, std::strerror(problem)));
  known_[key] = outcome;
}

}  // namespace northpole::explore
