// The way from a float network to answers, by the command alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "data/picture_transform.h"
#include "northpole/network.h"
#include "program/program_file.h"
#include "support/command_line.h"

namespace northpole::tests {
namespace {

using testing::HasSubstr;

TEST(Workflow, QuantizedNetworkAndProgramCarryPictureTransformAndClasses) {
  const Workspace& files = Workspace::instance();
  const network::Graph graph = read_network(files.network);
  EXPECT_TRUE(is_quantized(graph));
  const program::Program program = program::read_program(files.program);
  EXPECT_EQ(program.picture_transform, graph.metadata.at("northpole.picture"));
  EXPECT_THAT(program.classes, testing::SizeIs(10));
  EXPECT_EQ(data::transform_from_json(program.picture_transform).channels, 1);
}

TEST(Workflow, PictureOptionsTravel) {
  const Workspace& files = Workspace::instance();
  const std::string network = files.folder.path("other.onnx"), program = files.folder.path("other.np");
  northpole_succeeds({"quantize", float_network, "--calibrate", files.data, "-o", network, "--limit", "3", "--range",
                      "minmax", "--picture", R"({"mean":0.25})", "--deviation", "0.5", "--resize", "28"});
  northpole_succeeds({"compile", network, "-o", program});
  const auto transform = data::transform_from_json(program::read_program(program).picture_transform);
  EXPECT_EQ(transform.mean[0], 0.25F);
  EXPECT_EQ(transform.deviation[0], 0.5F);
  EXPECT_EQ(transform.resize, 28);
}

TEST(Workflow, EveryWayToChooseRoundingGivesItsOwnNetwork) {
  const Workspace& files = Workspace::instance();
  std::set<std::string> networks;
  const std::vector<std::vector<std::string>> ways = {{},
                                                      {"--no-learn-rounding"},
                                                      {"--no-learn-rounding", "--no-correct-bias"},
                                                      {"--equalize"},
                                                      {"--range", "entropy"},
                                                      {"--range", "percentile"},
                                                      {"--range", "percentile", "--percentile", "99"},
                                                      {"--range", "minmax"}};
  for (const auto& way : ways) {
    const std::string network = files.folder.path("way.onnx");
    std::vector<std::string> command = {"quantize", float_network, "--calibrate", files.data, "-o",
                                        network,    "--bits",      "mixed",       "--limit",  "4"};
    command.insert(command.end(), way.begin(), way.end());
    northpole_succeeds(command);
    networks.insert(file_bytes(network));
  }
  EXPECT_EQ(networks.size(), ways.size());
}

TEST(Workflow, BitsAreChosenByLayer) {
  const Workspace& files = Workspace::instance();
  const std::string network = files.folder.path("chosen.onnx");
  const auto json =
      northpole_succeeds({"quantize", float_network, "--calibrate", files.data, "-o", network, "--bits", "auto",
                          "--widths", "8,4", "--assignments", "2", "--max-drop", "50", "--limit", "4", "--json"})
          .json();
  EXPECT_TRUE(is_quantized(read_network(network)));
  const auto& choice = json.at("choice");
  EXPECT_TRUE(choice.at("within_drop").get<bool>());
  ASSERT_GE(choice.at("frontier").size(), 1u);
  EXPECT_GT(choice.at("frontier")[0].at("frames_per_second").get<double>(), 0);
  ASSERT_GE(choice.at("layers").size(), 3u);
  for (const auto& layer : choice.at("layers")) {
    EXPECT_THAT(layer.at("bits").get<int>(), testing::AnyOf(8, 4));
    EXPECT_GT(layer.at("change").at("4").get<double>(), layer.at("change").at("8").get<double>()) << layer;
    EXPECT_NE(layer.at("reason").get<std::string>(), "");
  }
}

TEST(Workflow, CompilingWithOneAndTwoThreadsGivesTheSameBytes) {
  const Workspace& files = Workspace::instance();
  const std::string one = files.folder.path("one.np"), two = files.folder.path("two.np");
  northpole_succeeds({"compile", files.network, "-o", one, "--threads", "1"});
  northpole_succeeds({"compile", files.network, "-o", two, "--threads", "2"});
  EXPECT_EQ(file_bytes(one), file_bytes(two));
  EXPECT_EQ(file_bytes(one), file_bytes(files.program));
}

TEST(Workflow, VerifyProvesTheProgram) {
  const Workspace& files = Workspace::instance();
  const auto json = northpole_succeeds({"verify", files.program, "--json"}).json();
  EXPECT_TRUE(json.at("ok").get<bool>());
  EXPECT_TRUE(json.at("fault").is_null());
  EXPECT_GT(json.at("events").get<long>(), 10000);
  EXPECT_GT(json.at("counts").at("bank_accesses").get<long>(), 0);
  EXPECT_THAT(northpole_succeeds({"verify", files.program}).out, HasSubstr("sound"));
}

TEST(Workflow, VerifyShowsTheFirstFault) {
  const Workspace& files = Workspace::instance();
  program::Program program = program::read_program(files.program);
  --program.cycles;  // too short for its last events
  const std::string damaged = files.folder.path("damaged.np");
  program::write_program(program, damaged);
  const Outcome outcome = northpole({"verify", damaged, "--json"});
  EXPECT_EQ(outcome.exit_code, 1);
  const auto json = outcome.json();
  EXPECT_FALSE(json.at("ok").get<bool>());
  EXPECT_EQ(json.at("fault").at("kind"), "no end");
  EXPECT_GE(json.at("fault").at("cycle").get<std::uint64_t>(), program.cycles);
  EXPECT_THAT(northpole({"verify", damaged}).out, HasSubstr("no end"));
  // The machine stops, too.
  const Outcome run = northpole({"run", damaged, files.picture});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.error, HasSubstr("no end"));
}

TEST(Workflow, RunAnswersAPicture) {
  const Workspace& files = Workspace::instance();
  const auto json = northpole_succeeds({"run", files.program, files.picture, "--json"}).json();
  ASSERT_EQ(json.at("top").size(), 5U);
  EXPECT_EQ(json.at("top")[0].at("class"), 1);
  EXPECT_EQ(json.at("top")[0].at("name"), "1");
  EXPECT_GE(json.at("top")[0].at("score").get<float>(), json.at("top")[1].at("score").get<float>());
  EXPECT_EQ(json.at("engine"), "step");
  const auto report = northpole_succeeds({"report", files.program, "--json"}).json();
  EXPECT_EQ(json.at("cycles"), report.at("cycles_per_frame"));
  EXPECT_NEAR(json.at("frames_per_second").get<double>(), report.at("frames_per_second").get<double>(), 1e-3);
}

TEST(Workflow, RunByTheReferenceGivesTheSameScores) {
  const Workspace& files = Workspace::instance();
  const auto chip = northpole_succeeds({"run", files.program, files.digits + "[5]", "--json"}).json();
  for (const auto& arguments : {std::vector<std::string>{"run", files.program, files.digits + "[5]", "--json",
                                                         "--engine", "reference", "--network", files.network},
                                {"run", files.network, files.digits + "[5]", "--json"}}) {
    const auto reference = northpole_succeeds(arguments).json();
    EXPECT_EQ(reference.at("engine"), "reference");
    EXPECT_EQ(reference.at("top"), chip.at("top"));
    EXPECT_FALSE(reference.contains("cycles"));
  }
}

TEST(Workflow, RunDrawsThePictureOnlyWhenAsked) {
  const Workspace& files = Workspace::instance();
  EXPECT_THAT(northpole_succeeds({"run", files.program, files.picture, "--draw"}).out, HasSubstr("\u2588"));
  const std::string plain = northpole_succeeds({"run", files.program, files.picture}).out;
  EXPECT_THAT(plain, testing::Not(HasSubstr("\u2588")));
  EXPECT_THAT(plain, HasSubstr("frames/s"));
}

TEST(Workflow, EvalCountsRightAnswersByEveryEngine) {
  const Workspace& files = Workspace::instance();
  for (const std::string& file : {files.program, files.network, float_network}) {
    const auto json = northpole_succeeds({"eval", file, files.data, "--limit", "4", "--threads", "2", "--json"}).json();
    EXPECT_EQ(json.at("pictures"), 4);
    EXPECT_GT(json.at("top1").get<double>(), 0.7);
    EXPECT_GE(json.at("top5"), json.at("top1"));
    EXPECT_LE(json.at("top5").get<double>(), 1);
    EXPECT_EQ(json.contains("cycles_per_frame"), file == files.program);
  }
}

TEST(Workflow, EnginesOfTheChipAgree) {
  const Workspace& files = Workspace::instance();
  const auto fast = northpole_succeeds({"run", files.program, files.picture, "--json", "--engine", "fast"}).json();
  EXPECT_EQ(fast.at("engine"), "fast");
  const auto step = northpole_succeeds({"run", files.program, files.picture, "--json", "--engine", "step"}).json();
  for (const std::string key : {"top", "cycles", "events"}) EXPECT_EQ(fast.at(key), step.at(key)) << key;
  for (const std::string engine : {"fast", "step"}) {
    const auto json = northpole_succeeds({"eval", files.program, files.data, "--limit", "2", "--engine", engine,
                                          "--check", "1", "--network", files.network, "--json"})
                          .json();
    EXPECT_EQ(json.at("engine"), engine);
    EXPECT_TRUE(json.at("check").at("equal").get<bool>());
  }
}

TEST(Workflow, EvalComparesEveryLayerWithTheReference) {
  const Workspace& files = Workspace::instance();
  const auto json = northpole_succeeds({"eval", files.program, files.data, "--limit", "1", "--check", "2", "--network",
                                        files.network, "--json"})
                        .json();
  EXPECT_TRUE(json.at("check").at("equal").get<bool>());
  EXPECT_EQ(json.at("check").at("pictures"), 2);
  EXPECT_GT(json.at("check").at("tensors").get<int>(), 20);
  EXPECT_EQ(json.at("check").at("different_elements"), 0);
}

TEST(Workflow, EvalNoticesAnotherNetworksProgram) {
  const Workspace& files = Workspace::instance();
  const std::string other = files.folder.path("minmax.onnx");
  northpole_succeeds(
      {"quantize", float_network, "--calibrate", files.data, "-o", other, "--limit", "2", "--range", "minmax"});
  const Outcome outcome =
      northpole({"eval", files.program, files.data, "--limit", "1", "--check", "1", "--network", other});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("DIFFER"));
}

