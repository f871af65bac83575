#include "network/text.h"

namespace northpole::network {

std::string quoted_name(std::string_view name) {
  constexpr std::size_t longest = 120;
  std::string text = "'";
  for (const char c : name.substr(0, longest)) {
    const auto code = static_cast<unsigned char>(c);
    text += code < 0x20 || code == 0x7f ? '?' : c;
  }
  return text + (name.size() > longest ? "...'" : "'");
}

}  // namespace northpole::network
