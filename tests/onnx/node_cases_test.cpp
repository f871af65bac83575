// Debian's single-operator ONNX cases (libonnx-testdata): every case of an operator that this project takes is read,
// prepared and worked out, and must give the expected output; every other case must be refused by name.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

#include "network/error.h"
#include "network/operators.h"
#include "network/prepare.h"
#include "onnx/read_onnx.h"
#include "onnx/tensor_proto.h"
#include "reference/float_interpreter.h"

namespace northpole {
namespace {

namespace files = std::filesystem;
using network::Error;
using network::Graph;
using network::Tensor;
using network::to_string;

const files::path folder = "/usr/share/libonnx-testdata/data/node";

Tensor read_tensor(const files::path& path) {
  ::onnx::TensorProto proto;
  std::ifstream stream(path, std::ios::binary);
  if (!proto.ParseFromIstream(&stream)) throw Error(path.string() + " cannot be read");
  return onnx::take_tensor(proto, {});
}

struct Case {
  Graph graph;
  std::vector<Tensor> inputs, outputs;
};

Case read_case(const files::path& path) {
  Case result{onnx::read_onnx(path / "model.onnx"), {}, {}};
  const files::path data = path / "test_data_set_0";
  for (std::size_t i = 0; i < result.graph.inputs.size(); ++i)
    result.inputs.push_back(read_tensor(data / ("input_" + std::to_string(i) + ".pb")));
  for (std::size_t i = 0; i < result.graph.outputs.size(); ++i)
    result.outputs.push_back(read_tensor(data / ("output_" + std::to_string(i) + ".pb")));
  return result;
}

// The case with only the first `kept` inputs left as inputs of the network, the others as its constants; that is
// where networks have weights and parameters.
Graph with_constants(const Case& test, std::size_t kept) {
  Graph graph = test.graph;
  for (std::size_t i = kept; i < test.inputs.size(); ++i) graph.constants[graph.inputs[i].name] = test.inputs[i];
  graph.inputs.resize(std::min(kept, graph.inputs.size()));
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) graph.inputs[i].shape = test.inputs[i].shape;
  return graph;
}

std::map<std::string, Tensor> worked_out(const Graph& graph, const Case& test) {
  std::map<std::string, Tensor> values;
  for (const network::Port& output : graph.outputs)
    if (const Tensor* constant = graph.constant(output.name)) values[output.name] = *constant;
  if (values.size() == graph.outputs.size()) return values;
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    const bool dequantized = !graph.nodes.empty() && graph.nodes[0].op == "DequantizeLinear";
    if (test.inputs[i].type != network::ElementType::float32 && !dequantized)
      throw Error("codes that no arithmetic is done on");
    values[graph.inputs[i].name] = test.inputs[i];
  }
  return reference::FloatInterpreter(graph).run(values);
}

// Empty when the tensors agree.
std::string difference(const Tensor& found, const Tensor& expected) {
  if (found.shape != expected.shape)
    return "shape " + to_string(found.shape) + " instead of " + to_string(expected.shape);
  for (std::int64_t i = 0; i < expected.size(); ++i) {
    const double a = found.number(i), b = expected.number(i);
    if (std::isnan(a) && std::isnan(b)) continue;
    if (a != b && !(std::abs(a - b) <= 1e-5 + 1e-4 * std::abs(b)))
      return "element " + std::to_string(i) + " is " + std::to_string(a) + " instead of " + std::to_string(b);
  }
  return "";
}

enum class Outcome { as_network, folded, refused };

struct Result {
  Outcome outcome = Outcome::refused;
  std::string message;  // why it was refused
  std::string wrong;    // empty when the values are as expected
};

Result run_case(const Case& test) {
  Result result;
  for (std::size_t kept = test.inputs.size() + 1; kept-- > 0;) {
    try {
      const Graph graph = network::prepared(with_constants(test, kept));
      const auto values = worked_out(graph, test);
      for (std::size_t i = 0; i < test.outputs.size() && result.wrong.empty(); ++i)
        result.wrong = difference(values.at(test.graph.outputs[i].name), test.outputs[i]);
      result.outcome = graph.nodes.empty() ? Outcome::folded : Outcome::as_network;
      return result;
    } catch (const Error& error) {
      result.message = error.what();
    }
  }
  return result;
}

bool only_known_operators(const Graph& graph) {
  for (const network::Node& node : graph.nodes)
    if (!node.domain.empty() || network::find_operator(node.op) == nullptr) return false;
  return true;
}

// Cases of operators in the table that are outside its words: how their names begin, and the words that must say why.
struct Reason {
  std::string_view beginning, words;
};
constexpr Reason reasons[] = {
    {"test_clip_default_int8", ""},
    {"test_averagepool_1d", "2-D pictures"},
    {"test_averagepool_3d", "2-D pictures"},
    {"test_maxpool_1d", "2-D pictures"},
    {"test_maxpool_3d", "2-D pictures"},
    {"test_maxpool_with_argmax", "indices are used"},
    {"test_batchnorm", "output_mean"},  // training mode
    {"test_dropout_default_mask", "its mask is used"},
    {"test_training_dropout", "training mode"},
    {"test_dynamicquantizelinear", "only supported where its inputs are constants"},
    {"test_edge_pad", "only constant padding is"},
    {"test_reflect_pad", "only constant padding is"},
    {"test_prelu", "one constant slope"},
    {"test_matmul", "constant"},
    {"test_basic_convinteger", "its input is constant"},  // this test makes constants of what it can
    {"test_convinteger", "its input is constant"},
    {"test_qlinear", "its input is constant"},
    {"test_resize", "only nearest is"},
};

bool has_reason(const std::string& name, const std::string& message) {
  for (const Reason& reason : reasons)
    if (name.starts_with(reason.beginning) && message.find(reason.words) != std::string::npos) return true;
  return false;
}

// Half precision is float32 here, so what rounds to it differs in the last places.
bool rounds_to_half(const std::string& name) { return name.find("FLOAT16") != std::string::npos; }

TEST(NodeCases, OfSupportedOperatorsGiveTheExpectedOutput) {
  if (!files::exists(folder)) GTEST_SKIP() << "Debian's libonnx-testdata is not installed";
  std::map<Outcome, int> count;
  int unreadable = 0, unknown = 0;
  for (const auto& entry : files::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    Case test;
    try {
      test = read_case(entry.path());
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
      ++unreadable;
      continue;
    }
    if (!only_known_operators(test.graph)) {
      ++unknown;
      try {
        network::prepared(test.graph);
        ADD_FAILURE() << name << " should be refused";
      } catch (const Error& error) {
        const std::string words = name.starts_with("test_dynamicquantizelinear") ? "quantize statically"
                                                                               : "not supported; supported are";
        EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << name << ": " << error.what();
      }
      continue;
    }
    const Result result = run_case(test);
    ++count[result.outcome];
    if (!rounds_to_half(name)) {
      EXPECT_EQ(result.wrong, "") << name;
    }
    if (result.outcome == Outcome::refused) {
      EXPECT_TRUE(has_reason(name, result.message)) << name << ": " << result.message;
    }
  }
  std::cout << count[Outcome::as_network] << " cases run as networks, " << count[Outcome::folded]
            << " are folded away, " << count[Outcome::refused] << " of supported operators are refused, " << unknown
            << " of other operators are refused by name, " << unreadable << " hold something no network here has\n";
  // Debian 12 has 932 cases; another release may have more, but not fewer of these.
  EXPECT_GE(count[Outcome::as_network], 170);
  EXPECT_GE(count[Outcome::folded], 180);
}

}  // namespace
}  // namespace northpole