TEST(Workflow, ReportHasItsStableKeys) {
  const Workspace& files = Workspace::instance();
  const auto json = northpole_succeeds({"report", files.program, "--json"}).json();
  EXPECT_EQ(json.at("batch"), 1);
  EXPECT_EQ(json.at("cycles"), json.at("cycles_per_frame"));
  EXPECT_LE(json.at("latency_cycles"), json.at("cycles"));
  EXPECT_GT(json.at("latency_cycles"), 0);
  EXPECT_NEAR(json.at("frames_per_second").get<double>(), 400e6 / json.at("cycles_per_frame").get<double>(), 1e-3);
  std::uint64_t cycles = json.at("cycles_after_layers").get<std::uint64_t>(), ideal = 0;
  for (const auto& layer : json.at("layers")) {
    cycles += layer.at("cycles").get<std::uint64_t>();
    ideal += layer.at("arithmetic_bound_cycles").get<std::uint64_t>();
    EXPECT_LE(layer.at("first_issue"), layer.at("last_issue")) << layer.at("name");
    EXPECT_LT(layer.at("last_cycle"), json.at("cycles")) << layer.at("name");
  }
  EXPECT_EQ(cycles, json.at("cycles").get<std::uint64_t>());
  EXPECT_EQ(json.at("ideal_cycles").get<std::uint64_t>(), ideal);
  EXPECT_EQ(json.at("arithmetic_bound_cycles_per_frame").get<std::uint64_t>(), ideal);
  EXPECT_GE(ideal, json.at("multiply_accumulates_per_frame").get<std::uint64_t>() / (256 * 1024));
  EXPECT_EQ(json.at("program").at("file_bytes").get<std::size_t>(), file_bytes(files.program).size());
  EXPECT_TRUE(json.at("problem").is_null());
  EXPECT_GT(json.at("memory").at("largest_bytes"), json.at("memory").at("mean_bytes"));
}

