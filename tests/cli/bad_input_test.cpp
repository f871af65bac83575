// Whatever is wrong with the input: one clear line, a non-zero exit code, nothing on standard output, no crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <limits>
#include <random>

#include "program/program_file.h"
#include "support/command_line.h"
#include "support/onnx_model.h"

namespace northpole::tests {
namespace {

using testing::HasSubstr;

void expect_refused(const std::vector<std::string>& arguments, const std::vector<std::string>& said, int code = 1) {
  const Outcome outcome = northpole(arguments);
  const std::string what = arguments.empty() ? "" : testing::PrintToString(arguments);
  EXPECT_EQ(outcome.exit_code, code) << what << "\n" << outcome.error;
  EXPECT_EQ(outcome.out, "") << what;
  EXPECT_TRUE(outcome.error.starts_with("northpole: ")) << what << "\n" << outcome.error;
  EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << outcome.error;
  EXPECT_LT(outcome.error.size(), 1200U) << outcome.error;
  for (const std::string& words : said) EXPECT_THAT(outcome.error, HasSubstr(words)) << what;
}

std::string random_bytes(std::size_t size) {
  std::mt19937 random(size);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

class BadInput : public testing::Test {
 protected:
  const Workspace& files = Workspace::instance();
  TemporaryFolder folder;
  std::string output = folder.path("output");

  void TearDown() override { EXPECT_FALSE(std::filesystem::exists(output)) << "something was written"; }

  // The network in every command that reads one.
  void network_is_refused(const std::string& path, const std::vector<std::string>& said) {
    expect_refused({"quantize", path, "--calibrate", files.data, "-o", output}, said);
    expect_refused({"compile", path, "-o", output}, said);
    expect_refused({"eval", path, files.data}, said);
    expect_refused({"run", path, files.picture}, said);
  }
  void model_is_refused(const ::onnx::ModelProto& model, const std::vector<std::string>& said) {
    network_is_refused(folder.write("bad.onnx", model.SerializeAsString()), said);
  }
  void program_is_refused(const std::string& path, const std::vector<std::string>& said) {
    expect_refused({"verify", path}, said);
    expect_refused({"run", path, files.picture}, said);
    expect_refused({"eval", path, files.data}, said);
    expect_refused({"report", path}, said);
    expect_refused({"inspect", path}, said);
  }
};

TEST_F(BadInput, NetworkFiles) {
  network_is_refused(folder.path("nowhere.onnx"), {"nowhere.onnx"});
  network_is_refused(folder.write("empty.onnx", ""), {"empty.onnx"});
  network_is_refused(folder.write("random.onnx", random_bytes(5000)), {"random.onnx"});
  const std::string whole = file_bytes(float_network);
  for (const std::size_t size : {std::size_t{1}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
    network_is_refused(folder.write("cut.onnx", whole.substr(0, size)), {"cut.onnx"});
  }
}

TEST_F(BadInput, ProgramFiles) {
  program_is_refused(folder.path("nowhere.np"), {"nowhere.np"});
  program_is_refused(folder.write("empty.np", ""), {"empty.np", "empty"});
  program_is_refused(folder.write("random.np", random_bytes(5000)), {"random.np", "not a program file"});
  const std::string whole = file_bytes(files.program);
  for (const std::size_t size : {std::size_t{7}, std::size_t{20}, whole.size() / 2, whole.size() - 1}) {
    program_is_refused(folder.write("cut.np", whole.substr(0, size)), {"cut.np"});
  }
  std::string changed = whole;
  changed[whole.size() / 2] ^= 1;
  program_is_refused(folder.write("changed.np", changed), {"changed.np", "checksum"});
  program_is_refused(files.digits, {"not a program file"});
}

TEST_F(BadInput, GraphWithACycle) {
  auto model = model_of_opset(17);
  set_port(*model.mutable_graph()->add_input(), "x", {1, 1, 28, 28});
  add_node(model, "Add", {"x", "b"}, "a");
  add_node(model, "Relu", {"a"}, "b");
  model.mutable_graph()->add_output()->set_name("b");
  model_is_refused(model, {"bad.onnx", "cycle"});
}

TEST_F(BadInput, Shapes) {
  model_is_refused(relu_model({1, 3, -5, 7}), {"bad.onnx"});
  model_is_refused(relu_model({1, 3, 1LL << 40, 1LL << 40}), {"bad.onnx"});
  model_is_refused(relu_model({1, 3, 0, 8}), {"bad.onnx"});
}

TEST_F(BadInput, WeightsThatAreNoNumbers) {
  for (const float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    auto model = model_of_opset(17);
    set_port(*model.mutable_graph()->add_input(), "x", {1, 1, 28, 28});
    auto& weights = *model.mutable_graph()->add_initializer();
    weights.set_name("w");
    weights.set_data_type(1);
    for (const int dimension : {1, 1, 1, 1}) weights.add_dims(dimension);
    weights.add_float_data(value);
    add_node(model, "Conv", {"x", "w"}, "y");
    model.mutable_graph()->add_output()->set_name("y");
    const std::string path = folder.write("bad.onnx", model.SerializeAsString());
    expect_refused({"quantize", path, "--calibrate", files.data, "-o", output}, {"bad.onnx", "'w'"});
  }
}

TEST_F(BadInput, UnsupportedOperator) {
  auto model = model_of_opset(17);
  set_port(*model.mutable_graph()->add_input(), "x", {1, 1, 28, 28});
  add_node(model, "Einsum", {"x"}, "y").set_name("strange");
  model.mutable_graph()->add_output()->set_name("y");
  model_is_refused(model, {"bad.onnx", "Einsum", "strange", "supported are", "Conv"});
}

TEST_F(BadInput, FloatNetworkToCompile) {
  expect_refused({"compile", float_network, "-o", output}, {"mnist-resnet.onnx", "northpole quantize"});
}

TEST_F(BadInput, QuantizedNetworkToQuantize) {
  expect_refused({"quantize", files.network, "--calibrate", files.data, "-o", output},
                 {"digits.onnx", "quantized already"});
}

TEST_F(BadInput, NetworkTooLarge) {
  auto chip = northpole_succeeds({"chip", "--json"}).json();
  chip["bank_words"] = 64;
  const std::string file = folder.write("small.json", chip.dump());
  expect_refused({"compile", files.network, "-o", output, "--chip", file}, {"does not fit"});
}

TEST_F(BadInput, ChipDescriptions) {
  expect_refused({"compile", files.network, "-o", output, "--chip", folder.path("nowhere.json")}, {"nowhere.json"});
  expect_refused({"compile", files.network, "-o", output, "--chip", folder.write("a.json", "{")}, {"a.json"});
  expect_refused({"compile", files.network, "-o", output, "--chip", folder.write("b.json", R"({"rows":0})")},
                 {"b.json", "rows"});
  expect_refused({"compile", files.network, "-o", output, "--chip", folder.write("c.json", R"({"colour":3})")},
                 {"c.json", "colour"});
}

TEST_F(BadInput, ProgramForAnotherChip) {
  auto chip = northpole_succeeds({"chip", "--json"}).json();
  chip["rows"] = 8;
  const std::string file = folder.write("half.json", chip.dump());
  for (const auto& arguments : {std::vector<std::string>{"verify", files.program},
                                {"run", files.program, files.picture},
                                {"eval", files.program, files.data}}) {
    std::vector<std::string> with_chip = arguments;
    with_chip.insert(with_chip.end(), {"--chip", file});
    expect_refused(with_chip, {"digits.np", "another chip", "rows"});
  }
}

TEST_F(BadInput, Pictures) {
  expect_refused({"run", files.program, folder.path("nowhere.png")}, {"nowhere.png"});
  expect_refused({"run", files.program, folder.write("text.png", "this is no picture")}, {"text.png", "picture"});
  expect_refused({"run", files.program, folder.write("empty.jpeg", "")}, {"empty.jpeg"});
  expect_refused({"run", files.program, folder.write("cut.pgm", "P5 28 28 255\n123")}, {"cut.pgm"});
  expect_refused({"run", files.program, files.digits + "[12]"}, {"0 to 11"});
}

TEST_F(BadInput, DataFolders) {
  const std::string picture = file_bytes(files.picture);
  folder.write("a.pgm", picture);
  folder.write("b.pgm", picture);
  expect_refused({"eval", files.program, folder.path()}, {"labels.txt"});
  folder.write("labels.txt", "a.pgm 1\nb.pgm\n");
  expect_refused({"eval", files.program, folder.path()}, {"labels.txt", "b.pgm"});
  folder.write("labels.txt", "a.pgm 1\n");
  expect_refused({"eval", files.program, folder.path()}, {"b.pgm"});
  folder.write("labels.txt", "a.pgm 1\nb.pgm 77\n");
  expect_refused({"eval", files.program, folder.path()}, {"b.pgm", "77", "10 classes"});
  folder.write("b.pgm", "no picture");
  folder.write("labels.txt", "a.pgm 1\nb.pgm 2\n");
  expect_refused({"eval", files.program, folder.path()}, {"b.pgm"});
  expect_refused({"quantize", float_network, "--calibrate", folder.path("nowhere"), "-o", output}, {"nowhere"});
}

TEST_F(BadInput, OutputPaths) {
  const std::string nowhere = folder.path("no/such/folder/file");
  for (const std::string& path : {nowhere, folder.path()}) {
    expect_refused({"quantize", float_network, "--calibrate", files.data, "-o", path}, {path, "cannot be written"});
    expect_refused({"compile", files.network, "-o", path}, {path, "cannot be written"});
    expect_refused({"generate", "mlp", "-o", path}, {path, "cannot be written"});
  }
  if (geteuid() != 0) {
    std::filesystem::permissions(folder.path(),
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    expect_refused({"compile", files.network, "-o", output}, {"cannot be written"});
    std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  }
}

TEST_F(BadInput, PictureTransforms) {
  const auto refused = [&](const std::string& option, const std::string& value, const std::string& said) {
    expect_refused({"quantize", float_network, "--calibrate", files.data, "-o", output, option, value}, {said});
  };
  refused("--picture", "[1]", "JSON object");
  refused("--picture", R"({"colour":1})", "colour");
  refused("--crop", "32", "1 x 32 x 32");
  refused("--crop", "wide", "--crop");
  refused("--resize", "big", "resize");
  refused("--deviation", "0", "deviation");
  refused("--classes", folder.path("nowhere.txt"), "nowhere.txt");
}

TEST_F(BadInput, EnginesThatDoNotSuit) {
  expect_refused({"eval", files.program, files.data, "--engine", "float"}, {"float ONNX network"});
  expect_refused({"eval", files.program, files.data, "--engine", "reference"}, {"quantized network"});
  expect_refused({"eval", files.network, files.data, "--engine", "step"}, {"'reference' does"});
  expect_refused({"eval", files.program, files.data, "--check", "1"}, {"--network"});
  expect_refused({"eval", files.program, files.data, "--check", "1", "--network", float_network}, {"float"});
}

TEST_F(BadInput, Inspecting) {
  expect_refused({"inspect", files.program, "--core", "256"}, {"0 to 255"});
  expect_refused({"inspect", files.program, "--thread", "main"}, {"vmm"});
  expect_refused({"inspect", files.program, "--layer", "nothing like it"}, {"nothing like it"});
  expect_refused({"inspect", files.program, "--edge", "16"}, {"0 to 15"});
}

TEST_F(BadInput, WrongUsageExitsWithTwo) {
  expect_refused({}, {"--help"}, 2);
  expect_refused({"quantise"}, {"quantise"}, 2);
  expect_refused({"compile"}, {"required"}, 2);
  expect_refused({"compile", files.network}, {"--output"}, 2);
  expect_refused({"compile", files.network, "-o", output, "--threads", "0"}, {"--threads"}, 2);
  expect_refused({"eval", files.program, files.data, "--limit", "-3"}, {"--limit"}, 2);
  expect_refused({"eval", files.program, files.data, "--engine", "magic"}, {"--engine"}, 2);
  expect_refused({"report", files.program, "--yaml"}, {"--yaml"}, 2);
  expect_refused({"generate", "mlp", "-o", output, "--bits", "3"}, {"--bits"}, 2);
  expect_refused({"quantize", files.network, "--calibrate", files.data, "-o", output, "--bits", "5"}, {"--bits"}, 2);
  for (const auto& [option, value] : std::vector<std::pair<std::string, std::string>>{{"--max-drop", "-1"},
                                                                                      {"--widths", "8,5"},
                                                                                      {"--percentile", "101"},
                                                                                      {"--range", "median"},
                                                                                      {"--assignments", "1"}})
    expect_refused({"quantize", files.network, "--calibrate", files.data, "-o", output, option, value}, {option}, 2);
  for (const char* layer : {"conv", "conv=", "conv=3", "conv=4,", "conv=4,5", "conv=44"})
    expect_refused({"quantize", files.network, "--calibrate", files.data, "-o", output, "--layer-bits", layer},
                   {"--layer-bits"}, 2);
}

TEST_F(BadInput, UnknownStandardNetwork) { expect_refused({"generate", "lenet", "-o", output}, {"lenet", "resnet50"}); }

}  // namespace
}  // namespace northpole::tests
