// Many random networks the whole way, a quarter of each width, with every kernel of the fast engine: 200, or as many as
// the environment variable NORTHPOLE_RANDOM_NETWORKS says.
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
  const std::uint64_t first_seed = first == nullptr ? 1 : std::strtoull(first, nullptr, 10);
  std::int64_t compiled = 0;
  const std::pair<Bits, const char*> widths[] = {
      {Bits::eight, "8"}, {Bits::four, "4"}, {Bits::two, "2"}, {Bits::mixed, "mixed"}};
  for (std::uint64_t width = 0; width < 4; ++width) {
    const std::uint64_t from = count * width / 4, to = count * (width + 1) / 4;
    const Tally tally = run_random_networks(first_seed + from, to - from, widths[width].first, true);
    compiled += tally.compiled;
    std::cout << widths[width].second << " bits: " << tally.compiled << " networks equal the reference, "
              << tally.refused << " refused; " << tally.tensors << " tensors, " << tally.elements
              << " elements in two runs each\n";
    for (const auto& [op, nodes] : tally.operators) std::cout << "  " << op << " " << nodes << "\n";
  }
  EXPECT_GE(compiled * 10, static_cast<std::int64_t>(count) * 9);
}

}  // namespace
}  // namespace northpole::tests