// Two frames a run, from the network to answers.
class Batch : public testing::Test {
 protected:
  const Workspace& files = Workspace::instance();
  static const std::string& program() {
    static const std::string path = [] {
      const std::string file = Workspace::instance().folder.path("batch.np");
      northpole_succeeds({"compile", Workspace::instance().network, "-o", file, "--batch", "2"});
      return file;
    }();
    return path;
  }
};

TEST_F(Batch, IsProvenAndReported) {
  northpole_succeeds({"verify", program()});
  const auto json = northpole_succeeds({"report", program(), "--json"}).json();
  EXPECT_EQ(json.at("batch"), 2);
  EXPECT_NEAR(json.at("cycles_per_frame").get<double>(), json.at("cycles").get<double>() / 2, 1e-6);
  EXPECT_NEAR(json.at("frames_per_second").get<double>(), 2 * 400e6 / json.at("cycles").get<double>(), 1e-3);
}

TEST_F(Batch, AnswersEachPictureAsAloneAndSaysWhenItFillsUp) {
  const std::vector<std::string> pictures = {files.digits + "[5]", files.picture};
  const auto all =
      northpole_succeeds({"run", program(), pictures[0], pictures[1], "--json", "--engine", "fast"}).json();
  EXPECT_EQ(all.at("frames"), 2);
  ASSERT_EQ(all.at("answers").size(), 2U);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto alone = northpole_succeeds({"run", files.program, pictures[i], "--json", "--engine", "fast"}).json();
    EXPECT_EQ(all.at("answers")[i].at("top"), alone.at("top")) << i;
    EXPECT_EQ(all.at("answers")[i].at("picture"), pictures[i]);
  }
  EXPECT_EQ(all.at("top"), all.at("answers")[0].at("top"));

  const Outcome filled = northpole({"run", program(), pictures[1], "--json", "--engine", "fast"});
  EXPECT_EQ(filled.exit_code, 0);
  EXPECT_THAT(filled.error, HasSubstr("takes 2 pictures, 1 given: the last one fills it up"));
  ASSERT_EQ(filled.json().at("answers").size(), 1U);
  EXPECT_EQ(filled.json().at("answers")[0], all.at("answers")[1]);

  const Outcome many = northpole({"run", program(), pictures[0], pictures[0], pictures[0]});
  EXPECT_EQ(many.exit_code, 1);
  EXPECT_THAT(many.error, HasSubstr("takes 2 pictures, 3 are given"));
}

