// Pages in a real browser.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace northpole::tests {

// One line saying why no browser can be driven here, or nothing.
std::optional<std::string> missing_browser();
// One line saying why this build makes no pages, or nothing.
std::optional<std::string> missing_charts();

// What tests/browser/drive_page.js saw; `kind` is "report" or "explore". Throws std::runtime_error with what it said.
nlohmann::json drive_page(const std::string& kind, const std::string& page);

}  // namespace northpole::tests
