#include "program/program_file.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <xxhash.h>

#include <cstring>
#include <limits>

#include "network/error.h"
#include "program/atomic_file.h"
#include "program/check_program.h"
#include "program/message.h"

namespace northpole::program {
namespace {

constexpr char magic[] = "NORTHPOL";
constexpr std::size_t magic_bytes = 8;
constexpr std::size_t header_bytes = magic_bytes + 4 + 8 + 8;

void append_little_endian(std::string& bytes, std::uint64_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
}

std::uint64_t little_endian(const std::string& bytes, std::size_t at, int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

std::string payload_of(const Program& program) {
  const program_format::Program message = to_message(program);
  if (message.ByteSizeLong() > std::numeric_limits<std::int32_t>::max()) {
    throw Error(fmt::format("program of '{}': {} bytes do not fit into a program file", program.network,
                            message.ByteSizeLong()));
  }
  std::string payload;
  google::protobuf::io::StringOutputStream stream(&payload);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return payload;
}

}  // namespace

std::string serialize(const Program& program) {
  const std::string payload = payload_of(program);
  std::string bytes(magic, magic_bytes);
  bytes.reserve(header_bytes + payload.size());
  append_little_endian(bytes, format_version, 4);
  append_little_endian(bytes, payload.size(), 8);
  append_little_endian(bytes, XXH64(payload.data(), payload.size(), 0), 8);
  return bytes + payload;
}

Program parse(const std::string& bytes, const std::string& source_name) {
  if (bytes.empty()) throw Error(fmt::format("{}: not a program file: it is empty", source_name));
  if (std::memcmp(bytes.data(), magic, std::min(bytes.size(), magic_bytes)) != 0) {
    throw Error(fmt::format("{}: not a program file: it does not begin with {}", source_name, magic));
  }
  if (bytes.size() < header_bytes) {
    throw Error(fmt::format("{}: program file is cut off: {} bytes, the header alone has {}", source_name, bytes.size(),
                            header_bytes));
  }
  const std::uint64_t version = little_endian(bytes, magic_bytes, 4);
  if (version != format_version) {
    throw Error(
        fmt::format("{}: program file of format version {}, this program reads version {}; compile the network again",
                    source_name, version, format_version));
  }
  const std::uint64_t length = little_endian(bytes, magic_bytes + 4, 8);
  if (length != bytes.size() - header_bytes) {
    throw Error(fmt::format("{}: program file is {}: its payload has {} bytes, the header says {}", source_name,
                            length > bytes.size() - header_bytes ? "cut off" : "corrupt", bytes.size() - header_bytes,
                            length));
  }
  if (length > std::numeric_limits<std::int32_t>::max()) {
    throw Error(fmt::format("{}: program file is corrupt: a payload of {} bytes is too large", source_name, length));
  }
  const char* payload = bytes.data() + header_bytes;
  if (XXH64(payload, length, 0) != little_endian(bytes, magic_bytes + 12, 8)) {
    throw Error(fmt::format("{}: program file is corrupt: its checksum does not match", source_name));
  }
  program_format::Program message;
  if (!message.ParseFromArray(payload, static_cast<int>(length))) {
    throw Error(fmt::format("{}: program file is corrupt: its payload is not a program message", source_name));
  }
  Program program = from_message(message, source_name);
  check_program(program, source_name);
  return program;
}

void write_program(const Program& program, const std::string& path) { write_file_atomically(serialize(program), path); }

Program read_program(const std::string& path) { return parse(read_whole_file(path), path); }

}  // namespace northpole::program