TEST_F(Batch, EveryFrameIsComparedWithTheReference) {
  for (const std::string engine : {"fast", "step"}) {
    const auto json = northpole_succeeds({"eval", program(), files.data, "--limit", "3", "--engine", engine, "--check",
                                          "3", "--network", files.network, "--json"})
                          .json();
    EXPECT_EQ(json.at("pictures"), 3);
    EXPECT_EQ(json.at("frames"), 2);
    EXPECT_TRUE(json.at("check").at("equal").get<bool>()) << json.at("check").at("first_difference");
    EXPECT_EQ(json.at("check").at("pictures"), 3);
    EXPECT_EQ(json.at("check").at("tensors").get<int>() % 3, 0);
    EXPECT_GT(json.at("check").at("tensors").get<int>(), 20);
  }
}

TEST(Workflow, OptimizeIsLatencyForOneFrameAndThroughputForMore) {
  const Workspace& files = Workspace::instance();
  const std::string latency = files.folder.path("latency.np"), wrong = files.folder.path("wrong.np");
  northpole_succeeds({"compile", files.network, "-o", latency, "--optimize", "latency"});
  EXPECT_EQ(file_bytes(latency), file_bytes(files.program));
  EXPECT_EQ(northpole({"compile", files.network, "-o", wrong, "--optimize", "space"}).exit_code, 2);
  EXPECT_EQ(northpole({"compile", files.network, "-o", wrong, "--batch", "0"}).exit_code, 2);
}

