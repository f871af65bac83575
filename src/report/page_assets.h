// The files that an HTML page is put together from, kept inside the library at build time: those of src/report/page and
// the charting library, which setup/install brings from npm.
#pragma once

#include <string>
#include <string_view>

namespace northpole::report {

// By file name: "page.css". Throws northpole::Error for the charting library ("echarts.min.js") when the build had
// none, saying how to get it.
std::string_view page_asset(const std::string& name);

}  // namespace northpole::report
