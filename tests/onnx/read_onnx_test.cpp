#include "onnx/read_onnx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "network/error.h"
#include "network/prepare.h"
#include "support/onnx_model.h"
#include "support/temporary_folder.h"

namespace northpole {
namespace {

using network::Error;
using network::Graph;
using network::Shape;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;
using namespace tests;

Graph read(const ::onnx::ModelProto& model) { return onnx::read_onnx_bytes(model.SerializeAsString(), "net.onnx"); }

void expect_refused(const ::onnx::ModelProto& model, const std::string& words) {
  EXPECT_THAT([&] { read(model); },
              ThrowsMessage<Error>(AllOf(StartsWith("net.onnx: "), HasSubstr(words), testing::Not(HasSubstr("\n")))));
}

TEST(ReadOnnx, DynamicBatchIsOne) {
  EXPECT_EQ(read(relu_model({-1, 3, 8, 8})).inputs[0].shape, (Shape{1, 3, 8, 8}));
  EXPECT_EQ(read(relu_model({0, 3, 8, 8})).inputs[0].shape, (Shape{1, 3, 8, 8}));
  EXPECT_EQ(read(relu_model({4, 3, 8, 8})).inputs[0].shape, (Shape{4, 3, 8, 8}));
}

TEST(ReadOnnx, RefusesShapesThatCannotBe) {
  expect_refused(relu_model({1, 3, -1, 8}), "dimension 2 ('N') is dynamic");
  expect_refused(relu_model({1, -3}), "dimension 1 is -3");
  expect_refused(relu_model({1, 0}), "dimension 1 is 0");
  expect_refused(relu_model({INT64_MAX, INT64_MAX}), "more than 2^40 elements");
}

TEST(ReadOnnx, OpsetsFrom7To21) {
  for (const std::int64_t opset : {7, 21, 25}) EXPECT_EQ(read(relu_model({1}, opset)).opset, opset);
  for (const std::int64_t opset : {1, 6, 26, 1000})
    expect_refused(relu_model({1}, opset), "its opset is " + std::to_string(opset) + "; opsets 7 to 25 are read");
  auto model = relu_model({1});
  model.clear_opset_import();
  expect_refused(model, "names no opset");
}

TEST(ReadOnnx, InitializersListedAsInputsAreNotInputs) {
  ::onnx::TensorProto tensor;
  tensor.set_data_type(1);
  tensor.add_dims(4);
  for (int i = 0; i < 4; ++i) tensor.add_float_data(static_cast<float>(i));
  auto model = model_with_initializer(tensor);
  set_port(*model.mutable_graph()->add_input(), "w", {4});
  const Graph graph = read(model);
  ASSERT_EQ(graph.inputs.size(), 1u);
  EXPECT_EQ(graph.inputs[0].name, "x");
  EXPECT_EQ(graph.constants.count("w"), 1u);
}

TEST(ReadOnnx, NodesWithoutNamesGetTheirOutputsName) { EXPECT_EQ(read(relu_model({1})).nodes[0].name, "y"); }

TEST(ReadOnnx, MetadataIsKept) {
  auto model = relu_model({1});
  auto& entry = *model.add_metadata_props();
  entry.set_key("northpole.classes");
  entry.set_value("cat\ndog");
  EXPECT_EQ(read(model).metadata.at("northpole.classes"), "cat\ndog");
}

TEST(ReadOnnx, HalfPrecisionNetworksAreRead) {
  auto model = model_of_opset(17);
  set_port(*model.mutable_graph()->add_input(), "x", {1, 2}, 10);
  auto& cast = add_node(model, "Cast", {"x"}, "h");
  auto& to = *cast.add_attribute();
  to.set_name("to");
  to.set_type(::onnx::AttributeProto::INT);
  to.set_i(10);
  add_node(model, "Relu", {"h"}, "y");
  set_port(*model.mutable_graph()->add_output(), "y", {1, 2}, 10);
  const Graph graph = network::prepared(read(model));
  EXPECT_EQ(graph.inputs[0].type, network::ElementType::float32);
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(graph.outputs[0].type, network::ElementType::float32);
}

TEST(ReadOnnx, RefusesByName) {
  auto subgraph = relu_model({1});
  auto& attribute = *subgraph.mutable_graph()->mutable_node(0)->add_attribute();
  attribute.set_name("then_branch");
  attribute.set_type(::onnx::AttributeProto::GRAPH);
  attribute.mutable_g();
  expect_refused(subgraph, "node 'y' (Relu): attribute 'then_branch' holds a subgraph");

  auto sequence = relu_model({1});
  sequence.mutable_graph()->mutable_input(0)->mutable_type()->mutable_sequence_type();
  expect_refused(sequence, "'x': is not a tensor");

  auto text = relu_model({1});
  set_port(*text.mutable_graph()->mutable_input(0), "x", {1}, 8);
  expect_refused(text, "'x': element type number 8");

  auto shapeless = relu_model({1});
  shapeless.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  expect_refused(shapeless, "'x': has no shape");

  auto cyclic = relu_model({1});
  cyclic.mutable_graph()->mutable_node(0)->set_input(0, "z");
  add_node(cyclic, "Relu", {"y"}, "z");
  expect_refused(cyclic, "cycle");

  auto twice = relu_model({1});
  add_node(twice, "Relu", {"x"}, "y");
  expect_refused(twice, "'y' is produced twice");
}

TEST(ReadOnnx, FilesThatAreNotThere) {
  const TemporaryFolder folder;
  EXPECT_THAT([&] { onnx::read_onnx(folder.path("none.onnx")); },
              ThrowsMessage<Error>(AllOf(HasSubstr("none.onnx: "), HasSubstr("No such file"))));
  EXPECT_THAT([&] { onnx::read_onnx(folder.path()); }, ThrowsMessage<Error>(HasSubstr("is a folder")));
  EXPECT_THAT([&] { onnx::read_onnx(folder.write("empty.onnx", "")); }, ThrowsMessage<Error>(HasSubstr("is empty")));
  EXPECT_THAT([&] { onnx::read_onnx("/dev/null"); }, ThrowsMessage<Error>(HasSubstr("no network")));
}

}  // namespace
}  // namespace northpole
