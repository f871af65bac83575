// Programs that nobody would write: changed bits, random words, absurd sizes. The verifier answers, soon, without
// falling over, and twice the same.
#include <gtest/gtest.h>

#include <random>

#include "support/furnished_builder.h"
#include "support/rich_program.h"
#include "verify/verify.h"

namespace northpole::verify {
namespace {

using namespace northpole::tests;
using F = FurnishedBuilder;
constexpr std::uint16_t own = 5;

bool same(const Result& left, const Result& right) {
  return left.ok == right.ok && left.events == right.events && left.fault.has_value() == right.fault.has_value() &&
         (!left.fault || describe(*left.fault) == describe(*right.fault));
}

TEST(Hostile, TheUnchangedProgramIsSound) {
  const Result result = verify(rich_program());
  EXPECT_TRUE(result.ok) << describe(*result.fault);
}

TEST(Hostile, ChangedBitsGetAnAnswer) {
  const program::Program original = rich_program();
  std::mt19937 random(7);
  int accepted = 0;
  std::array<int, fault_kinds> kinds{};
  for (int trial = 0; trial < 4000; ++trial) {
    program::Program program = original;
    const auto flip = [&](std::vector<isa::Word>& words) {
      words[random() % words.size()][random() % 32] ^= static_cast<std::uint8_t>(1u << random() % 8);
    };
    for (int change = 0; change <= trial % 3; ++change) {
      switch (random() % 4) {
        case 0:
          flip(program.edges[random() % 2].send);
          break;
        case 1:
          flip(program.edges[random() % 2].receive);
          break;
        default: {
          const std::size_t core = random() % 4, index = random() % program.boot[core].program.size(),
                            byte = random() % 32;
          change_boot_word(program, core, index, byte, static_cast<std::uint8_t>(1u << random() % 8));
        }
      }
    }
    const Result result = verify(program);
    if (result.ok) {
      ++accepted;
    } else {
      ++kinds[static_cast<std::size_t>(result.fault->kind)];
      EXPECT_FALSE(describe(*result.fault).empty());
    }
    if (trial % 50 == 0) {
      EXPECT_TRUE(same(result, verify(program)));
    }
  }
  // Bits that mean nothing (a tag's operand that is not used, a loop of one trip's stride) may change; most may not.
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, 2000);
  int different = 0;
  for (const int count : kinds) different += count > 0 ? 1 : 0;
  EXPECT_GE(different, 10);
}

TEST(Hostile, RandomWordsGetAnAnswer) {
  std::mt19937 random(8);
  for (int trial = 0; trial < 2000; ++trial) {
    program::Program program = rich_program();
    const auto fill = [&](std::vector<isa::Word>& words) {
      for (isa::Word& word : words) {
        for (auto& byte : word) byte = random() % 3 == 0 ? static_cast<std::uint8_t>(random()) : 0;
        constexpr std::uint8_t opcodes[] = {1, 2, 3, 16, 32, 33, 48, 49, 50, 51, 64, 80, 96, 112, 128};
        if (trial % 2 == 0) word[0] = opcodes[random() % 15], word[1] = word[2] = word[3] = 0;
      }
    };
    fill(program.boot[trial % 4].program);
    fill(program.edges[0].send);
    EXPECT_FALSE(verify(program).ok);
  }
}

TEST(Hostile, LongDelaysAndLoopsAreNotWalkedStepByStep) {
  F b;
  auto late = copy({F::activations}, {F::bank + F::free, own});
  late.delay = 0xffffffff;
  b.second(0, isa::Thread::memory, repeat(7, 0xffffffff, {}, late));
  program::Program program = b.build();
  program.cycles = std::uint64_t{1} << 36;
  const Result result = verify(program);
  ASSERT_FALSE(result.ok);  // the programs thread's receives come too early for the reload
  EXPECT_EQ(result.fault->kind, FaultKind::missing_word);
}

TEST(Hostile, NestedLoopsDoNotOverflow) {
  F b;
  auto nest = copy({F::activations}, {F::bank + F::free, own});
  for (int level = 0; level < 8; ++level) nest.loops.push_back({65535, 0xffffffff, {32767, -32768, 1, 1}, 0});
  b.at(5, 0, nest);
  b.load_at(40);
  EXPECT_THROW(b.build(), std::logic_error);  // the test's own builder refuses to wait so long
  F c;
  c.second(0, isa::Thread::receive, nest);
  const Result result = verify(c.build());
  ASSERT_FALSE(result.ok);
  EXPECT_EQ(result.fault->kind, FaultKind::malformed);
}

TEST(Hostile, TheLargestChipCostsLittleWhenUnused) {
  program::Program program;
  program.chip.rows = program.chip.columns = 32;
  program.chip.banks = 1;
  program.chip.bank_words = 65536;
  program.chip.partial_sums = 65536;
  program.chip.weight_blocks = 2048;
  program.chip.program_words = 65535;
  program.chip.parameters = 65536;
  program.cycles = std::uint64_t{1} << 36;
  for (std::uint32_t core = 0; core < 1024; ++core) program.boot.push_back({core, {isa::Word{}}, {}});
  program.edges.resize(32);
  const Result result = verify(program);
  ASSERT_FALSE(result.ok);
  EXPECT_EQ(result.fault->kind, FaultKind::unwritten);
  program.chip.rows = 33;
  EXPECT_EQ(verify(program).fault->kind, FaultKind::malformed);
  program.chip.rows = 0;
  EXPECT_EQ(verify(program).fault->kind, FaultKind::malformed);
}

TEST(Hostile, AnEmptyProgram) {
  const Result result = verify({});
  ASSERT_FALSE(result.ok);
  EXPECT_EQ(result.fault->kind, FaultKind::malformed);
}

}  // namespace
}  // namespace northpole::verify
