#include "support/random_networks_run.h"

#include <gtest/gtest.h>

#include <iostream>

#include "support/random_network.h"
#include "support/whole_way.h"

namespace northpole::tests {

Tally run_random_networks(std::uint64_t first, std::uint64_t count) {
  Tally tally;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const RandomNetwork network = random_network(seed);
    const WholeWay way = whole_way(network.graph, network.chip);
    if (!way.refused.empty()) {
      ++tally.refused;
      std::cout << "refused: " << way.refused << "\n";
      EXPECT_TRUE(names_a_node(way.refused, network.graph)) << "seed " << seed << ": " << way.refused;
      continue;
    }
    EXPECT_EQ(way.failed, "") << "seed " << seed << ", array " << network.chip.rows << " x " << network.chip.columns;
    ++tally.compiled;
    tally.tensors += way.tensors;
    tally.elements += way.elements;
    for (const network::Node& node : network.graph.nodes) ++tally.operators[node.op];
  }
  return tally;
}

}  // namespace northpole::tests
