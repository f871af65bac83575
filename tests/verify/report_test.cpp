// What the verifier says: the first fault in cycle order, in one line a person can use; and how much it checked.
#include <gmock/gmock.h>

#include "support/furnished_builder.h"
#include "verify/verify.h"

namespace northpole::verify {
namespace {

using namespace northpole::tests;
using F = FurnishedBuilder;
constexpr std::uint16_t own = 5;

TEST(Report, NamesBothInstructionsAndTheirLayers) {
  F b;
  b.at(5, 0, send({F::activations}, 2, 1));
  b.at(7, 1, receive({F::free, own}));
  b.at(3, 0, repeat(2, 2, {1, 1, 0, 0}, copy({F::activations}, {F::bank + F::free, own})));
  const Result result = verify(b.build());
  ASSERT_FALSE(result.ok);
  EXPECT_EQ(describe(*result.fault),
            "bank conflict in cycle 5, core 0, thread send, bank 0: a second access in one cycle; "
            "by [core 0 send: +5 send source 16 \"image\" to columns 1 of rows 0] of boot program; "
            "against [core 0 memory: +3 loop 2 every 2: source +1, target +1 | copy source 16 \"image\", target 320 "
            "\"tensor 5\"] of boot program");
}

TEST(Report, LinksHavePlacesAndDirections) {
  F b(small_chip(1, 3));
  b.at(5, 0, send({F::activations}, 4, 1));
  b.at(6, 1, send({F::activations}, 4, 1));
  b.at(8, 2, receive({F::free, own}));
  const Result result = verify(b.build());
  ASSERT_FALSE(result.ok);
  EXPECT_THAT(describe(*result.fault),
              testing::HasSubstr(
                  "link conflict in cycle 7, core 1, thread send, activation network, link east of row 0 column 1"));
  EXPECT_THAT(describe(*result.fault), testing::HasSubstr("by [core 1 send:"));
  EXPECT_THAT(describe(*result.fault), testing::HasSubstr("against [core 0 send:"));
}

// A collision on a link is noticed when the second word is sent, but lies in a later cycle: what goes wrong before
// counts.
TEST(Report, TheFirstFaultInCycleOrderCounts) {
  for (const int cycle : {6, 8}) {
    F b(small_chip(1, 4));
    b.at(4, 0, send({F::activations}, 8, 1));
    b.at(6, 2, send({F::activations}, 8, 1));  // both on the link from 2 to 3 in cycle 7
    b.at(static_cast<std::uint64_t>(cycle), 1, copy({F::free, own}, {F::bank, own}));
    b.at(8, 3, receive({F::free, own}));
    const Result result = verify(b.build());
    ASSERT_FALSE(result.ok);
    EXPECT_EQ(result.fault->cycle, cycle == 6 ? 6u : 7u);
    EXPECT_EQ(result.fault->kind, cycle == 6 ? FaultKind::unwritten : FaultKind::link_conflict);
  }
}

TEST(Report, OfSeveralFaultsOfACycleTheLowestCoreCounts) {
  F b(small_chip(1, 4));
  for (const std::uint32_t core : {3u, 1u, 2u}) b.at(9, core, copy({F::free, own}, {F::bank + F::free, own}));
  const Result result = verify(b.build());
  ASSERT_FALSE(result.ok);
  EXPECT_EQ(result.fault->place, 1u);
}

TEST(Report, CountsWhatWasChecked) {
  F b;
  b.load_constants(0, 0);
  b.load_weights(40, 0, 0);
  b.at(60, 0, repeat(3, 1, {1, 0, 1, 0}, multiply({F::bank + F::activations}, 0, 0, true, false)));
  b.at(63, 0, multiply({F::bank + F::activations}, 0, 3));
  b.at(70, 0, repeat(4, 1, {1, 0, 0, 1}, vector_of_sum(0, 16, F::sum_function, {2 * F::bank + F::free, own})));
  b.at(90, 0, repeat(4, 1, {1, 0, 0, 0}, send({2 * F::bank + F::free, own}, 2, 1)));
  b.at(92, 1, repeat(4, 1, {0, 0, 0, 1}, receive({F::free, own})));
  const auto program = b.build();
  const std::uint64_t boot0 = program.boot[0].program.size(), boot1 = program.boot[1].program.size();
  const Result result = verify(program);
  ASSERT_TRUE(result.ok) << describe(*result.fault);
  const Counts& counts = result.counts;
  EXPECT_EQ(result.events, counts.events);
  EXPECT_EQ(counts.multiplies, 4u);
  EXPECT_EQ(counts.partial_sums, 4u);
  EXPECT_EQ(counts.vectors, 4u);
  EXPECT_EQ(counts.weight_words, 32u);
  EXPECT_EQ(counts.programs, 2u * 8 * 2 + 2);  // two cores' threads twice, one edge unit's two threads
  const std::uint64_t second = b.switch_cycle() - b.load_cycle() - 1;  // words of the second program
  EXPECT_EQ(counts.program_words, 2 * second + boot0 + boot1);
  EXPECT_EQ(counts.link_words, 4u);  // all else goes from a core to itself
  EXPECT_EQ(counts.deliveries, 4 + 32 + counts.program_words);
  EXPECT_EQ(counts.bank_accesses, 32u + 32 + 4 + 4 + 4 + 4 + counts.program_words);
  // Operations: constants, two of weights, multiplies, vectors, send, receive, programs sent and received; and 16
  // switches, 16 ends of cores, 2 of edge units.
  EXPECT_EQ(counts.events, 32u + 8 + 8 + 4 + 4 + 4 + 4 + 2 * counts.program_words + 16 + 16 + 2);
}

TEST(Report, ProgressGoesFromCycleToCycle) {
  F b;
  b.at(500, 0, repeat(1000, 3, {}, copy({F::activations}, {F::bank + F::free, own})));
  const auto program = b.build();
  std::vector<std::uint64_t> done;
  Options options;
  options.progress = [&](std::uint64_t cycle, std::uint64_t all) {
    EXPECT_EQ(all, program.cycles);
    done.push_back(cycle);
  };
  EXPECT_TRUE(verify(program, options).ok);
  EXPECT_GT(done.size(), 50u);
  EXPECT_LE(done.size(), 110u);
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  EXPECT_EQ(done.back(), program.cycles);
}

TEST(Report, EveryKindHasAName) {
  for (int kind = 0; kind < fault_kinds; ++kind) EXPECT_STRNE(name(static_cast<FaultKind>(kind)), "fault");
}

}  // namespace
}  // namespace northpole::verify
