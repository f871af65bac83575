#include "support/browser.h"

#include <cstdlib>
#include <stdexcept>

#include "network/error.h"
#include "report/page_assets.h"
#include "support/command_line.h"

namespace northpole::tests {
namespace {

const std::string source = NORTHPOLE_SOURCE_DIR;

bool succeeds(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

}  // namespace

std::optional<std::string> missing_browser() {
  if (!succeeds("test -x \"${CHROMIUM:-/usr/bin/chromium}\""))
    return "chromium is not installed (setup/install --tests brings it)";
  if (!succeeds("cd '" + source + "/setup' && node -e \"require('playwright-core')\""))
    return "playwright-core is not installed (setup/install brings it)";
  return missing_charts();
}

std::optional<std::string> missing_charts() {
  try {
    report::page_asset("echarts.min.js");
    return std::nullopt;
  } catch (const Error& error) {
    return error.what();
  }
}

nlohmann::json drive_page(const std::string& kind, const std::string& page) {
  const TemporaryFolder folder;
  const std::string out = folder.path("out"), error = folder.path("error");
  const std::string command =
      "node '" + source + "/tests/browser/drive_page.js' " + kind + " '" + page + "' >'" + out + "' 2>'" + error + "'";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("drive_page.js: " + file_bytes(error));
  return nlohmann::json::parse(file_bytes(out));
}

}  // namespace northpole::tests
