// Sweeps, results on disk, and what comes out.
#include "explore/explore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "explore/tables.h"
#include "network/error.h"
#include "network/prepare.h"
#include "northpole/compile.h"
#include "program/atomic_file.h"
#include "report/latency.h"
#include "report/report.h"
#include "support/small_network.h"
#include "support/temporary_folder.h"

namespace northpole::explore {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string problem_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Sweep, AllCombinationsTheLastAxisFastest) {
  const auto points = points_of(2, {axis_of("array=4x8,8x8"), axis_of("clock_megahertz=200,400.5")}, {}, 3);
  ASSERT_EQ(points.size(), 8U);
  std::vector<std::vector<double>> seen;
  for (const Point& point : points) {
    seen.push_back({static_cast<double>(point.network), static_cast<double>(point.chip.rows),
                    static_cast<double>(point.chip.columns), point.chip.clock_megahertz});
    EXPECT_EQ(point.frames, 3U);
  }
  using Row = std::vector<double>;
  EXPECT_THAT(seen, ElementsAre(Row{0, 4, 8, 200}, Row{0, 4, 8, 400.5}, Row{0, 8, 8, 200}, Row{0, 8, 8, 400.5},
                                Row{1, 4, 8, 200}, Row{1, 4, 8, 400.5}, Row{1, 8, 8, 200}, Row{1, 8, 8, 400.5}));
}

TEST(Sweep, MemoryAndBatch) {
  const auto points = points_of(1, {axis_of("memory=384"), axis_of("batch=2,16")}, {}, 1);
  EXPECT_EQ(points[0].chip.bank_words, 3072U);
  EXPECT_EQ(points[0].frames, 2U);
  EXPECT_EQ(points[1].frames, 16U);
}

TEST(Sweep, TheDefaultIsSixtyChips) { EXPECT_EQ(points_of(1, default_axes(), {}, 1).size(), 60U); }

TEST(Sweep, RefusesWhatCannotBe) {
  EXPECT_THAT(problem_of([] { axis_of("clock"); }), HasSubstr("KEY=VALUE"));
  EXPECT_THAT(problem_of([] { axis_of("speed=1"); }), HasSubstr("unknown key 'speed'"));
  EXPECT_THAT(problem_of([] { axis_of("batch=1,1"); }), HasSubstr("twice"));
  const auto points = [](const std::string& text) { return problem_of([&] { points_of(1, {axis_of(text)}, {}, 1); }); };
  EXPECT_THAT(points("array=4"), HasSubstr("ROWSxCOLUMNS"));
  EXPECT_THAT(points("array=64x64"), HasSubstr("array"));
  EXPECT_THAT(points("banks=x"), HasSubstr("whole number"));
  EXPECT_THAT(points("banks=0"), HasSubstr("whole number"));
  EXPECT_THAT(points("banks="), HasSubstr("whole number"));
  EXPECT_THAT(points("clock_megahertz=-1"), HasSubstr("clock_megahertz"));
  EXPECT_THAT(points("batch=5000"), HasSubstr("4096"));
  EXPECT_THAT(problem_of([] { points_of(1, {axis_of("banks=2"), axis_of("banks=4")}, {}, 1); }), HasSubstr("twice"));
}

TEST(Frontier, KeepsWhatNobodyBeats) {
  const auto outcome = [](double per_joule, double per_area, double latency) {
    Outcome made;
    made.fits = true;
    made.frames_per_joule = per_joule;
    made.frames_per_second = per_area;
    made.square_millimetres = 1;
    made.latency_seconds = latency;
    return made;
  };
  Outcome refused;
  EXPECT_THAT(frontier({outcome(1, 1, 1), outcome(2, 1, 1), outcome(1, 2, 1), outcome(1, 1, 0.5), outcome(2, 1, 1),
                        outcome(0.5, 0.5, 2), refused}),
              ElementsAre(false, true, true, true, true, false, false));
}

TEST(ResultsFile, ALineThatWasCutOffIsMadeAgain) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path("results.jsonl");
  Outcome outcome;
  outcome.fits = true;
  outcome.cycles = 12345678901;
  outcome.watts = 0.1;
  {
    ResultsFile file(path);
    EXPECT_FALSE(file.find("a"));
    file.add("a", outcome);
    outcome.fits = false;
    outcome.problem = "too small, \"by\" much";
    file.add("b", outcome);
  }
  const std::string whole = program::read_whole_file(path);
  for (std::size_t cut = whole.find('\n') + 1; cut < whole.size(); ++cut) {
    std::filesystem::resize_file(path, cut);
    ResultsFile file(path);
    ASSERT_TRUE(file.find("a"));
    EXPECT_EQ(file.find("a")->cycles, 12345678901U);
    EXPECT_EQ(file.find("a")->watts, 0.1);
    EXPECT_FALSE(file.find("b"));
    file.add("b", outcome);
    EXPECT_EQ(program::read_whole_file(path), whole);
  }
}

TEST(ResultsFile, OtherFilesAreLeftAlone) {
  const tests::TemporaryFolder folder;
  for (const std::string text : {"notes\n", "notes", "{\"key\":1}\n", "{}\n"}) {
    const std::string path = folder.write("other.txt", text);
    EXPECT_THROW(ResultsFile{path}, Error) << text;
    EXPECT_EQ(program::read_whole_file(path), text);
  }
}

