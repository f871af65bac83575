// Tables for a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace northpole::report {

// Numbers with a thousands separator: 9421 -> "9,421".
std::string grouped(std::uint64_t number);
// "1.6 MiB", "12.0 KiB", "96 bytes".
std::string byte_size(double bytes);
// At most `width` characters of the text, its end kept and its beginning replaced by "..": ends tell layers apart.
std::string shortened(const std::string& text, std::size_t width);

// Columns as wide as their widest cell; the first flush left, the others flush right; a rule below the first row.
std::string table(const std::vector<std::vector<std::string>>& rows);

}  // namespace northpole::report
