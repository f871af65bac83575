// The files of tests/dialects/networks (make_networks.py says how they came about): read, held against ONNX Runtime
// running the very file, and taken the whole way through the simulated chip.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "chip/chip_description.h"
#include "network/prepare.h"
#include "onnx/read_onnx.h"
#include "reference/quantized_interpreter.h"
#include "support/onnx_runtime.h"
#include "support/small_network.h"
#include "support/whole_way.h"

namespace northpole::tests {
namespace {

using network::ElementType;
using network::Graph;
using network::Tensor;

std::string file_of(const std::string& name) {
  return std::string(NORTHPOLE_SOURCE_DIR) + "/tests/dialects/networks/" + name + ".onnx";
}

// Numbers of which most are within the range of the codes.
Tensor random_input(const network::Port& port, unsigned seed) {
  std::mt19937 random(seed);
  Tensor input = Tensor::zeros(port.type, port.shape);
  for (std::int64_t i = 0; i < input.size(); ++i) {
    const double number = static_cast<double>(random() % 65536) / 65536.0;
    if (port.type == ElementType::float32)
      input.data<float>()[i] = static_cast<float>(number * 6 - 3);
    else
      input.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(number * 256);
  }
  return input;
}

struct File {
  std::string name;
  std::int64_t steps = 0;  // of the output's codes that the vector unit's roundings may add up to; 0: none
  const char* optimization = "all";
};

std::ostream& operator<<(std::ostream& stream, const File& file) { return stream << file.name; }

class DialectFile : public testing::TestWithParam<File> {};

std::string name_of_file(const testing::TestParamInfo<File>& info) {
  std::string name = info.param.name;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}

// The real value of one step of the output.
double step_of(const Graph& graph, const network::Port& output) {
  if (output.type != ElementType::float32) return 1;
  const network::Node& last = graph.nodes[*graph.producer(output.name)];
  return last.op == "DequantizeLinear" ? graph.constant(last.inputs[1])->number(0) : 0;
}

TEST_P(DialectFile, EqualsOnnxRuntime) {
  if (const auto reason = onnxruntime::missing()) GTEST_SKIP() << *reason;
  const File& file = GetParam();
  const Graph graph = network::prepared(onnx::read_onnx(file_of(file.name)));
  const reference::QuantizedInterpreter reference(graph, reference::Precision::fp32);
  const network::Port& input = graph.inputs.at(0);
  const network::Port& output = graph.outputs.at(0);
  const double step = step_of(graph, output);
  std::int64_t different = 0, elements = 0;
  std::set<double> values;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    const onnxruntime::Tensors inputs{{input.name, random_input(input, seed)}};
    const Tensor theirs = onnxruntime::run_file(file_of(file.name), inputs, file.optimization).at(output.name);
    const Tensor ours = reference.run(inputs).at(output.name);
    ASSERT_EQ(ours.type, theirs.type);
    ASSERT_EQ(ours.shape, theirs.shape);
    for (std::int64_t i = 0; i < ours.size(); ++i) {
      const double distance = std::abs(ours.number(i) - theirs.number(i));
      ++elements;
      different += distance != 0;
      values.insert(ours.number(i));
      EXPECT_LE(distance, (static_cast<double>(file.steps) + 1e-6) * step) << "seed " << seed << ", element " << i;
    }
  }
  EXPECT_GT(values.size(), elements > 100 ? 3u : 1u) << "the outputs say nothing";
  if (file.steps == 0) {
    EXPECT_EQ(different, 0) << "of " << elements;
  }
  std::printf("  %lld of %lld elements differ\n", static_cast<long long>(different), static_cast<long long>(elements));
}

TEST_P(DialectFile, GoesTheWholeWay) {
  const chip::ChipDescription chip = array(4, 4);
  const WholeWay way = whole_way(onnx::read_onnx(file_of(GetParam().name)), chip);
  EXPECT_EQ(way.refused, "");
  EXPECT_EQ(way.failed, "");
  EXPECT_GT(way.elements, 0);
}

// What ONNX Runtime's static quantizer makes of a small residual network (quantize_like_onnxruntime.py). A step for its
// Add and Concat, in which ONNX Runtime's kernels for other processors may round differently.
INSTANTIATE_TEST_SUITE_P(Static, DialectFile,
                         testing::Values(File{"static-qdq-uint8-by-tensor", 1}, File{"static-qdq-uint8-by-channel", 1},
                                         File{"static-qdq-int8-by-tensor", 1}, File{"static-qdq-int8-by-channel", 1},
                                         File{"static-qoperator-uint8-by-tensor", 1},
                                         File{"static-qoperator-uint8-by-channel", 1},
                                         File{"static-qoperator-int8-by-tensor", 1},
                                         File{"static-qoperator-int8-by-channel", 1}),
                         name_of_file);

INSTANTIATE_TEST_SUITE_P(Files, DialectFile,
                         testing::Values(File{"qoperator-products"}, File{"qoperator-vector", 1},
                                         File{"qdq-by-tensor", 1}, File{"qdq-by-channel", 1, "disabled"},
                                         File{"integer-input"}, File{"integer-input-pooled", 0, "disabled"},
                                         File{"integer-products"}, File{"qcdq", 0, "disabled"},
                                         File{"qdq-few-bits", 0, "disabled"}),
                         name_of_file);

}  // namespace
}  // namespace northpole::tests
