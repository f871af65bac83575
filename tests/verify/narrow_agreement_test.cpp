// As agreement_test.cpp, on a program of narrow elements: whatever bit of it is changed, verifier and step simulator
// accept the same programs and find the first fault in the same cycle.
#include <random>

#include "narrow_cores.h"
#include "support/rich_program.h"

namespace northpole::verify {
namespace {

// Blocks of three pairs of widths, a sum to a part, words of 4 and 2 bit made of parts, and readers of all of them.
program::Program narrow_program() {
  chip::ChipDescription chip = small_chip();
  chip.program_words = 96;
  F b = with_functions(chip);
  b.image(0, functions_at + 40, F::image_tensor, std::vector<isa::Word>(8));
  b.at(20, 0, repeat(8, 1, {1, 0, 1, 0}, constants({functions_at + 40}, 16)));
  b.load_weights(30, 0, 0);
  b.at(60, 0, narrow_product(0, 0, 8, 4));
  b.at(61, 0, repeat(2, 1, {0, 1, 1, 0}, narrow_product(2, 1, 8, 2)));
  b.load_weights(70, 0, 0);
  b.at(90, 0, repeat(2, 1, {0, 1, 1, 0}, narrow_product(0, 3, 4, 2)));
  auto of_sum = vector_of_sum(0, 16, sum4, {target, own});
  of_sum.immediate[1] = encode(isa::VectorParts{0, 0, 0, true, false});
  b.at(100, 0, of_sum);
  b.at(101, 0, part(move4, 1, false));
  for (std::uint16_t sum = 1; sum < 5; ++sum) {
    auto rest = vector_of_sum(sum, 16, sum4, {static_cast<std::uint16_t>(target + sum), own});
    rest.immediate[1] = encode(isa::VectorParts{0, 0, 0, true, true});
    b.at(103u + sum, 0, rest);
  }
  b.at(120, 0, copy({target, own}, {F::bank + F::free, own}));
  auto second = vector_of_memory({F::activations}, 0, add4, {F::bank + F::free + 1, own});
  second.operand[isa::operand_b] = target + 1, second.tensor[isa::operand_b] = own;
  second.immediate[1] = encode(isa::VectorParts{0, 0, 1, false, false});
  b.at(121, 0, second);
  for (int p = 0; p < 3; ++p) b.at(at(130 + p), 0, part(move2, p, p == 0, p == 2, own + 1));
  b.at(145, 0, vector_of_memory({target, own + 1}, 0, from4, {F::bank + F::free, own}));
  b.at(150, 0, send({target, own + 1}, 1, 1));
  b.at(151, 0, receive({target, own}));
  return b.build();
}

TEST(NarrowAgreement, TheProgramIsSound) {
  const Result proof = verify(narrow_program());
  EXPECT_TRUE(proof.ok) << describe(*proof.fault);
}

TEST(NarrowAgreement, VerifierAndSimulatorOnChangedPrograms) {
  const program::Program original = narrow_program();
  std::mt19937 random(5);
  int accepted = 0, rejected = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    program::Program program = original;
    for (int change = 0; change <= trial % 2; ++change) {
      const std::size_t byte = random() % 32;
      const auto bit = static_cast<std::uint8_t>(1u << random() % 8);
      if (random() % 4 == 0) {
        for (program::ImageSection& section : program.image) {
          if (section.core == 0 && section.address == functions_at)
            section.words[random() % functions_end][byte] ^= bit;
        }
      } else {
        change_boot_word(program, 0, random() % program.boot[0].program.size(), byte, bit);
      }
    }
    const Result proof = verify(program);
    const machine::RunResult run = simulated(program);
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
  EXPECT_GT(accepted, 300);
  EXPECT_GT(rejected, 300);
}

}  // namespace
}  // namespace northpole::verify
