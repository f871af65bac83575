// Files of the QONNX dialect, which ONNX Runtime does not run, against the dialect's definition in double precision:
// every quantizer's output, number by number.
#include "support/definition.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

#include "network/prepare.h"
#include "onnx/read_onnx.h"
#include "reference/quantized_interpreter.h"
#include "support/small_network.h"
#include "support/whole_way.h"

namespace northpole::tests {
namespace {

using network::Tensor;

std::string file_of(const std::string& name) {
  return std::string(NORTHPOLE_SOURCE_DIR) + "/tests/dialects/networks/" + name + ".onnx";
}

class QonnxFile : public testing::TestWithParam<const char*> {};

TEST_P(QonnxFile, EqualsTheDefinition) {
  const Definition definition(onnx::read_onnx(file_of(GetParam())));
  const auto prepared = network::prepared(onnx::read_onnx(file_of(GetParam())));
  const reference::QuantizedInterpreter reference(prepared, reference::Precision::fp16);
  const network::Port& input = prepared.inputs.at(0);
  std::mt19937 random(5);
  std::int64_t compared = 0;
  std::map<std::string, std::set<double>> values;
  for (int run = 0; run < 40; ++run) {
    Tensor given = Tensor::zeros(input.type, input.shape);
    RealTensor same{input.shape, {}};
    for (std::int64_t i = 0; i < given.size(); ++i) {
      // Sixteenths now and then: ties.
      const float number = static_cast<float>(random() % 4096) / 1024.0F - 2.0F;
      given.data<float>()[i] = run % 2 ? number : std::round(number * 16) / 16;
      same.values.push_back(static_cast<double>(given.data<float>()[i]));
    }
    const auto expected = definition.run(same);
    const auto compare = [&](const std::string& name, const std::vector<double>& ours, double tolerance) {
      const auto found = expected.find(name);
      if (found == expected.end()) return;  // a pair that the importer put in
      ASSERT_EQ(ours.size(), found->second.values.size()) << name;
      for (std::size_t i = 0; i < ours.size(); ++i) {
        values[name].insert(ours[i]);
        ++compared;
        ASSERT_NEAR(ours[i], found->second.values[i], tolerance * std::max(1.0, std::abs(ours[i])))
            << name << ", run " << run << ", element " << i;
      }
    };
    const auto outputs =
        reference.run({{input.name, given}}, [&](const std::string& name, const reference::QuantizedTensor& tensor) {
          // By the name of the real value that is made of the codes.
          for (const network::Node& node : prepared.nodes) {
            if (node.op != "DequantizeLinear" || node.inputs[0] != name) continue;
            const double scale = prepared.constant(node.inputs[1])->number(0);
            const auto zero = static_cast<double>(prepared.constant(node.inputs[2])->integer(0));
            std::vector<double> real;
            for (const auto code : tensor.codes) real.push_back((code - zero) * scale);
            compare(node.outputs[0], real, 1e-9);
          }
        });
    const Tensor& output = outputs.at(prepared.outputs[0].name);
    std::vector<double> real;
    for (std::int64_t i = 0; i < output.size(); ++i) real.push_back(output.number(i));
    compare(prepared.outputs[0].name, real, 1e-6);  // the host's share is float32
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(values.size(), 3u);
  for (const auto& [name, seen] : values) EXPECT_GT(seen.size(), 1u) << name << " says nothing";
  std::printf("  %zu values, %lld numbers\n", values.size(), static_cast<long long>(compared));
}

TEST_P(QonnxFile, GoesTheWholeWay) {
  const WholeWay way = whole_way(onnx::read_onnx(file_of(GetParam())), array(4, 4));
  EXPECT_EQ(way.refused, "");
  EXPECT_EQ(way.failed, "");
  EXPECT_GT(way.elements, 0);
}

INSTANTIATE_TEST_SUITE_P(Files, QonnxFile, testing::Values("qonnx-convolutions", "qonnx-signs", "qonnx-roundings"),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace northpole::tests
