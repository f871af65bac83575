#include "data/dataset.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <numeric>
#include <optional>

#include "data/cifar_dataset.h"
#include "data/folder_dataset.h"
#include "data/idx_dataset.h"
#include "data/subset_dataset.h"
#include "network/error.h"

namespace northpole::data {

namespace {

std::unique_ptr<Dataset> open_folder(const std::string& folder) {
  if (std::filesystem::exists(std::filesystem::path(folder) / "labels.txt")) return open_folder_dataset(folder);
  const std::vector<IdxPair> pairs = idx_pairs_in(folder);
  if (pairs.size() == 1) return open_idx_dataset(pairs[0].pictures, pairs[0].labels);
  if (pairs.empty()) {
    throw Error(fmt::format(
        "{}: the folder has no labels.txt (file and class on each line) and no pair of idx files in it", folder));
  }
  std::string choices;
  for (const IdxPair& pair : pairs) {
    choices += fmt::format("{}{},{}", choices.empty() ? "" : " or ", pair.pictures, pair.labels);
  }
  throw Error(fmt::format("{}: the folder holds several pairs of idx files; name one: {}", folder, choices));
}

// The two numbers of "[200:1000]" behind the last bracket of the argument; an end left out is -1. Nothing if it does not
// look like that.
struct Part {
  std::string data;
  std::int64_t first = 0, end = -1;
};
std::optional<Part> part_of(const std::string& argument) {
  const std::size_t bracket = argument.rfind('['), colon = argument.rfind(':');
  if (bracket == std::string::npos || colon == std::string::npos || colon < bracket || !argument.ends_with(']')) return {};
  Part part{argument.substr(0, bracket)};
  const auto read = [&](std::size_t from, std::size_t to, std::int64_t& number) {
    if (from == to) return true;
    const auto [stopped, code] = std::from_chars(argument.data() + from, argument.data() + to, number);
    return code == std::errc() && stopped == argument.data() + to && number >= 0;
  };
  if (!read(bracket + 1, colon, part.first) || !read(colon + 1, argument.size() - 1, part.end)) return {};
  return part;
}

std::unique_ptr<Dataset> open_part(const std::string& argument, const Part& part) {
  std::shared_ptr<const Dataset> all = open_dataset(part.data);
  const std::int64_t end = part.end < 0 ? all->size() : part.end;
  if (part.first >= end || end > all->size()) {
    throw Error(fmt::format("{}: there are no such pictures; the data has pictures 0 to {}, and the last number is that "
                            "of the first picture left out",
                            argument, all->size() - 1));
  }
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(end - part.first));
  std::iota(numbers.begin(), numbers.end(), part.first);
  return std::make_unique<SubsetDataset>(std::move(all), std::move(numbers));
}

}  // namespace

std::unique_ptr<Dataset> open_dataset(const std::string& argument) {
  if (!std::filesystem::exists(argument)) {
    if (const std::optional<Part> part = part_of(argument)) return open_part(argument, *part);
  }
  if (std::filesystem::is_directory(argument)) return open_folder(argument);
  if (std::filesystem::exists(argument)) {
    if (is_idx_file(argument)) return open_idx_dataset(argument, idx_labels_beside(argument));
    return open_cifar_dataset(argument);
  }
  const std::size_t comma = argument.find(',');
  if (comma != std::string::npos) {
    return open_idx_dataset(argument.substr(0, comma), argument.substr(comma + 1));
  }
  throw Error(fmt::format("{}: no such folder or file; data is a folder with labels.txt, a CIFAR binary file, or "
                          "two idx files as 'pictures,labels'", argument));
}

Picture open_picture(const std::string& argument) {
  const std::size_t bracket = argument.rfind('[');
  if (std::filesystem::exists(argument) || bracket == std::string::npos || !argument.ends_with(']')) {
    return read_picture(argument);
  }
  const char* last = argument.data() + argument.size() - 1;
  std::int64_t index = -1;
  const auto [stopped, code] = std::from_chars(argument.data() + bracket + 1, last, index);
  const std::unique_ptr<Dataset> dataset = open_dataset(argument.substr(0, bracket));
  if (code != std::errc() || stopped != last || index < 0 || index >= dataset->size()) {
    throw Error(fmt::format("{}: there is no such picture; the data has pictures 0 to {}", argument, dataset->size() - 1));
  }
  return dataset->picture(index);
}

}  // namespace northpole::data
