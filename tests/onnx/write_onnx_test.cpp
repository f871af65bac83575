#include "onnx/write_onnx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <fstream>

#include "network/error.h"
#include "network/prepare.h"
#include "onnx/read_onnx.h"
#include "support/network_builder.h"
#include "support/temporary_folder.h"

namespace northpole {
namespace {

using network::Error;
using network::Graph;
using network::Ints;
using network::NetworkBuilder;
using testing::HasSubstr;
using testing::ThrowsMessage;

// One of everything that normal form writes differently from the standard.
Graph everything() {
  NetworkBuilder builder;
  builder.input("x", {1, 2, 9, 9}).node("Clip", {"x"}, {"clip"}, {{"max", 6.0f}});
  builder.node("Slice", {"clip"}, {"slice"},
               {{"starts", Ints{0, 1}}, {"ends", Ints{9, 9}}, {"axes", Ints{2, 3}}, {"steps", Ints{2, 2}}});
  builder.node("Pad", {"slice"}, {"pad"}, {{"pads", Ints{0, 0, 1, 0, 0, 0, 0, 2}}, {"value", -1.0f}});
  builder.node("Split", {"pad"}, {"left", "right"}, {{"axis", std::int64_t{1}}, {"split", Ints{1, 1}}});
  builder.floats("scales", {4}, {1, 1, 2, 2})
      .node("Resize", {"left", "", "scales"}, {"large"}, {{"mode", std::string("nearest")}});
  builder.node("ReduceMean", {"large"}, {"mean"}, {{"axes", Ints{2, 3}}}).node("Flatten", {"mean"}, {"flat"});
  builder.node("AveragePool", {"right"}, {"pool"}, {{"kernel_shape", Ints{2, 2}}});
  builder.graph.metadata["northpole.picture"] = "{}";
  return network::prepared(builder.output("flat").output("pool").graph);
}

TEST(WriteOnnx, ReadingBackGivesTheSameNetwork) {
  const Graph graph = everything();
  Graph back = network::prepared(onnx::read_onnx_bytes(onnx::onnx_bytes(graph), "again"));
  ASSERT_EQ(back.nodes.size(), graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    EXPECT_EQ(back.nodes[i].op, graph.nodes[i].op);
    EXPECT_EQ(back.nodes[i].name, graph.nodes[i].name);
    EXPECT_EQ(back.nodes[i].inputs, graph.nodes[i].inputs);
    for (const auto& [name, value] : graph.nodes[i].attributes)
      if (const auto* integers = std::get_if<Ints>(&value)) {
        EXPECT_EQ(back.nodes[i].integers(name, {}), *integers) << graph.nodes[i].described() << name;
      }
  }
  EXPECT_EQ(back.metadata, graph.metadata);
}

TEST(WriteOnnx, EqualNetworksGiveEqualBytes) {
  EXPECT_EQ(onnx::onnx_bytes(everything()), onnx::onnx_bytes(everything()));
}

TEST(WriteOnnx, WritesStandardOnnx) {
  ::onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(onnx::onnx_bytes(everything())));
  EXPECT_EQ(model.opset_import(0).version(), 17);
  EXPECT_EQ(model.ir_version(), 8);
  for (const auto& node : model.graph().node()) {
    if (node.op_type() == "Clip") {
      EXPECT_EQ(node.input_size(), 3) << "max is the third input";
    }
    if (node.op_type() == "Slice") {
      EXPECT_EQ(node.input_size(), 5);
    }
    if (node.op_type() == "Pad") {
      EXPECT_EQ(node.input_size(), 3);
    }
    if (node.op_type() == "Reshape" || node.op_type() == "Split") {
      EXPECT_EQ(node.input_size(), 2);
    }
    for (const auto& attribute : node.attribute()) EXPECT_THAT(attribute.name(), testing::Not(HasSubstr("_index")));
  }
}

TEST(WriteOnnx, FourBitCodesRaiseTheOpset) {
  NetworkBuilder builder;
  builder.input("x", {1, 2})
      .constant("w", network::Tensor::of_integers(network::ElementType::int4, {2}, {-8, 7}))
      .floats("s", {}, {1});
  builder.constant("z", network::Tensor::of_integers(network::ElementType::int4, {}, {0}));
  builder.node("DequantizeLinear", {"w", "s", "z"}, {"d"})
      .node("Add", {"x", "d"}, {"m"})
      .node("ReduceMean", {"m"}, {"y"}, {{"axes", Ints{1}}})
      .output("y");
  const std::string bytes = onnx::onnx_bytes(builder.graph);
  const Graph back = onnx::read_onnx_bytes(bytes, "again");
  EXPECT_EQ(back.opset, 21);
  EXPECT_EQ(back.constants.at("w").type, network::ElementType::int4);
  EXPECT_EQ(back.constants.at("w").integer(0), -8);
  EXPECT_EQ(network::node_of(back, "ReduceMean").inputs.size(), 2u) << "axes are an input from opset 18 on";
}

TEST(WriteOnnx, TwoBitCodesRaiseItFurther) {
  using network::ElementType;
  NetworkBuilder builder;
  builder.input("x", {1, 3}).floats("s", {}, {0.5f});
  builder.constant("w", network::Tensor::of_integers(ElementType::int2, {3}, {-2, 0, 1}));
  builder.constant("wz", network::Tensor::of_integers(ElementType::int2, {}, {0}));
  builder.constant("xz", network::Tensor::of_integers(ElementType::uint2, {}, {2}));
  builder.node("QuantizeLinear", {"x", "s", "xz"}, {"q"}).node("DequantizeLinear", {"q", "s", "xz"}, {"r"});
  builder.node("DequantizeLinear", {"w", "s", "wz"}, {"d"}).node("Add", {"r", "d"}, {"y"}).output("y").output("q");
  const Graph graph = network::prepared(builder.graph);
  const std::string bytes = onnx::onnx_bytes(graph);
  ::onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(bytes));
  EXPECT_EQ(model.opset_import(0).version(), 25);
  EXPECT_EQ(model.ir_version(), 13);
  EXPECT_EQ(model.graph().output(1).type().tensor_type().elem_type(), 25);
  const Graph back = network::prepared(onnx::read_onnx_bytes(bytes, "again"));
  EXPECT_EQ(back.constants.at("w").type, ElementType::int2);
  EXPECT_EQ(back.constants.at("w").bytes, graph.constants.at("w").bytes);
  EXPECT_EQ(back.outputs[1].type, ElementType::uint2);
}

