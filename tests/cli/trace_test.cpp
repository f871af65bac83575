// northpole trace on a real network's program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "support/command_line.h"

namespace northpole::tests {
namespace {

using testing::HasSubstr;

TEST(Trace, BusyTimesAndLayersAreThoseOfTheReport) {
  const Workspace& files = Workspace::instance();
  const std::string path = files.folder.path("trace.json");
  northpole_succeeds({"trace", files.program, "-o", path, "--cores", "all", "--edges", "all"});
  const auto trace = nlohmann::json::parse(file_bytes(path));
  const auto report = northpole_succeeds({"report", files.program, "--json"}).json();
  std::map<std::string, nlohmann::json> layers;
  for (const auto& layer : report.at("layers")) layers[layer.at("name")] = layer;

  std::map<int, std::string> processes;
  std::map<std::pair<int, int>, std::string> threads;
  std::map<std::string, double> busy;
  std::map<std::string, std::map<int, double>> multiplies;  // by layer, then core
  for (const auto& event : trace.at("traceEvents")) {
    if (event.at("name") == "process_name") processes[event.at("pid")] = event.at("args").at("name");
    if (event.at("name") == "thread_name") threads[{event.at("pid"), event.at("tid")}] = event.at("args").at("name");
    if (event.at("ph") != "X" || event.at("pid") == 1) continue;
    const bool edge = processes.at(event.at("pid")).starts_with("edge");
    const std::string thread = threads.at({event.at("pid"), event.at("tid")});
    const double own = event.at("tdur").get<double>() * 1000;
    busy[edge ? "edge_" + thread : thread] += own;
    // What works for a layer does so in the layer's time. (Transfers of several layers may be one instruction, which is
    // named after the first.)
    const auto layer = layers.find(event.at("name"));
    if (layer == layers.end()) continue;
    const double first = event.at("ts").get<double>() * 1000, last = first + event.at("dur").get<double>() * 1000 - 1;
    if (thread == "vmm") {
      multiplies[layer->first][event.at("pid")] += own;
      EXPECT_GE(first + 0.5, layer->second.at("first_issue").get<double>()) << event;
      EXPECT_LE(last - 0.5, layer->second.at("last_issue").get<double>()) << event;
    }
    EXPECT_LE(first - 0.5, layer->second.at("last_cycle").get<double>()) << event;
  }
  for (const auto& [thread, cycles] : report.at("busy_cycles").items())
    EXPECT_NEAR(busy[thread], cycles.get<double>(), 0.01) << thread;
  // The busiest core multiplies as often as the compiler says.
  for (const auto& [name, layer] : layers) {
    double most = 0;
    for (const auto& [core, count] : multiplies[name]) most = std::max(most, count);
    EXPECT_NEAR(most, layer.at("bounds").at("arithmetic").get<double>(), 0.01) << name;
  }
}

// Somebody else's reader of the format, which is strict about its fields.
TEST(Trace, IsReadByAnotherToolWithTheReportsBusyTimes) {
  const std::string source = NORTHPOLE_SOURCE_DIR;
  if (!std::filesystem::exists(source + "/setup/node_modules/@tracerbench/trace-model"))
    GTEST_SKIP() << "no npm package @tracerbench/trace-model: run setup/install";
  const Workspace& files = Workspace::instance();
  const TemporaryFolder folder;
  const std::string path = folder.path("trace.json"), out = folder.path("out"), error = folder.path("error");
  northpole_succeeds({"trace", files.program, "-o", path, "--cores", "all", "--edges", "all"});
  const std::string command =
      "node '" + source + "/tests/cli/read_trace.js' '" + path + "' >'" + out + "' 2>'" + error + "'";
  ASSERT_EQ(std::system(command.c_str()), 0) << file_bytes(error);
  const auto seen = nlohmann::json::parse(file_bytes(out));
  const auto report = northpole_succeeds({"report", files.program, "--json"}).json();
  std::map<std::string, std::int64_t> busy;
  std::set<std::string> cores;
  for (const auto& process : seen.at("processes")) {
    const auto name = process.at("name").get<std::string>();
    if (name.starts_with("layers")) continue;
    const bool edge = name.starts_with("edge unit of row ");
    EXPECT_TRUE(edge || name.starts_with("core ")) << name;
    if (!edge) EXPECT_TRUE(cores.insert(name).second) << name;
    for (const auto& thread : process.at("threads")) {
      EXPECT_EQ(thread.at("nested"), 0) << name << ": a thread does one thing after another";
      busy[(edge ? "edge_" : "") + thread.at("name").get<std::string>()] += thread.at("busy").get<std::int64_t>();
    }
  }
  EXPECT_GT(cores.size(), 1U);
  EXPECT_GT(busy.size(), 5U);
  for (const auto& [thread, expected] : report.at("busy_cycles").items()) EXPECT_EQ(busy[thread], expected) << thread;
  EXPECT_LE(seen.at("last_cycle"), report.at("cycles"));
  EXPECT_EQ(seen.at("counters").size(), 5U);
}

TEST(Trace, RefusesWhatItCannotShow) {
  const Workspace& files = Workspace::instance();
  const std::string path = files.folder.path("none.json");
  for (const std::vector<std::string>& options : std::vector<std::vector<std::string>>{
           {"--cores", "256"}, {"--cores", "3-1"}, {"--cores", "x"}, {"--layer", "nobody"}, {"--from", "99999999"}}) {
    std::vector<std::string> arguments = {"trace", files.program, "-o", path};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Outcome outcome = northpole(arguments);
    EXPECT_EQ(outcome.exit_code, 1) << options[1];
    EXPECT_THAT(outcome.error, HasSubstr("northpole: ")) << options[1];
    EXPECT_FALSE(std::filesystem::exists(path)) << options[1];
  }
}

}  // namespace
}  // namespace northpole::tests
