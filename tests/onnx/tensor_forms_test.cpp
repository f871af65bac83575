// Every form in which an ONNX file may store the elements of a tensor.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network/error.h"
#include "onnx/read_onnx.h"
#include "onnx/tensor_proto.h"
#include "support/onnx_model.h"
#include "support/temporary_folder.h"

namespace northpole {
namespace {

using network::ElementType;
using network::Error;
using network::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

::onnx::TensorProto proto_of(int type, const std::vector<std::int64_t>& dims) {
  ::onnx::TensorProto proto;
  proto.set_name("w");
  proto.set_data_type(type);
  for (const std::int64_t dimension : dims) proto.add_dims(dimension);
  return proto;
}

std::vector<double> numbers(::onnx::TensorProto proto, ElementType expected) {
  const Tensor tensor = onnx::take_tensor(proto, {});
  EXPECT_EQ(tensor.type, expected);
  std::vector<double> values;
  for (std::int64_t i = 0; i < tensor.size(); ++i) values.push_back(tensor.number(i));
  return values;
}

TEST(TensorForms, TypedFields) {
  auto floats = proto_of(1, {2});
  floats.add_float_data(1.5f);
  floats.add_float_data(-2);
  EXPECT_THAT(numbers(floats, ElementType::float32), ElementsAre(1.5, -2));
  auto doubles = proto_of(11, {});
  doubles.add_double_data(0.1);
  EXPECT_THAT(numbers(doubles, ElementType::float64), ElementsAre(0.1));
  auto longs = proto_of(7, {2});
  longs.add_int64_data(-1);
  longs.add_int64_data(INT64_C(1) << 40);
  EXPECT_THAT(numbers(longs, ElementType::int64), ElementsAre(-1, 1099511627776.0));
  auto words = proto_of(12, {1});
  words.add_uint64_data(4000000000);
  EXPECT_THAT(numbers(words, ElementType::uint32), ElementsAre(4000000000.0));
}

TEST(TensorForms, NarrowTypesInInt32Data) {
  const std::pair<int, ElementType> signed_types[] = {
      {3, ElementType::int8}, {5, ElementType::int16}, {6, ElementType::int32}};
  for (const auto& [number, type] : signed_types) {
    auto proto = proto_of(number, {2});
    proto.add_int32_data(-128);
    proto.add_int32_data(127);
    EXPECT_THAT(numbers(proto, type), ElementsAre(-128, 127));
  }
  for (const auto& [number, type] : {std::pair{2, ElementType::uint8}, std::pair{4, ElementType::uint16}}) {
    auto proto = proto_of(number, {1});
    proto.add_int32_data(255);
    EXPECT_THAT(numbers(proto, type), ElementsAre(255));
  }
  auto truth = proto_of(9, {2});
  truth.add_int32_data(1);
  truth.add_int32_data(0);
  EXPECT_THAT(numbers(truth, ElementType::boolean), ElementsAre(1, 0));
}

TEST(TensorForms, HalfPrecisionBecomesFloat) {
  auto half = proto_of(10, {2});
  half.add_int32_data(0x3c00);
  half.add_int32_data(0xc000);
  EXPECT_THAT(numbers(half, ElementType::float32), ElementsAre(1, -2));
  auto raw = proto_of(16, {2});
  raw.set_raw_data(std::string("\x80\x3f\x00\xc0", 4));
  EXPECT_THAT(numbers(raw, ElementType::float32), ElementsAre(1, -2));
}

TEST(TensorForms, FourBitTypesTwoToAByteLowFirst) {
  auto raw = proto_of(22, {3});
  raw.set_raw_data(std::string("\x8f\x07", 2));
  EXPECT_THAT(numbers(raw, ElementType::int4), ElementsAre(-1, -8, 7));
  auto field = proto_of(21, {3});
  field.add_int32_data(0x8f);
  field.add_int32_data(0x07);
  EXPECT_THAT(numbers(field, ElementType::uint4), ElementsAre(15, 8, 7));
}

TEST(TensorForms, TwoBitTypesFourToAByteLowFirst) {
  auto raw = proto_of(26, {5});
  raw.set_raw_data(std::string("\xe4\x03", 2));  // 00 01 10 11, then 11
  EXPECT_THAT(numbers(raw, ElementType::int2), ElementsAre(0, 1, -2, -1, -1));
  auto field = proto_of(25, {5});
  field.add_int32_data(0xe4);
  field.add_int32_data(0xff);  // what is left over of a byte does not count
  EXPECT_THAT(numbers(field, ElementType::uint2), ElementsAre(0, 1, 2, 3, 3));
}

TEST(TensorForms, PackedTypesOfEveryCountSurvivePuttingAndTaking) {
  const std::pair<ElementType, int> types[] = {
      {ElementType::uint4, 21}, {ElementType::int4, 22}, {ElementType::uint2, 25}, {ElementType::int2, 26}};
  for (const auto& [type, number] : types) {
    for (std::int64_t count = 0; count <= 17; ++count) {
      std::vector<std::int64_t> codes;
      for (std::int64_t i = 0; i < count; ++i) codes.push_back(i * 7 + count);  // wraps through all codes
      const Tensor tensor = Tensor::of_integers(type, {count}, codes);
      ::onnx::TensorProto proto;
      onnx::put_tensor(tensor, proto);
      EXPECT_EQ(proto.data_type(), number);
      const std::int64_t bits = network::element_bits(type);
      EXPECT_EQ(static_cast<std::int64_t>(proto.raw_data().size()), (count * bits + 7) / 8);
      if (count * bits % 8 != 0) {
        EXPECT_EQ(static_cast<unsigned char>(proto.raw_data().back()) >> (count * bits % 8), 0) << "padding is zero";
      }
      EXPECT_EQ(onnx::take_tensor(proto, {}).bytes, tensor.bytes) << network::element_name(type) << " x " << count;
    }
  }
}

TEST(TensorForms, EveryTypeSurvivesPuttingAndTaking) {
  for (const ElementType type :
       {ElementType::float32, ElementType::float64, ElementType::int8, ElementType::uint8, ElementType::int16,
        ElementType::uint16, ElementType::int32, ElementType::uint32, ElementType::int64, ElementType::uint64,
        ElementType::boolean, ElementType::int4, ElementType::uint4, ElementType::int2, ElementType::uint2}) {
    const Tensor tensor = Tensor::of_integers(type, {5}, {0, 1, 1, 0, 1});
    ::onnx::TensorProto proto;
    onnx::put_tensor(tensor, proto);
    const Tensor back = onnx::take_tensor(proto, {});
    EXPECT_EQ(back.type, tensor.type);
    EXPECT_EQ(back.shape, tensor.shape);
    EXPECT_EQ(back.bytes, tensor.bytes) << network::element_name(type);
  }
}

void expect_refused(::onnx::TensorProto proto, const std::string& words) {
  EXPECT_THAT([&] { onnx::take_tensor(proto, {}); },
              ThrowsMessage<Error>(testing::AllOf(HasSubstr("tensor 'w': "), HasSubstr(words))));
}

TEST(TensorForms, RefusesWrongLengths) {
  auto raw = proto_of(1, {2});
  raw.set_raw_data("seven!!");
  expect_refused(raw, "7 bytes of elements, the shape 2 of float32 needs 8");
  auto field = proto_of(1, {2});
  field.add_float_data(1);
  expect_refused(field, "4 bytes");
  expect_refused(proto_of(1, {INT64_C(1) << 39}), "0 bytes");
  expect_refused(proto_of(1, {INT64_MAX, 4}), "more than 2^40");
  expect_refused(proto_of(1, {-1}), "negative");
}

TEST(TensorForms, RefusesPackedDataCutShortOrTooLong) {
  const struct {
    int type, needed;
    const char* words;
  } cases[] = {{21, 5, "shape 9 of uint4 needs 5"},
               {22, 5, "shape 9 of int4 needs 5"},
               {25, 3, "shape 9 of uint2 needs 3"},
               {26, 3, "shape 9 of int2 needs 3"}};
  for (const auto& [type, needed, words] : cases) {
    for (const int length : {0, needed - 1, needed + 1, 9}) {
      auto raw = proto_of(type, {9});
      raw.set_raw_data(std::string(static_cast<std::size_t>(length), '\x55'));
      expect_refused(raw, words);
      auto field = proto_of(type, {9});
      for (int i = 0; i < length; ++i) field.add_int32_data(0x55);
      expect_refused(field, words);
    }
  }
  expect_refused(proto_of(26, {INT64_C(1) << 39}), "0 bytes of elements");
}

TEST(TensorForms, RefusesOtherTypesByName) {
  expect_refused(proto_of(8, {1}), "element type STRING");
  expect_refused(proto_of(14, {1}), "element type COMPLEX64");
  expect_refused(proto_of(99, {1}), "element type number 99");
}

class ExternalData : public testing::Test {
 protected:
  std::string model(const std::string& location, const std::string& offset = "", const std::string& length = "") {
    auto proto = proto_of(1, {2});
    proto.set_data_location(::onnx::TensorProto::EXTERNAL);
    const std::pair<std::string, std::string> entries[] = {
        {"location", location}, {"offset", offset}, {"length", length}};
    for (const auto& [key, value] : entries) {
      if (value.empty()) continue;
      auto& entry = *proto.add_external_data();
      entry.set_key(key);
      entry.set_value(value);
    }
    std::filesystem::create_directories(folder_.path("models"));
    return folder_.write("models/net.onnx", tests::model_with_initializer(proto).SerializeAsString());
  }
  void expect_external_refused(const std::string& path, const std::string& words) {
    EXPECT_THAT([&] { onnx::read_onnx(path); },
                ThrowsMessage<Error>(testing::AllOf(HasSubstr("net.onnx: tensor 'w'"), HasSubstr(words))));
  }
  const std::string floats_{"\0\0\0\0\0\0\x80\x3f\0\0\0\x40", 12};  // 0, 1, 2
  tests::TemporaryFolder folder_;
};

TEST_F(ExternalData, IsReadFromTheModelsFolder) {
  const std::string path = model("weights.bin", "4", "8");
  folder_.write("models/weights.bin", floats_);
  const auto graph = onnx::read_onnx(path);
  EXPECT_EQ(graph.constants.at("w").number(0), 1);
  EXPECT_EQ(graph.constants.at("w").number(1), 2);
}

TEST_F(ExternalData, IsReadFromNowhereElse) {
  folder_.write("secret.bin", floats_);
  expect_external_refused(model("../secret.bin"), "outside the model's folder");
  expect_external_refused(model("sub/../../secret.bin"), "outside the model's folder");
  expect_external_refused(model(folder_.path("secret.bin")), "outside the model's folder");
  std::filesystem::create_symlink(folder_.path("secret.bin"), folder_.path("models/link.bin"));
  expect_external_refused(model("link.bin"), "outside the model's folder");
  expect_external_refused(model(""), "outside the model's folder");
}

TEST_F(ExternalData, PackedElementsAreReadFromIt) {
  auto proto = proto_of(26, {5});
  proto.set_data_location(::onnx::TensorProto::EXTERNAL);
  auto& entry = *proto.add_external_data();
  entry.set_key("location");
  entry.set_value("weights.bin");
  std::filesystem::create_directories(folder_.path("models"));
  const std::string path = folder_.write("models/net.onnx", tests::model_with_initializer(proto).SerializeAsString());
  folder_.write("models/weights.bin", "\xe4");
  expect_external_refused(path, "too short: it has 1 bytes, 2 are needed");
  folder_.write("models/weights.bin", "\xe4\x03");
  EXPECT_EQ(onnx::read_onnx(path).constants.at("w").integer(2), -2);
}

TEST_F(ExternalData, RefusesWhatIsTooShortOrMissing) {
  expect_external_refused(model("none.bin"), "is missing");
  folder_.write("models/weights.bin", floats_);
  expect_external_refused(model("weights.bin", "8"), "too short");
  expect_external_refused(model("weights.bin", "18446744073709551615"), "too short");
  expect_external_refused(model("weights.bin", "-4"), "not a number");
  expect_external_refused(model("weights.bin", "0", "4"), "4 bytes, the shape needs 8");
}

}  // namespace
}  // namespace northpole
