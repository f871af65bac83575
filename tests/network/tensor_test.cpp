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