TEST(Workflow, ReportFitsTheTerminal) {
  const std::string text = northpole_succeeds({"report", Workspace::instance().program}).out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

TEST(Workflow, InspectPrintsAssembly) {
  const Workspace& files = Workspace::instance();
  EXPECT_THAT(northpole_succeeds({"inspect", files.program}).out, HasSubstr("first cycle"));
  const std::string text =
      northpole_succeeds({"inspect", files.program, "--core", "17", "--thread", "vmm", "--layer", "block1.first"}).out;
  EXPECT_THAT(
      text, testing::AllOf(HasSubstr("core 17"), HasSubstr("multiply activation"), testing::Not(HasSubstr("memory:"))));
  EXPECT_THAT(northpole_succeeds({"inspect", files.program, "--edge", "3"}).out, HasSubstr("to columns"));
  const auto json = northpole_succeeds({"inspect", files.program, "--core", "0", "--json"}).json();
  EXPECT_TRUE(json.at("problem").is_null());
  EXPECT_EQ(json.at("programs")[0].at("first_cycle"), 0);
  EXPECT_EQ(json.at("programs")[0].at("threads").size(), 8U);
}

TEST(Workflow, GenerateWritesNetworksThatCompile) {
  const Workspace& files = Workspace::instance();
  const std::string floats = files.folder.path("mlp.onnx"), quantized = files.folder.path("mlp8.onnx");
  northpole_succeeds({"generate", "mlp", "-o", floats, "--seed", "3"});
  EXPECT_FALSE(is_quantized(read_network(floats)));
  northpole_succeeds({"generate", "mlp", "-o", quantized, "--bits", "mixed"});
  EXPECT_TRUE(is_quantized(read_network(quantized)));
  northpole_succeeds({"generate", "mlp", "-o", quantized, "--bits", "8"});
  northpole_succeeds({"compile", quantized, "-o", files.folder.path("mlp.np")});
}

TEST(Workflow, ChipDescriptionIsPrintedAndTaken) {
  const Workspace& files = Workspace::instance();
  const Outcome printed = northpole_succeeds({"chip"});
  EXPECT_THAT(printed.out, HasSubstr("// published: of the array of cores"));
  EXPECT_EQ(northpole_succeeds({"chip", "--json"}).json().at("rows"), 16);
  const std::string file = files.folder.write("chip.json", printed.out);
  const std::string program = files.folder.path("same-chip.np");
  northpole_succeeds({"compile", files.network, "-o", program, "--chip", file});
  EXPECT_EQ(file_bytes(program), file_bytes(files.program));
  northpole_succeeds({"verify", program, "--chip", file});
}

TEST(Workflow, VectorPrecisionIsTheChips) {
  const Workspace& files = Workspace::instance();
  const std::string program = files.folder.path("fp32.np");
  northpole_succeeds({"compile", files.network, "-o", program, "--vector-precision", "fp32"});
  EXPECT_EQ(program::read_program(program).chip.vector_precision, chip::VectorPrecision::fp32);
  const auto json = northpole_succeeds({"eval", program, files.data, "--limit", "1", "--check", "1", "--network",
                                        files.network, "--json"})
                        .json();
  EXPECT_TRUE(json.at("check").at("equal").get<bool>());
}

TEST(Workflow, TableOfOperatorsInTheDocumentationIsTheCodes) {
  EXPECT_EQ(northpole_succeeds({"operators"}).out, file_bytes(NORTHPOLE_SOURCE_DIR "/docs/supported-operators.md"))
      << "print it again: northpole operators > docs/supported-operators.md";
}

TEST(Workflow, HelpOfEveryCommandNamesItsOptions) {
  const std::string page = file_bytes(NORTHPOLE_SOURCE_DIR "/docs/command-line.md");
  for (const std::string command :
       {"quantize", "compile", "verify", "run", "eval", "report", "compare", "constants", "inspect",
        "generate", "operators", "chip"}) {
    const std::string help = northpole_succeeds({command, "--help"}).out;
    EXPECT_THAT(northpole_succeeds({"--help"}).out, HasSubstr(command));
    // Every long option stands in the documentation, too.
    for (std::size_t at = help.find("--"); at != std::string::npos; at = help.find("--", at + 2)) {
      const std::string option = help.substr(at, help.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at) - at);
      if (option.size() > 2) {
        EXPECT_THAT(page, HasSubstr(option)) << command;
      }
    }
  }
}

}  // namespace
}  // namespace northpole::tests
