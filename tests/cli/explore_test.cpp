// northpole explore: killed half way, gone on with, and wrong usage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "support/command_line.h"

namespace northpole::tests {
namespace {

using testing::HasSubstr;

const std::vector<std::string> sweep = {
    "--sweep", "array=4x4,4x8,8x4,8x8", "--sweep", "clock_megahertz=200,400", "--schedules", "1"};

std::vector<std::string> arguments(const std::string& results, std::vector<std::string> more = {}) {
  std::vector<std::string> all = {"explore", Workspace::instance().network, "-o", results};
  all.insert(all.end(), sweep.begin(), sweep.end());
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::size_t lines_of(const std::string& path) {
  if (!std::filesystem::exists(path)) return 0;
  const std::string bytes = file_bytes(path);
  return static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

TEST(Explore, KilledAndGoneOnWithPrintsTheSameTable) {
  const Workspace& files = Workspace::instance();
  const std::string whole = files.folder.path("whole.jsonl"), cut = files.folder.path("killed.jsonl");
  const Outcome at_once = northpole_succeeds(arguments(whole, {"--threads", "2"}));
  // Killed as soon as it has found something.
  const pid_t child = fork();
  if (child == 0) {
    std::vector<std::string> words = arguments(cut, {"--threads", "1"});
    const std::string command = NORTHPOLE_BUILD_DIR "/northpole";
    std::vector<char*> raw = {const_cast<char*>(command.c_str())};
    for (std::string& word : words) raw.push_back(word.data());
    raw.push_back(nullptr);
    execv(raw[0], raw.data());
    _exit(127);
  }
  int status = 0;
  while (lines_of(cut) == 0 && waitpid(child, &status, WNOHANG) == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  EXPECT_GE(lines_of(cut), 1U);
  EXPECT_LT(lines_of(cut), 8U) << "too late to kill it";
  const Outcome again = northpole(arguments(cut, {"--threads", "2"}));
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_EQ(again.out, at_once.out);
  EXPECT_THAT(again.error, HasSubstr("known already"));
  EXPECT_EQ(lines_of(cut), 8U);
}

TEST(Explore, WritesTablesForPrograms) {
  const Workspace& files = Workspace::instance();
  const std::string csv = files.folder.path("chips.csv");
  const auto json = northpole_succeeds(arguments(files.folder.path("tables.jsonl"), {"--csv", csv, "--json"})).json();
  EXPECT_EQ(json.at("chips").size(), 8U);
  EXPECT_EQ(lines_of(csv), 9U);
  EXPECT_THAT(file_bytes(csv), HasSubstr("frames_per_joule"));
}

TEST(Explore, RefusesInOneLine) {
  const Workspace& files = Workspace::instance();
  const std::string results = files.folder.path("none.jsonl");
  const auto refused = [&](std::vector<std::string> more) {
    std::vector<std::string> all = {"explore"};
    all.insert(all.end(), more.begin(), more.end());
    const Outcome outcome = northpole(all);
    EXPECT_NE(outcome.exit_code, 0);
    EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << outcome.error;
    EXPECT_FALSE(std::filesystem::exists(results));
    return outcome.error;
  };
  EXPECT_THAT(refused({files.network, "-o", results, "--sweep", "speed=1"}), HasSubstr("unknown key"));
  EXPECT_THAT(refused({files.network, "-o", results, "--sweep", "array=99x1"}), HasSubstr("--sweep array=99x1"));
  EXPECT_THAT(refused({float_network, "-o", results, "--sweep", "banks=4"}), HasSubstr("not quantized"));
  EXPECT_THAT(refused({files.network, "-o", files.network, "--sweep", "banks=4"}), HasSubstr("not"));
  EXPECT_THAT(refused({files.network}), HasSubstr("--output"));
}

}  // namespace
}  // namespace northpole::tests
