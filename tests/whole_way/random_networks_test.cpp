// Sixty random networks the whole way; random_networks_long_test.cpp takes more.
#include <gtest/gtest.h>

#include "support/random_networks_run.h"

namespace northpole::tests {
namespace {

TEST(RandomNetworks, EqualTheReferenceInEveryElement) {
  const Tally tally = run_random_networks(1, 60);
  EXPECT_GE(tally.compiled, 50);
}

}  // namespace
}  // namespace northpole::tests
