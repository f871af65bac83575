// JSON to text where names may be bytes of any encoding.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace northpole::report {

using Json = nlohmann::ordered_json;

// Indented; bytes that are not UTF-8 are replaced.
inline std::string text_of(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace); }

}  // namespace northpole::report
