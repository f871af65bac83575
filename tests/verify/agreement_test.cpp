// The verifier and the step simulator were written from the same page without sharing code: on programs with changed
// bits they must accept the same ones, count the same events, and find the first fault in the same cycle.
#include <gtest/gtest.h>

#include <random>

#include "machine/frame.h"
#include "northpole/chip.h"
#include "support/rich_program.h"
#include "verify/verify.h"

namespace northpole::verify {
namespace {

using namespace northpole::tests;

void flip_bit(program::Program& program, std::mt19937& random) {
  const std::size_t byte = random() % 32;
  const auto bit = static_cast<std::uint8_t>(1u << random() % 8);
  switch (random() % 5) {
    case 0:
    case 1: {
      program::Edge& edge = program.edges[random() % 2];
      auto& words = random() % 2 == 0 ? edge.send : edge.receive;
      words[random() % words.size()][byte] ^= bit;
      break;
    }
    case 2: {
      auto& words = program.image[random() % program.image.size()].words;
      words[random() % words.size()][byte] ^= bit;
      break;
    }
    default: {
      const std::size_t core = random() % 4;
      change_boot_word(program, core, random() % program.boot[core].program.size(), byte, bit);
    }
  }
}

machine::RunResult simulate(const program::Program& program) {
  Chip chip(program.chip, EngineKind::step);
  chip.configure(program);
  chip.write_input_words(std::vector<isa::Word>(machine::frame_words(program.input)));
  return chip.run_network();
}

TEST(Agreement, VerifierAndSimulatorOnChangedPrograms) {
  const program::Program original = rich_program();
  std::mt19937 random(11);
  int accepted = 0, rejected = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    program::Program program = original;
    for (int change = 0; change <= trial % 2; ++change) flip_bit(program, random);
    const Result proof = verify(program);
    const machine::RunResult run = simulate(program);
    ASSERT_EQ(proof.ok, !run.fault) << trial << ": " << (proof.fault ? describe(*proof.fault) : "accepted") << " / "
                                    << (run.fault ? to_text(*run.fault) : "accepted");
    if (proof.ok) {
      ++accepted;
      EXPECT_EQ(proof.events, run.statistics.total_events()) << trial;
    } else {
      ++rejected;
      EXPECT_EQ(proof.fault->cycle, run.fault->cycle)
          << trial << ": " << describe(*proof.fault) << " / " << to_text(*run.fault);
    }
  }
  EXPECT_GT(accepted, 500);
  EXPECT_GT(rejected, 500);
}

}  // namespace
}  // namespace northpole::verify