TEST(WriteOnnx, NarrowCodesThatAreOnlyMovedRaiseTheOpset) {
  NetworkBuilder builder;
  builder.graph.inputs.push_back({"x", network::ElementType::uint4, {1, 6}});
  builder.node("Reshape", {"x"}, {"y"}, {{"shape", Ints{2, 3}}}).output("y");
  EXPECT_EQ(onnx::read_onnx_bytes(onnx::onnx_bytes(builder.graph), "again").opset, 21);
}

TEST(WriteOnnx, DropsTheZeroPointOfBiases) {
  NetworkBuilder builder;
  builder.constant("b", network::Tensor::of_integers(network::ElementType::int32, {2}, {-8, 7})).floats("s", {}, {1});
  builder.input("x", {1, 2}).node("DequantizeLinear", {"b", "s"}, {"d"}).node("Add", {"x", "d"}, {"y"}).output("y");
  const Graph back = onnx::read_onnx_bytes(onnx::onnx_bytes(network::prepared(builder.graph)), "again");
  EXPECT_EQ(network::node_of(back, "DequantizeLinear").inputs.size(), 2u);
  EXPECT_EQ(back.constants.size(), 2u);
}

TEST(WriteOnnx, AFileIsThereWholeOrNotAtAll) {
  const tests::TemporaryFolder folder;
  onnx::write_onnx(everything(), folder.path("net.onnx"));
  EXPECT_NO_THROW(onnx::read_onnx(folder.path("net.onnx")));
  EXPECT_THAT([&] { onnx::write_onnx(everything(), folder.path("none/net.onnx")); },
              ThrowsMessage<Error>(HasSubstr("none/net.onnx: cannot be written")));
  EXPECT_THROW(onnx::write_onnx(everything(), "/dev/full"), Error);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << "no temporary file is left";
}

}  // namespace
}  // namespace northpole
