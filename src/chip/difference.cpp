#include "chip/difference.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace northpole::chip {

std::string difference(const ChipDescription& first, const std::string& first_name, const ChipDescription& second,
                       const std::string& second_name) {
  // By the keys of the JSON form, so that no key can be forgotten here.
  const auto one = nlohmann::ordered_json::parse(to_json(first)),
             other = nlohmann::ordered_json::parse(to_json(second));
  for (const auto& [key, value] : one.items()) {
    if (value != other.at(key)) {
      return fmt::format("'{}' is {} for {} and {} for {}", key, value.dump(), first_name, other.at(key).dump(),
                         second_name);
    }
  }
  return {};
}

}  // namespace northpole::chip
