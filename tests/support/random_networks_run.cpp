#include "support/random_networks_run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <iostream>

#include "support/whole_way.h"

namespace northpole::tests {

namespace {

// Two of three as compile_network() does it, the others with some of it left out.
lower::Options lowering_of(std::uint64_t seed) {
  if (seed % 3 != 0) return {true, true, true, true};
  const std::uint64_t set = seed / 3;
  return {(set & 1) != 0, (set & 2) != 0, (set & 4) != 0, (set & 8) != 0};
}

void go(std::uint64_t seed, const RandomNetwork& network, int runs, const Compilation& compilation, Tally& tally) {
  const WholeWay way = whole_way(network.graph, network.chip, runs, compilation);
  const auto what = [&] {
    return fmt::format("seed {}, array {} x {}, frames {}", seed, network.chip.rows, network.chip.columns,
                       compilation.frames);
  };
  if (!way.refused.empty()) {
    ++tally.refused;
    std::cout << "refused: " << what() << ": " << way.refused << "\n";
    EXPECT_TRUE(names_a_node(way.refused, network.graph)) << what() << ": " << way.refused;
    return;
  }
  EXPECT_EQ(way.failed, "") << what();
  ++tally.compiled;
  tally.tensors += way.tensors;
  tally.elements += way.elements;
  for (const network::Node& node : network.graph.nodes) ++tally.operators[node.op];
}

}  // namespace

Tally run_random_networks(std::uint64_t first, std::uint64_t count, Bits bits, bool every_kernel) {
  Tally tally;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    Compilation compilation;
    compilation.lowering = lowering_of(seed);
    compilation.every_kernel = every_kernel;
    go(seed, random_network(seed, bits), 2, compilation, tally);
  }
  return tally;
}

Tally run_random_batches(std::uint64_t first, std::uint64_t count, Bits bits) {
  Tally tally;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const RandomNetwork network = random_network(seed, bits);
    std::vector<std::uint32_t> batches;
    for (const std::uint32_t frames : {2, 3, 4, 8, 16, 32})
      if (frames <= network.chip.rows || frames % network.chip.rows == 0) batches.push_back(frames);
    Compilation compilation;
    compilation.frames = batches[seed % batches.size()];
    compilation.objective = map::Objective::throughput;
    compilation.lowering = lowering_of(seed);
    go(seed, network, 1, compilation, tally);
  }
  return tally;
}

}  // namespace northpole::tests
