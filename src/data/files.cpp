#include "data/files.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "network/error.h"

namespace northpole::data {

std::vector<std::uint8_t> read_bytes(const std::string& path) {
  if (std::filesystem::is_directory(path)) {
    throw Error(fmt::format("{}: is a folder, a file was expected", path));
  }
  errno = 0;
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) {
    throw Error(fmt::format("{}: cannot be read: {}", path, std::strerror(errno ? errno : ENOMEM)));
  }
  gzbuffer(file.get(), 1 << 18);
  std::vector<std::uint8_t> bytes;
  std::vector<std::uint8_t> block(1 << 20);
  while (true) {
    const int count = gzread(file.get(), block.data(), static_cast<unsigned>(block.size()));
    if (count > 0) {
      bytes.insert(bytes.end(), block.begin(), block.begin() + count);
      continue;
    }
    // A gzip file that ends too early gives its bytes and only then the error.
    int code = Z_OK;
    const char* message = gzerror(file.get(), &code);
    if (count < 0 || (code != Z_OK && code != Z_STREAM_END)) {
      throw Error(fmt::format("{}: cannot be read: {}", path, code == Z_ERRNO ? std::strerror(errno) : message));
    }
    return bytes;
  }
}

std::vector<std::string> read_lines(const std::string& path) {
  const std::vector<std::uint8_t> bytes = read_bytes(path);
  std::vector<std::string> lines(1);
  for (const std::uint8_t byte : bytes) {
    if (byte == '\n') {
      lines.emplace_back();
    } else {
      lines.back().push_back(static_cast<char>(byte));
    }
  }
  for (std::string& line : lines) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::vector<std::string> read_class_names(const std::string& path) {
  std::vector<std::string> names = read_lines(path);
  for (std::string& name : names) {
    const bool has_wordnet_number =
        name.size() > 10 && name[0] == 'n' && name[9] == ' ' &&
        std::all_of(name.begin() + 1, name.begin() + 9, [](unsigned char c) { return std::isdigit(c) != 0; });
    if (has_wordnet_number) name.erase(0, 10);
  }
  return names;
}

std::vector<std::string> class_names_of_folder(const std::string& folder) {
  const std::filesystem::path path = std::filesystem::path(folder) / "classes.txt";
  if (!std::filesystem::exists(path)) return {};
  return read_class_names(path.string());
}

}  // namespace northpole::data
