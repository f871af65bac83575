#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "evaluate/chip_engine.h"
#include "evaluate/parallel.h"
#include "evaluate/ranking.h"
#include "network/error.h"

namespace northpole::evaluate {
namespace {

std::vector<int> classes(const std::vector<Ranked>& ranked) {
  std::vector<int> numbers;
  for (const Ranked& entry : ranked) numbers.push_back(entry.class_number);
  return numbers;
}

TEST(Ranking, BestFirstAndTheLowerNumberAmongEqualScores) {
  EXPECT_EQ(classes(best_classes({1, 5, 3, 5, -2}, 3)), (std::vector<int>{1, 3, 2}));
  EXPECT_EQ(classes(best_classes({1, 2}, 5)), (std::vector<int>{1, 0}));
  EXPECT_TRUE(best_classes({}, 5).empty());
}

TEST(Ranking, NotANumberComesLast) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(classes(best_classes({nan, -7, nan, 2}, 4)), (std::vector<int>{3, 1, 0, 2}));
}

TEST(Ranking, ScoreLists) {
  EXPECT_TRUE(is_score_list({1, 10}));
  EXPECT_TRUE(is_score_list({1, 10, 1, 1}));
  EXPECT_TRUE(is_score_list({}));
  EXPECT_FALSE(is_score_list({1, 10, 2, 2}));
}

TEST(HostWork, InputCodesRoundHalfToEvenAndSaturate) {
  program::FrameLayout layout;
  layout.is_signed = true;
  layout.scale = 0.5F;
  layout.zero_point = 3;
  const auto codes = quantized_input(layout, {0, 0.25F, 0.75F, -1000, 1000, std::nanf("")});
  EXPECT_EQ(codes, (std::vector<std::uint8_t>{3, 3, 5, 0x80, 0x7f, 3}));
  layout.is_signed = false;
  EXPECT_EQ(quantized_input(layout, {-1000, 1000}), (std::vector<std::uint8_t>{0, 255}));
}

program::Program program_with_output(std::vector<program::HostOperation> operations) {
  program::Program program;
  program::FrameLayout layout;
  layout.shape = {1, 4};
  layout.channels = 4;
  layout.tensor_height = layout.tensor_width = 1;
  layout.scale = 0.5F;
  layout.zero_point = -1;
  program.outputs = {layout};
  program.host_operations = std::move(operations);
  return program;
}

TEST(HostWork, OutputCodesBecomeRealNumbers) {
  const Answer answer = answer_from(program_with_output({}), {0, 0xff, 0x7f, 0x80});
  EXPECT_EQ(answer.scores, (std::vector<float>{0.5F, 0, 64, -63.5F}));
}

TEST(HostWork, SoftmaxIsDoneAndArgMaxKeepsItsScores) {
  const Answer answer = answer_from(program_with_output({{"Softmax", -1}, {"ArgMax", 1}}), {3, 1, 1, 1});
  ASSERT_EQ(answer.scores.size(), 4U);
  EXPECT_NEAR(answer.scores[0] + answer.scores[1] + answer.scores[2] + answer.scores[3], 1, 1e-6);
  EXPECT_NEAR(answer.scores[0] / answer.scores[1], std::exp(1.0), 1e-5);
}

TEST(HostWork, SoftmaxOverAnAxisThatIsNotThere) {
  EXPECT_THROW(answer_from(program_with_output({{"Softmax", 2}}), {3, 1, 1, 1}), Error);
}

TEST(Parallel, EveryIndexOnceAndTheFirstExceptionComesBack) {
  std::vector<int> visits(100);
  for_each_index(
      100, 3, [] { return 0; }, [&](int, std::int64_t index) { ++visits[static_cast<std::size_t>(index)]; });
  EXPECT_EQ(visits, std::vector<int>(100, 1));
  EXPECT_THROW(for_each_index(
                   10, 2, [] { return 0; }, [](int, std::int64_t) { throw Error("no"); }),
               Error);
  EXPECT_THROW(for_each_index(
                   10, 2, []() -> int { throw Error("no"); }, [](int, std::int64_t) {}),
               Error);
}

}  // namespace
}  // namespace northpole::evaluate
