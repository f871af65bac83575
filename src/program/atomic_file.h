// Files that are there whole or not at all.
#pragma once

#include <string>

namespace northpole::program {

// Writes the bytes to a temporary name beside `path`, then renames it. Throws northpole::Error naming `path` and the
// reason, and leaves neither the temporary file nor a changed `path` behind.
void write_file_atomically(const std::string& bytes, const std::string& path);

// Every byte of a regular file; throws northpole::Error naming it.
std::string read_whole_file(const std::string& path);

}  // namespace northpole::program
