// Many random networks the whole way: 200, or as many as the environment variable NORTHPOLE_RANDOM_NETWORKS says.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "support/random_networks_run.h"

namespace northpole::tests {
namespace {

TEST(RandomNetworks, EqualTheReferenceInEveryElement) {
  const char* wanted = std::getenv("NORTHPOLE_RANDOM_NETWORKS");
  const char* first = std::getenv("NORTHPOLE_RANDOM_FIRST");
  const std::uint64_t count = wanted == nullptr ? 200 : std::strtoull(wanted, nullptr, 10);
  const Tally tally = run_random_networks(first == nullptr ? 1 : std::strtoull(first, nullptr, 10), count);
  std::cout << tally.compiled << " networks equal the reference, " << tally.refused << " refused; " << tally.tensors
            << " tensors, " << tally.elements << " elements in two runs each\n";
  for (const auto& [op, nodes] : tally.operators) std::cout << "  " << op << " " << nodes << "\n";
  EXPECT_GE(tally.compiled * 10, static_cast<std::int64_t>(count) * 9);
}

}  // namespace
}  // namespace northpole::tests
