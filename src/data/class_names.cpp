#include "data/class_names.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "network/error.h"

namespace northpole::data {

std::string class_names_to_json(const std::vector<std::string>& names) {
  // Names come from files of any encoding; bytes that are not UTF-8 are replaced instead of thrown about.
  return nlohmann::json(names).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<std::string> class_names_from_json(const std::string& text) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  std::vector<std::string> names;
  if (!json.is_array()) throw Error(fmt::format("class names: '{:.60}' is no JSON list", text));
  for (const nlohmann::json& name : json) {
    if (!name.is_string()) throw Error(fmt::format("class names: {} is no string", name.dump()));
    names.push_back(name.get<std::string>());
  }
  return names;
}

std::vector<std::string> class_names_of(const network::Graph& graph) {
  const auto found = graph.metadata.find("northpole.classes");
  if (found == graph.metadata.end()) return {};
  return class_names_from_json(found->second);
}

}  // namespace northpole::data
