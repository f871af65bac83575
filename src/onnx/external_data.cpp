#include "onnx/external_data.h"

#include <charconv>
#include <fstream>

#include "network/error.h"
#include "network/text.h"

namespace northpole::onnx {
namespace {

using network::Error;
using network::quoted_name;
namespace files = std::filesystem;

std::uint64_t parse(const std::string& text, std::uint64_t otherwise, const char* what) {
  if (text.empty()) return otherwise;
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size())
    throw Error(std::string("external data has the ") + what + " " + quoted_name(text) + ", which is not a number");
  return value;
}

// The file's real path, proven to lie inside the folder.
files::path locate(const std::string& location, const files::path& folder) {
  const files::path relative(location);
  bool leaves = location.empty() || relative.is_absolute() || location.find('\0') != std::string::npos;
  for (const files::path& part : relative) leaves = leaves || part == "..";
  std::error_code problem;
  const files::path home = files::canonical(folder, problem);
  const files::path file = files::weakly_canonical(home / relative, problem);
  const files::path inside = file.lexically_relative(home);
  leaves = leaves || problem || inside.empty() || *inside.begin() == "..";
  if (leaves)
    throw Error("external data at " + quoted_name(location) + " is outside the model's folder and is not read");
  return file;
}

}  // namespace

std::string read_external(const ExternalData& data, const files::path& folder, std::uint64_t needed) {
  const files::path file = locate(data.location, folder);
  std::error_code problem;
  if (!files::is_regular_file(file, problem))
    throw Error("external data file " + quoted_name(data.location) + " is missing");
  const std::uint64_t size = files::file_size(file, problem);
  const std::uint64_t offset = parse(data.offset, 0, "offset");
  const std::uint64_t length = parse(data.length, needed, "length");
  if (length != needed)
    throw Error("external data has " + std::to_string(length) + " bytes, the shape needs " + std::to_string(needed));
  if (problem || offset > size || needed > size - offset)
    throw Error("external data file " + quoted_name(data.location) + " is too short: it has " + std::to_string(size) +
                " bytes, " + std::to_string(needed) + " are needed from " + std::to_string(offset));
  std::ifstream stream(file, std::ios::binary);
  std::string bytes(needed, '\0');
  stream.seekg(static_cast<std::streamoff>(offset));
  stream.read(bytes.data(), static_cast<std::streamsize>(needed));
  if (!stream) throw Error("external data file " + quoted_name(data.location) + " cannot be read");
  return bytes;
}

}  // namespace northpole::onnx
