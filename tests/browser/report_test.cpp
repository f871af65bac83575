// The report's page, opened from the disk in a real browser and used.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/browser.h"
#include "support/command_line.h"

namespace northpole::tests {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// What was seen of the page of the digit network, made once.
const nlohmann::json& seen() {
  static const nlohmann::json result = [] {
    const Workspace& files = Workspace::instance();
    const std::string page = files.folder.path("report.html");
    northpole_succeeds({"report", files.program, "--html", page, "--accuracy", "0.9875"});
    return drive_page("report", page);
  }();
  return result;
}

std::vector<double> numbers(const nlohmann::json& texts) {
  std::vector<double> result;
  for (const std::string text : texts) {
    std::string digits;
    std::copy_if(text.begin(), text.end(), std::back_inserter(digits), [](char c) { return c != ','; });
    result.push_back(std::stod(digits));
  }
  return result;
}

void loads_nothing_and_complains_of_nothing() {
  EXPECT_THAT(seen().at("requests"), IsEmpty());
  EXPECT_THAT(seen().at("console"), IsEmpty());
}

void draws_every_chart_at_every_size_without_scrolling_sideways() {
  EXPECT_GE(seen().at("charts").size(), 9U);
  for (const std::string size : {"desktop", "tablet", "phone"}) {
    EXPECT_THAT(seen().at("blank").at(size), IsEmpty()) << size;
    EXPECT_EQ(seen().at("widths").at(size)[0], seen().at("widths").at(size)[1]) << size;
  }
}

void says_the_verdict_first() {
  EXPECT_THAT(seen().at("sections"), ElementsAre("verdict", "roofline", "array", "timeline", "energy", "published", "bits", "memory",
                                                 "layers", "provenance"));
  const auto report = northpole_succeeds({"report", Workspace::instance().program, "--json"}).json();
  const auto& facts = seen().at("facts");
  EXPECT_THAT(facts.at("Fits").get<std::string>(), HasSubstr("yes"));
  EXPECT_THAT(facts.at("Accuracy").get<std::string>(), HasSubstr("98.75 %"));
  EXPECT_THAT(facts.at("Power").get<std::string>(), HasSubstr("calibrated on"));
  const std::string rate = facts.at("Frames a second");
  const auto value = numbers({rate.substr(rate.find('\n') + 1)});
  EXPECT_NEAR(value[0], report.at("frames_per_second").get<double>(), 0.51);
}

void slider_shows_another_layer() {
  EXPECT_EQ(seen().at("layer_before"), "all layers");
  const auto report = northpole_succeeds({"report", Workspace::instance().program, "--json"}).json();
  EXPECT_THAT(seen().at("layer_after").get<std::string>(),
              HasSubstr(report.at("layers")[0].at("name").get<std::string>()));
  EXPECT_THAT(seen().at("cores_after"), SizeIs(256));
  EXPECT_NE(seen().at("cores_before"), seen().at("cores_after"));
  EXPECT_NE(seen().at("memory_map"), seen().at("cores_after"));
  EXPECT_THAT(seen().at("memory_map"), Each(testing::Gt(0)));
  EXPECT_EQ(seen().at("links"), 2 * (16 * 15 + 16 * 15));  // both ways between neighbours
}

void timelines_zoom_together() {
  EXPECT_EQ(seen().at("zoom_all"), 100);
  EXPECT_NEAR(seen().at("zoom_button").get<double>(), 50, 0.1);
  EXPECT_NEAR(seen().at("zoom_follows").get<double>(), 50, 0.1);
  EXPECT_NEAR(seen().at("zoom_key").get<double>(), 25, 0.1);
  EXPECT_NEAR(seen().at("zoom_follows_back").get<double>(), 25, 0.1);
  EXPECT_EQ(seen().at("zoom_back"), 100);
  // To the first layer, which begins the run.
  EXPECT_LT(seen().at("zoom_layer")[0], 10);
  EXPECT_LT(seen().at("zoom_layer")[1], 99);
}

void table_sorts() {
  auto took = numbers(seen().at("took"));
  auto sorted = took;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_NE(took, sorted);
  EXPECT_EQ(numbers(seen().at("took_rising")), sorted);
  std::reverse(sorted.begin(), sorted.end());
  EXPECT_EQ(numbers(seen().at("took_falling")), sorted);
  EXPECT_EQ(seen().at("sort_state"), "ascending");
}

// One test, because each would drive a browser of its own.
TEST(ReportPage, WorksInABrowser) {
  if (const auto missing = missing_browser()) GTEST_SKIP() << *missing;
  loads_nothing_and_complains_of_nothing();
  draws_every_chart_at_every_size_without_scrolling_sideways();
  says_the_verdict_first();
  slider_shows_another_layer();
  timelines_zoom_together();
  table_sorts();
}

TEST(ReportPage, ComparesTwoPrograms) {
  if (const auto missing = missing_browser()) GTEST_SKIP() << *missing;
  const Workspace& files = Workspace::instance();
  const std::string page = files.folder.path("compared.html"), other = files.folder.path("batch.np");
  northpole_succeeds({"compile", files.network, "--batch", "4", "-o", other});
  northpole_succeeds({"report", files.program, "--html", page, "--against", other});
  const auto both = drive_page("report", page);
  EXPECT_THAT(both.at("requests"), IsEmpty());
  EXPECT_THAT(both.at("console"), IsEmpty());
  for (const std::string size : {"desktop", "tablet", "phone"}) {
    EXPECT_THAT(both.at("blank").at(size), IsEmpty()) << size;
    EXPECT_EQ(both.at("widths").at(size)[0], both.at("widths").at(size)[1]) << size;
  }
  EXPECT_THAT(both.at("charts"), testing::IsSupersetOf({"cores-chart", "cores-chart-other", "timeline-chart-other"}));
  EXPECT_THAT(both.at("facts").at("Frames a second").get<std::string>(),
              testing::AllOf(HasSubstr("batch.np"), HasSubstr("×")));
  EXPECT_THAT(both.at("headings"), testing::Contains("ratio"));
}

}  // namespace
}  // namespace northpole::tests
