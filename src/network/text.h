// Names from files, made fit for one-line messages.
#pragma once

#include <string>
#include <string_view>

namespace northpole::network {

// 'name' in quotes, control characters replaced by '?' and anything beyond 120 characters cut off.
std::string quoted_name(std::string_view name);

}  // namespace northpole::network
