#include "network/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "network/error.h"
#include "network/half_float.h"

namespace northpole::network {
namespace {

TEST(Tensor, CountsElements) {
  EXPECT_EQ(element_count({}), 1);
  EXPECT_EQ(element_count({2, 3, 4}), 24);
  EXPECT_EQ(element_count({2, 0, 4}), 0);
}

TEST(Tensor, RefusesShapesThatCannotBe) {
  EXPECT_THROW(element_count({2, -1}), Error);
  EXPECT_THROW(element_count({0, -1}), Error);
  const std::int64_t huge = std::int64_t{1} << 40;
  EXPECT_EQ(element_count({huge}), huge);
  EXPECT_THROW(element_count({huge, 2}), Error);
  EXPECT_THROW(element_count({huge, huge, huge}), Error) << "must not overflow";
  EXPECT_EQ(element_count({huge, 0, huge}), 0);
}

TEST(Tensor, KeepsIntegersOfEveryType) {
  for (const ElementType type : {ElementType::int8, ElementType::uint8, ElementType::int16, ElementType::uint16,
                                 ElementType::int4, ElementType::uint4, ElementType::int2, ElementType::uint2}) {
    const std::int64_t low = lowest_code(type), high = highest_code(type);
    const Tensor tensor = Tensor::of_integers(type, {3}, {low, 1, high});
    EXPECT_EQ(tensor.integer(0), low) << element_name(type);
    EXPECT_EQ(tensor.integer(1), 1) << element_name(type);
    EXPECT_EQ(tensor.integer(2), high) << element_name(type);
    EXPECT_EQ(tensor.number(2), static_cast<double>(high)) << element_name(type);
    EXPECT_EQ(tensor.bytes.size(), 3 * element_size(type));
  }
}

TEST(Tensor, NarrowIntegersTakeTheLowBits) {
  const Tensor four = Tensor::of_integers(ElementType::int4, {4}, {7, 8, 15, -9});
  EXPECT_EQ(four.integer(1), -8);
  EXPECT_EQ(four.integer(2), -1);
  EXPECT_EQ(four.integer(3), 7);
  const Tensor two = Tensor::of_integers(ElementType::uint2, {3}, {3, 4, -1});
  EXPECT_EQ(two.integer(1), 0);
  EXPECT_EQ(two.integer(2), 3);
}

TEST(Tensor, TypesOfCodesByWidth) {
  for (const int bits : {8, 4, 2}) {
    for (const bool is_signed : {false, true}) {
      const ElementType type = quantized_type(bits, is_signed);
      EXPECT_EQ(element_bits(type), bits);
      EXPECT_EQ(lowest_code(type), is_signed ? -(1 << (bits - 1)) : 0);
      EXPECT_EQ(highest_code(type), lowest_code(type) + (1 << bits) - 1);
    }
  }
  EXPECT_THROW(quantized_type(3, true), Error);
  EXPECT_EQ(element_bits(ElementType::float32), 32);
}

TEST(Tensor, ReadsFloatsAsIntegersWithoutOverflow) {
  const Tensor tensor = Tensor::of_floats({4}, {-1.9f, 1e30f, -1e30f, NAN});
  EXPECT_EQ(tensor.integer(0), -1);
  EXPECT_EQ(tensor.integer(1), INT64_MAX);
  EXPECT_EQ(tensor.integer(2), INT64_MIN);
  EXPECT_EQ(tensor.integer(3), 0);
}

TEST(HalfFloat, EveryHalfSurvivesTheWayThereAndBack) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = half_to_float(static_cast<std::uint16_t>(bits));
    if (std::isnan(value)) continue;
    ASSERT_EQ(float_to_half(value), bits) << value;
  }
}

TEST(HalfFloat, RoundsToNearestEven) {
  EXPECT_EQ(half_to_float(float_to_half(1.0f + 1.0f / 2048)), 1.0f);
  EXPECT_EQ(half_to_float(float_to_half(1.0f + 3.0f / 2048)), 1.0f + 2.0f / 1024);
  EXPECT_EQ(half_to_float(float_to_half(65519.0f)), 65504.0f);
  EXPECT_TRUE(std::isinf(half_to_float(float_to_half(65520.0f))));
  EXPECT_EQ(float_to_half(std::ldexp(1.0f, -25)), 0);
  EXPECT_EQ(float_to_half(std::ldexp(1.5f, -25)), 1);
}

}  // namespace
}  // namespace northpole::network
