#include "train/run_log.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "data/files.h"
#include "network/error.h"
#include "program/atomic_file.h"

namespace northpole::train {

RunLog::RunLog(std::string path, std::int64_t lines) : path_(std::move(path)) {
  if (lines > 0 && std::filesystem::exists(path_)) lines_ = data::read_lines(path_);
  if (static_cast<std::int64_t>(lines_.size()) > lines) lines_.resize(static_cast<std::size_t>(lines));
  std::string kept;
  for (const std::string& line : lines_) kept += line + "\n";
  program::write_file_atomically(kept, path_);
}

void RunLog::add(const std::string& json) {
  std::ofstream file(path_, std::ios::app);
  file << json << '\n';
  file.close();
  if (!file) throw Error(path_ + ": cannot be written: " + std::strerror(errno));
  lines_.push_back(json);
}

}  // namespace northpole::train
