#include "program/digest.h"

#include <fmt/format.h>
#include <xxhash.h>

namespace northpole::program {

std::string digest(std::string_view bytes) { return fmt::format("{:016x}", XXH64(bytes.data(), bytes.size(), 0)); }

}  // namespace northpole::program
