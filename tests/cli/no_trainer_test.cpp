// What a build without the trainer says to those who want to train.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/command_line.h"

namespace northpole::tests {
namespace {

TEST(Train, WithoutTheComponent) {
#ifdef NORTHPOLE_HAS_TRAINER
  GTEST_SKIP() << "this build has the trainer";
#endif
  const Outcome outcome = northpole({"train", float_network, "--data", "nowhere", "-o", "nothing.onnx"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1);
  EXPECT_THAT(outcome.error, testing::HasSubstr("setup/train"));
}

}  // namespace
}  // namespace northpole::tests
