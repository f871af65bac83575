#include "report/page.h"

#include "report/page_assets.h"
#include "report/page_published.h"

namespace northpole::report {
namespace {

void replace(std::string& text, const std::string& place, std::string_view by) {
  const std::size_t at = text.find(place);
  if (at != std::string::npos) text.replace(at, place.size(), by);
}

// For text between tags.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      default:
        result += letter;
    }
  }
  return result;
}

}  // namespace

std::string page_of(const std::string& title, const std::vector<std::string>& scripts, const Json& data) {
  std::string script;
  for (const std::string& name : scripts) script += page_asset(name);
  std::string json;
  for (const char letter : data.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    if (letter == '<')
      json += "\\u003c";
    else
      json += letter;
  }
  // From the end to the beginning, so that what is put in is not looked at again.
  std::string page(page_asset("page.html"));
  replace(page, "{{script}}", script);
  replace(page, "{{data}}", json);
  replace(page, "{{charts}}", page_asset("echarts.min.js"));
  replace(page, "{{style}}", page_asset("page.css"));
  replace(page, "{{title}}", escaped(title));
  return page;
}

std::string report_page(const std::vector<PageProgram>& programs) {
  page_asset("echarts.min.js");  // or says at once that there is none
  Json data = {{"tool", "northpole report"}, {"programs", Json::array()}, {"published", page_published()}};
  std::string title;
  for (const PageProgram& program : programs) {
    data["programs"].push_back(page_data(program));
    title += (title.empty() ? "" : " against ") + program.name;
  }
  return page_of("NorthPole: " + title,
                 {"format.js", "charts.js", "verdict.js", "roofline.js", "array.js", "timeline.js", "energy.js",
                  "published.js", "layers.js", "report.js"},
                 data);
}

}  // namespace northpole::report
