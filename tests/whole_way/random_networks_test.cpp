// Random networks of every width the whole way, alone and in batches; random_networks_long_test.cpp takes more.
#include <gtest/gtest.h>

#include "support/random_networks_run.h"

namespace northpole::tests {
namespace {

TEST(RandomNetworks, EqualTheReferenceInEveryElement) {
  const Tally tally = run_random_networks(1, 60);
  EXPECT_GE(tally.compiled, 50);
}

TEST(RandomNetworks, OfFewBits) {
  for (const Bits bits : {Bits::four, Bits::two, Bits::mixed}) {
    const Tally tally = run_random_networks(1, 30, bits);
    EXPECT_GE(tally.compiled, 25);
  }
}

TEST(RandomNetworks, InBatchesOfFramesOfTheirOwn) {
  for (const Bits bits : {Bits::eight, Bits::mixed}) {
    const Tally tally = run_random_batches(1, 30, bits);
    EXPECT_GE(tally.compiled, 20);
  }
}

}  // namespace
}  // namespace northpole::tests
