// A short name for bytes: equal for equal ones.
#pragma once

#include <string>
#include <string_view>

namespace northpole::program {

// XXH64 with seed 0, as 16 hexadecimal digits.
std::string digest(std::string_view bytes);

}  // namespace northpole::program
