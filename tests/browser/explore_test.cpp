// The page of northpole explore in a real browser.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/browser.h"
#include "support/command_line.h"

namespace northpole::tests {
namespace {

using testing::IsEmpty;

TEST(ExplorePage, ShowsChipsAndTheirFrontier) {
  if (const auto missing = missing_browser()) GTEST_SKIP() << *missing;
  const Workspace& files = Workspace::instance();
  const std::string page = files.folder.path("chips.html");
  northpole_succeeds({"explore", files.network, "-o", files.folder.path("chips.jsonl"), "--html", page, "--sweep",
                      "array=8x8,16x16", "--sweep", "memory=4,768", "--sweep", "clock_megahertz=200,400", "--schedules",
                      "1"});
  const auto seen = drive_page("explore", page);
  EXPECT_THAT(seen.at("requests"), IsEmpty());
  EXPECT_THAT(seen.at("console"), IsEmpty());
  for (const std::string size : {"desktop", "tablet", "phone"}) {
    EXPECT_THAT(seen.at("blank").at(size), IsEmpty()) << size;
    EXPECT_EQ(seen.at("widths").at(size)[0], seen.at("widths").at(size)[1]) << size;
  }
  EXPECT_EQ(seen.at("rows"), 8);
  EXPECT_GE(seen.at("frontier"), 1);
  EXPECT_NE(seen.at("axes_before"), seen.at("axes_after"));
  EXPECT_EQ(seen.at("sorted").back(), "–");  // what does not fit comes last
}

}  // namespace
}  // namespace northpole::tests
