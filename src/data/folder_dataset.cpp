#include "data/folder_dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <set>

#include "data/files.h"
#include "network/error.h"

namespace northpole::data {

namespace {

struct Entry {
  std::string file;  // relative to the folder
  int label = 0;
};

// A line "picture.jpeg 65": the class is what stands behind the last blank, so that file names may hold blanks.
Entry parse_line(const std::string& line, const std::string& place, std::size_t classes) {
  const std::size_t end = line.find_last_not_of(" \t");
  const std::size_t blank = line.find_last_of(" \t", end);
  const std::size_t file_end = blank == std::string::npos ? blank : line.find_last_not_of(" \t", blank);
  if (file_end == std::string::npos) {
    throw Error(fmt::format("{}: the class of '{}' is missing (a line is: file, blank, class number)", place,
                            line.substr(0, end + 1)));
  }
  Entry entry;
  entry.file = line.substr(0, file_end + 1);
  const char* first = line.data() + blank + 1;
  const char* last = line.data() + end + 1;
  const auto [stopped, code] = std::from_chars(first, last, entry.label);
  if (code != std::errc() || stopped != last) {
    throw Error(fmt::format("{}: the class of '{}' is missing: '{}' is no class number", place, entry.file,
                            std::string(first, last)));
  }
  if (entry.label < 0 || (classes != 0 && entry.label >= static_cast<int>(classes))) {
    throw Error(fmt::format("{}: '{}' has class {}, but {}", place, entry.file, entry.label,
                            classes ? fmt::format("classes.txt has classes 0 to {}", classes - 1)
                                    : std::string("classes are counted from 0")));
  }
  return entry;
}

bool looks_like_picture(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  static const std::set<std::string> endings = {".jpg", ".jpeg", ".png", ".bmp", ".pnm", ".ppm", ".pgm"};
  return endings.count(ending) != 0;
}

class FolderDataset final : public Dataset {
 public:
  explicit FolderDataset(const std::string& folder) : folder_(folder), class_names_(class_names_of_folder(folder)) {
    const std::string labels_path = (folder_ / "labels.txt").string();
    const std::vector<std::string> lines = read_lines(labels_path);
    std::set<std::string> listed;
    for (std::size_t number = 1; number <= lines.size(); ++number) {
      const std::string& line = lines[number - 1];
      if (line.find_first_not_of(" \t") == std::string::npos || line[0] == '#') continue;
      const std::string place = fmt::format("{}: line {}", labels_path, number);
      entries_.push_back(parse_line(line, place, class_names_.size()));
      const std::string& file = entries_.back().file;
      if (!listed.insert(file).second) throw Error(fmt::format("{}: '{}' is listed twice", place, file));
      if (!std::filesystem::is_regular_file(folder_ / file)) {
        throw Error(fmt::format("{}: the picture '{}' is missing", place, file));
      }
    }
    if (entries_.empty()) throw Error(fmt::format("{}: lists no pictures", labels_path));
    refuse_pictures_without_label(labels_path, listed);
  }

  std::int64_t size() const override { return static_cast<std::int64_t>(entries_.size()); }
  int label(std::int64_t index) const override { return entries_[static_cast<std::size_t>(index)].label; }
  Picture picture(std::int64_t index) const override { return read_picture(picture_name(index)); }
  std::string picture_name(std::int64_t index) const override {
    return (folder_ / entries_[static_cast<std::size_t>(index)].file).string();
  }
  const std::vector<std::string>& class_names() const override { return class_names_; }

 private:
  void refuse_pictures_without_label(const std::string& labels_path, const std::set<std::string>& listed) const {
    std::set<std::string> unlisted;  // ordered, so that the message does not depend on the file system
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      const std::string file = entry.path().filename().string();
      if (entry.is_regular_file() && looks_like_picture(entry.path()) && listed.count(file) == 0) unlisted.insert(file);
    }
    if (unlisted.empty()) return;
    throw Error(fmt::format("{}: the picture '{}' has no line with its class ({} such picture{} in the folder)",
                            labels_path, *unlisted.begin(), unlisted.size(), unlisted.size() == 1 ? "" : "s"));
  }

  std::filesystem::path folder_;
  std::vector<Entry> entries_;
  std::vector<std::string> class_names_;
};

}  // namespace

std::unique_ptr<Dataset> open_folder_dataset(const std::string& folder) {
  return std::make_unique<FolderDataset>(folder);
}

}  // namespace northpole::data
