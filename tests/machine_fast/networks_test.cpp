// Compiled random networks: all kernels give what the step simulator gives. (tests/whole_way holds both engines against
// the reference on many more.)
#include "network/error.h"
#include "same_run.h"
#include "support/random_network.h"
#include "support/whole_way.h"

namespace northpole::tests {
namespace {

TEST(Networks, AllKernelsAreTheStepSimulator) {
  int compiled = 0;
  for (std::uint64_t seed = 9000; compiled < 25 && seed < 9100; ++seed) {
    const RandomNetwork network = random_network(seed);
    std::shared_ptr<const program::Program> program;
    try {
      program = compile(network.graph, network.chip).program;
    } catch (const Error&) {
      continue;  // what the compiler refuses is not the question here
    }
    SCOPED_TRACE(seed);
    expect_same(program);
    ++compiled;
    if (HasFailure()) return;
  }
  EXPECT_EQ(compiled, 25);
}

}  // namespace
}  // namespace northpole::tests
