// The program's file: magic "NORTHPOL", format version, payload length and XXH64 checksum, then a protobuf
// message (program.proto, documented there and in docs/program-format.md). Same program, same bytes.
#pragma once

#include <string>

#include "program/program.h"

namespace northpole::program {

inline constexpr std::uint32_t format_version = 3;

// Written to a temporary name beside the target and renamed. Throws northpole::Error when that fails.
void write_program(const Program& program, const std::string& path);
// Throws northpole::Error in one line for a file that is missing, empty, truncated, of another version,
// corrupt, or whose contents are not well-formed (sizes, counts, a section outside a core's memory, ...).
Program read_program(const std::string& path);

std::string serialize(const Program& program);
Program parse(const std::string& bytes, const std::string& source_name);

}  // namespace northpole::program
