// northpole report --html, as far as that can be said without a browser.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program/program_file.h"
#include "support/browser.h"
#include "support/command_line.h"

namespace northpole::tests {
namespace {

using testing::HasSubstr;

TEST(Page, IsOneSmallFileThatNamesNoAddress) {
  const Workspace& files = Workspace::instance();
  const std::string page = files.folder.path("page.html");
  const Outcome outcome = northpole({"report", files.program, "--html", page});
  if (const auto missing = missing_charts()) {
    // A build without npm says so, and writes nothing.
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.error, HasSubstr("setup/install"));
    EXPECT_FALSE(std::filesystem::exists(page));
    GTEST_SKIP() << *missing;
  }
  EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
  const std::string html = file_bytes(page);
  EXPECT_LT(html.size(), 5U << 20);
  for (const char* loads : {"<script src", "<link rel=\"stylesheet\"", "@import"})
    EXPECT_EQ(html.find(loads), std::string::npos) << loads;
}

TEST(Page, NamesThatLookLikeTagsStayText) {
  if (const auto missing = missing_charts()) GTEST_SKIP() << *missing;
  const Workspace& files = Workspace::instance();
  program::Program program = program::read_program(files.program);
  program.network = "</script><script>northpole.ready = 'no'</script>{{title}}";
  const std::string odd = files.folder.path("odd.np"), page = files.folder.path("odd.html");
  program::write_program(program, odd);
  northpole_succeeds({"report", odd, "--html", page});
  EXPECT_EQ(file_bytes(page).find(program.network), std::string::npos);
  EXPECT_THAT(file_bytes(page), HasSubstr("\\u003c/script>\\u003cscript>northpole.ready"));
}

TEST(Page, AgainstNeedsAPage) {
  const Workspace& files = Workspace::instance();
  const Outcome outcome = northpole({"report", files.program, "--against", files.program});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.error, HasSubstr("--html"));
}

}  // namespace
}  // namespace northpole::tests
