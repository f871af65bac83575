// Real networks from outside the project: present on developers' machines only.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "network/prepare.h"
#include "onnx/read_onnx.h"
#include "onnx/write_onnx.h"

namespace northpole {
namespace {

using network::Graph;

std::filesystem::path asset(const std::string& name) {
  const char* folder = std::getenv("NORTHPOLE_ASSETS");
  const std::filesystem::path root = folder != nullptr ? folder : NORTHPOLE_SOURCE_DIR "/../shared/assets";
  return root / "models" / name;
}

std::map<std::string, int> operators_of(const Graph& graph) {
  std::map<std::string, int> count;
  for (const network::Node& node : graph.nodes) ++count[node.op];
  return count;
}

TEST(Assets, ResNet20FoldsToItsLayers) {
  if (!std::filesystem::exists(asset("cifar10-resnet20.onnx")))
    GTEST_SKIP() << "models/cifar10-resnet20.onnx is not here";
  const Graph graph = network::prepared(onnx::read_onnx(asset("cifar10-resnet20.onnx")));
  // The two shortcuts keep their strided slice and their channel padding; of the tails that computed the pads nothing
  // is left.
  const std::map<std::string, int> expected = {{"Conv", 19},   {"Relu", 19}, {"Add", 9},
                                               {"Slice", 2},   {"Pad", 2},   {"GlobalAveragePool", 1},
                                               {"Reshape", 1}, {"Gemm", 1}};
  EXPECT_EQ(operators_of(graph), expected);
  for (const network::Node& node : graph.nodes) {
    if (node.op != "Pad") continue;
    const auto pads = node.integers("pads", {});
    ASSERT_EQ(pads.size(), 8u);
    EXPECT_EQ(pads[1], pads[5]) << "as many channels before as behind";
    EXPECT_GT(pads[1], 0);
  }
  ASSERT_EQ(graph.outputs.size(), 1u);
  EXPECT_EQ(graph.outputs[0].shape, (network::Shape{1, 10}));
}

TEST(Assets, ResNet50IsReadAndWrittenAlike) {
  if (!std::filesystem::exists(asset("resnet50-v1-imagenet.onnx")))
    GTEST_SKIP() << "models/resnet50-v1-imagenet.onnx is not here";
  const Graph graph = network::prepared(onnx::read_onnx(asset("resnet50-v1-imagenet.onnx")));
  auto count = operators_of(graph);
  EXPECT_EQ(count["Conv"], 53);
  EXPECT_EQ(count["Gemm"], 1);
  EXPECT_EQ(graph.outputs[0].shape, (network::Shape{1, 1000}));
  const Graph again = network::prepared(onnx::read_onnx_bytes(onnx::onnx_bytes(graph), "again"));
  EXPECT_EQ(operators_of(again), operators_of(graph));
}

}  // namespace
}  // namespace northpole
