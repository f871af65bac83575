// The same network gives the same program, byte for byte: compiled again, with any number of threads, and after a round
// trip through an ONNX file.
#include <gtest/gtest.h>

#include "network/error.h"
#include "network/prepare.h"
#include "northpole/compile.h"
#include "onnx/read_onnx.h"
#include "onnx/write_onnx.h"
#include "program/program_file.h"
#include "support/random_network.h"
#include "support/temporary_folder.h"

namespace northpole::tests {
namespace {

std::string bytes_of(const network::Graph& graph, const chip::ChipDescription& chip, int threads) {
  CompileOptions options;
  options.threads = threads;
  try {
    return program::serialize(compile_network(graph, chip, options));
  } catch (const Error& error) {
    return error.what();  // a refusal is the same too
  }
}

TEST(SameBytes, WithAnyNumberOfThreads) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const RandomNetwork network = random_network(seed);
    const network::Graph graph = network::prepared(network.graph);
    const std::string once = bytes_of(graph, network.chip, 1);
    for (const int threads : {1, 2, 5})
      EXPECT_EQ(once == bytes_of(graph, network.chip, threads), true)
          << "seed " << seed << ", " << threads << " threads";
  }
}

TEST(SameBytes, AfterAFileOfTheNetwork) {
  const TemporaryFolder folder;
  for (std::uint64_t seed = 21; seed <= 40; ++seed) {
    const RandomNetwork network = random_network(seed);
    const network::Graph graph = network::prepared(network.graph);
    const std::string path = folder.path("network.onnx");
    onnx::write_onnx(graph, path);
    EXPECT_TRUE(bytes_of(graph, network.chip, 1) == bytes_of(network::prepared(onnx::read_onnx(path)), network.chip, 1))
        << "seed " << seed;
  }
}

}  // namespace
}  // namespace northpole::tests
