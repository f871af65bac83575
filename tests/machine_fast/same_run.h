// Holds the fast engine against the step simulator: every output word, every tensor of Program::locations, cycles and
// statistics, with every kernel that this processor runs.
#pragma once

#include <gtest/gtest.h>

#include <random>

#include "machine/fast/engine.h"
#include "machine/frame.h"
#include "machine/step/simulator.h"

namespace northpole::tests {

struct Seen {
  machine::RunResult result;
  std::vector<std::vector<isa::Word>> outputs;
  struct Snapshot {
    std::string tensor, problem;
    std::vector<std::uint8_t> codes;
    bool operator==(const Snapshot&) const = default;
  };
  std::vector<Snapshot> snapshots;
};

template <typename Engine>
Seen see(Engine& engine, const program::Program& program, const std::vector<isa::Word>& input) {
  Seen seen;
  seen.result = engine.run(input, [&](const machine::TensorSnapshot& snapshot) {
    seen.snapshots.push_back({snapshot.location.tensor, snapshot.problem, snapshot.codes});
  });
  for (std::size_t i = 0; i < program.outputs.size(); ++i) seen.outputs.push_back(engine.output(i));
  return seen;
}

inline void expect_equal(const machine::Statistics::Traffic& fast, const machine::Statistics::Traffic& step) {
  EXPECT_EQ(fast.words, step.words);
  EXPECT_EQ(fast.hops, step.hops);
  EXPECT_EQ(fast.deliveries, step.deliveries);
}

inline void expect_same(const std::shared_ptr<const program::Program>& program, int runs = 2) {
  machine::step::Simulator step(program);
  std::vector<machine::fast::Engine> engines;
  for (const machine::fast::Kernel* kernel : machine::fast::kernels())
    engines.emplace_back(machine::fast::translate(program, machine::fast::Verified::no, *kernel));
  // Threads: three a run, and two to translate.
  engines.emplace_back(machine::fast::translate(program, machine::fast::Verified::no, machine::fast::best_kernel(), 2),
                       3);
  std::mt19937 random(5);
  for (int run = 0; run < runs; ++run) {
    std::vector<isa::Word> input(machine::frame_words(program->input));
    for (isa::Word& word : input)
      for (std::uint8_t& byte : word) byte = static_cast<std::uint8_t>(random());
    const Seen expected = see(step, *program, input);
    ASSERT_FALSE(expected.result.fault) << to_text(*expected.result.fault);
    for (std::size_t k = 0; k < engines.size(); ++k) {
      SCOPED_TRACE(k + 1 < engines.size() ? machine::fast::kernels()[k]->name : "three threads");
      const Seen seen = see(engines[k], *program, input);
      EXPECT_FALSE(seen.result.fault);
      EXPECT_TRUE(seen.outputs == expected.outputs);
      ASSERT_EQ(seen.snapshots.size(), expected.snapshots.size());
      for (std::size_t i = 0; i < seen.snapshots.size(); ++i)
        EXPECT_TRUE(seen.snapshots[i] == expected.snapshots[i])
            << expected.snapshots[i].tensor << ": " << seen.snapshots[i].problem << " for "
            << expected.snapshots[i].problem;
      EXPECT_EQ(seen.result.cycles, expected.result.cycles);
      EXPECT_EQ(seen.result.last_event, expected.result.last_event);
      EXPECT_EQ(seen.result.statistics.events, expected.result.statistics.events);
      EXPECT_EQ(seen.result.statistics.edge_sends, expected.result.statistics.edge_sends);
      EXPECT_EQ(seen.result.statistics.edge_receives, expected.result.statistics.edge_receives);
      expect_equal(seen.result.statistics.activations, expected.result.statistics.activations);
      expect_equal(seen.result.statistics.model, expected.result.statistics.model);
      expect_equal(seen.result.statistics.instructions, expected.result.statistics.instructions);
    }
  }
}

}  // namespace northpole::tests
