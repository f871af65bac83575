// Between the program and its protobuf message; private to this folder, so that nobody else meets protobuf here.
#pragma once

#include <string>

#include "program/program.h"
#include "program/program.pb.h"

namespace northpole::program {

program_format::Program to_message(const Program& program);

// Checks what the message's wider types could hold and the program's cannot (16-bit tags, bytes that are not whole
// words, ...); the rest is check_program()'s. Throws northpole::Error beginning with source_name.
Program from_message(const program_format::Program& message, const std::string& source_name);

}  // namespace northpole::program
