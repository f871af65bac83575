// Damaged files give one clear line, never a crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "network/error.h"
#include "network/prepare.h"
#include "onnx/read_onnx.h"
#include "support/onnx_model.h"

namespace northpole {
namespace {

std::string whole_model() {
  ::onnx::TensorProto weights;
  weights.set_data_type(1);
  for (const std::int64_t dimension : {2, 1, 3, 3}) weights.add_dims(dimension);
  for (int i = 0; i < 18; ++i) weights.add_float_data(static_cast<float>(i));
  auto model = tests::model_of_opset(13);
  tests::set_port(*model.mutable_graph()->add_input(), "x", {-1, 1, 8, 8});
  *model.mutable_graph()->add_initializer() = weights;
  model.mutable_graph()->mutable_initializer(0)->set_name("w");
  auto& conv = tests::add_node(model, "Conv", {"x", "w"}, "c");
  auto& pads = *conv.add_attribute();
  pads.set_name("pads");
  pads.set_type(::onnx::AttributeProto::INTS);
  for (int i = 0; i < 4; ++i) pads.add_ints(1);
  tests::add_node(model, "Relu", {"c"}, "r");
  tests::add_node(model, "GlobalAveragePool", {"r"}, "p");
  tests::add_node(model, "Flatten", {"p"}, "y");
  tests::set_port(*model.mutable_graph()->add_output(), "y", {-1, 2});
  return model.SerializeAsString();
}

// True when the bytes were refused; a message of several lines fails the test.
bool refused(const std::string& bytes) {
  try {
    network::prepared(onnx::read_onnx_bytes(bytes, "net.onnx"));
    return false;
  } catch (const network::Error& error) {
    EXPECT_THAT(error.what(), testing::StartsWith("net.onnx: "));
    EXPECT_EQ(std::string(error.what()).find_first_of("\n\r"), std::string::npos) << error.what();
    return true;
  }
}

TEST(Malformed, TheWholeModelIsAccepted) { EXPECT_FALSE(refused(whole_model())); }

TEST(Malformed, EveryTruncationIsRefused) {
  const std::string whole = whole_model();
  int accepted = 0;
  for (std::size_t length = 0; length < whole.size(); ++length) accepted += !refused(whole.substr(0, length));
  // A protobuf message may end after any whole field; with the graph as the last one, only the end is a whole model.
  EXPECT_LE(accepted, 1);
}

TEST(Malformed, RandomBytesAreRefused) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(1 + random() % 300, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    EXPECT_TRUE(refused(bytes));
  }
}

TEST(Malformed, FlippedBytesNeverCrash) {
  const std::string whole = whole_model();
  std::mt19937 random(2);
  int count = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = whole;
    for (unsigned flips = 1 + random() % 3; flips > 0; --flips)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    count += refused(bytes);
  }
  EXPECT_GT(count, 5000);
}

}  // namespace
}  // namespace northpole