class Exploring : public testing::Test {
 protected:
  Exploring() {
    tests::SmallNetwork network({1, 8, 12, 12});
    const std::string first = network.quantize(network.conv(network.x, {16, 8, 3, 3}, 1), reference::int8(0.05F, 3));
    network.output(network.quantize(network.conv(first, {8, 16, 1, 1}), reference::int8(0.05F, 3)));
    candidates_.push_back({"small.onnx", "0123", network::prepared(network.graph)});
  }
  std::vector<Outcome> explored(const std::string& path, int threads = 1) {
    ResultsFile results(path);
    Options options;
    options.schedules = 1;
    options.threads = threads;
    options.progress = [&](std::size_t done, std::size_t all) {
      const std::lock_guard lock(mutex_);
      done_.push_back(done);
      EXPECT_LE(done, all);
    };
    return explore(candidates_, points_, results, options);
  }
  Exploration exploration(const std::vector<Outcome>& outcomes) const { return {{"small.onnx"}, points_, outcomes}; }

  tests::TemporaryFolder folder_;
  std::vector<Candidate> candidates_;
  std::vector<Point> points_ =
      points_of(1, {axis_of("array=2x2,4x4"), axis_of("memory=1,768"), axis_of("clock_megahertz=100,400")}, {}, 1);
  std::vector<std::size_t> done_;
  std::mutex mutex_;
};

TEST_F(Exploring, FiguresAreThoseOfTheProgram) {
  const auto outcomes = explored(folder_.path("r"));
  ASSERT_EQ(outcomes.size(), 8U);
  EXPECT_FALSE(outcomes[0].fits);  // 1 KiB a core
  EXPECT_NE(outcomes[0].problem, "");
  ASSERT_TRUE(outcomes[2].fits) << outcomes[2].problem;
  ASSERT_TRUE(outcomes[3].fits);
  EXPECT_EQ(outcomes[2].cycles, outcomes[3].cycles);
  EXPECT_DOUBLE_EQ(outcomes[2].latency_seconds, 4 * outcomes[3].latency_seconds);
  CompileOptions compiling;
  compiling.schedules = 1;
  const program::Program program = compile_network(candidates_[0].graph, points_[3].chip, compiling);
  EXPECT_EQ(outcomes[3].cycles, program.cycles);
  EXPECT_DOUBLE_EQ(outcomes[3].latency_seconds, static_cast<double>(report::latency_cycles(program)) / 400e6);
  EXPECT_DOUBLE_EQ(outcomes[3].utilisation, report::report_of(program, 0).utilisation());
  EXPECT_LE(outcomes[3].frames_per_second, report::report_of(program, 0).frames_per_second() * (1 + 1e-12));
  EXPECT_GT(outcomes[3].watts, 0);
  EXPECT_LT(outcomes[3].square_millimetres, outcomes[7].square_millimetres);
}

TEST_F(Exploring, KilledAndGoneOnWithGivesTheSameTables) {
  const auto at_once = explored(folder_.path("whole"));
  const std::string whole = program::read_whole_file(folder_.path("whole"));
  for (const double share : {0.0, 0.3, 0.7}) {
    const std::string path = folder_.write("cut", whole.substr(0, static_cast<std::size_t>(share * whole.size())));
    done_.clear();
    const auto again = explored(path, 2);
    EXPECT_EQ(to_text(exploration(again)), to_text(exploration(at_once)));
    EXPECT_EQ(to_csv(exploration(again)), to_csv(exploration(at_once)));
    EXPECT_EQ(to_json(exploration(again)), to_json(exploration(at_once)));
    EXPECT_EQ(done_.front() == 0, share == 0.0);
    EXPECT_EQ(*std::max_element(done_.begin(), done_.end()), points_.size());
  }
  // Nothing left to do.
  done_.clear();
  explored(folder_.path("whole"));
  EXPECT_THAT(done_, ElementsAre(points_.size()));
  EXPECT_EQ(program::read_whole_file(folder_.path("whole")), whole);
}

TEST_F(Exploring, ResultsOfOtherNetworksDoNotCount) {
  explored(folder_.path("r"));
  candidates_[0].digest = "4567";
  done_.clear();
  explored(folder_.path("r"));
  EXPECT_EQ(done_.front(), 0U);
}

TEST_F(Exploring, TablesHaveALineAPoint) {
  const Exploration all = exploration(explored(folder_.path("r")));
  EXPECT_THAT(to_text(all),
              testing::AllOf(HasSubstr("does not fit"), HasSubstr("calibrated on"), HasSubstr("frames/s/mm2")));
  const std::string csv = to_csv(all);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 9);
  const auto json = nlohmann::json::parse(to_json(all));
  EXPECT_EQ(json.at("chips").size(), 8U);
  EXPECT_EQ(json.at("chips")[3].at("chip").at("rows"), 2);
  EXPECT_TRUE(std::any_of(json.at("chips").begin(), json.at("chips").end(),
                          [](const auto& chip) { return chip.at("frontier").template get<bool>(); }));
}

}  // namespace
}  // namespace northpole::explore
