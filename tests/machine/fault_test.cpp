// What a fault says: cycle, place, thread, resource, both instructions and the layer. (Which programs are faulty is
// asked by tests/verify, of the simulator and of the verifier alike.)
#include <gmock/gmock.h>

#include "machine_fixture.h"
#include "support/furnished_builder.h"

namespace northpole {
namespace {

using namespace northpole::tests;
using F = FurnishedBuilder;
using machine::FaultKind;
using testing::HasSubstr;
constexpr std::uint16_t own = 5, other = 6;

machine::Fault fault_of(F& builder) {
  const machine::RunResult result = run(builder.build());
  EXPECT_TRUE(result.fault);
  return result.fault.value_or(machine::Fault{});
}

TEST(Fault, NamesBothInstructionsOfABankConflict) {
  F b;
  b.at(5, 1, send({F::activations}, 1, 1));
  b.at(5, 1, copy({F::activations + 1}, {2 * F::bank + F::free, own}));
  const machine::Fault fault = fault_of(b);
  EXPECT_EQ(fault.kind, FaultKind::bank_conflict);
  EXPECT_EQ(fault.cycle, 5u);
  EXPECT_EQ(fault.core, 1u);
  EXPECT_EQ(fault.thread, "send");
  EXPECT_EQ(fault.resource, "bank 0");
  EXPECT_EQ(fault.layer, "boot program");
  EXPECT_THAT(fault.second, HasSubstr("send"));
  EXPECT_THAT(fault.first,
              AllOf(HasSubstr("core 1, thread memory"), HasSubstr("copy"), HasSubstr("[layer boot program]")));
  EXPECT_THAT(to_text(fault),
              AllOf(HasSubstr("cycle 5, core 1, thread send: bank conflict: bank 0"), Not(HasSubstr("\n"))));
}

// Core 0's word and core 1's meet on core 1's link to core 2.
TEST(Fault, NamesBothSendersOfALinkConflict) {
  F b(small_chip(1, 4));
  b.at(5, 0, send({F::activations}, 0b1000, 1));
  b.at(6, 1, send({F::activations}, 0b0100, 1));
  const machine::Fault fault = fault_of(b);
  EXPECT_EQ(fault.kind, FaultKind::link_conflict);
  EXPECT_EQ(fault.cycle, 7u);
  EXPECT_THAT(fault.resource, HasSubstr("activation network: eastward link of core 1"));
  EXPECT_EQ(fault.core, 1u);
  EXPECT_THAT(fault.first, HasSubstr("core 0, thread send"));
}

TEST(Fault, NamesBothSendersOverANarrowLink) {
  chip::ChipDescription chip = small_chip(1, 4);
  chip.word_link_cycles = 3;
  F b(chip);
  b.at(5, 0, send({F::activations}, 0b1000, 1));  // over core 1's link in cycles 7 to 9
  b.at(8, 1, send({F::activations}, 0b0100, 1));
  const machine::Fault fault = fault_of(b);
  EXPECT_EQ(fault.kind, FaultKind::link_conflict);
  EXPECT_EQ(fault.cycle, 9u);
  EXPECT_THAT(fault.first, HasSubstr("core 0, thread send"));
}

TEST(Fault, AnEarlierFaultComesBeforeOneThatIsAlreadyCertain) {
  F b(small_chip(1, 4));
  b.at(5, 0, send({F::activations}, 0b1000, 1));
  b.at(6, 1, send({F::activations}, 0b0100, 1));  // meet in cycle 7
  b.at(7, 3, receive({F::free, own}));            // nothing there yet: also in cycle 7, found after the conflict
  b.at(6, 2, receive({F::free, own}));            // nothing there: cycle 6
  const machine::Fault fault = fault_of(b);
  EXPECT_EQ(fault.kind, FaultKind::missing_word);
  EXPECT_EQ(fault.cycle, 6u);
}

TEST(Fault, NamesWhoOverwroteAWord) {
  F b;
  b.at(5, 0, repeat(2, 4, {1, 0, 0, 0}, copy({F::activations}, {F::bank + F::free, own})));
  auto late = copy({F::activations}, {F::bank + F::free, other});
  b.at(15, 0, late);
  b.at(20, 0, copy({F::bank + F::free, own}, {2 * F::bank + F::free, own}));
  const machine::Fault fault = fault_of(b);
  EXPECT_EQ(fault.kind, FaultKind::wrong_tensor);
  EXPECT_THAT(fault.resource, AllOf(HasSubstr("address 320"), HasSubstr("tensor 6"), HasSubstr("tensor 5")));
  EXPECT_THAT(fault.first, HasSubstr("\"tensor 6\""));
}

TEST(Fault, OfAnEdgeUnitNamesItsRow) {
  F b(small_chip(2, 2));
  b.edge_receive(9, 1, receive({3, own}));
  const machine::Fault fault = fault_of(b);
  EXPECT_EQ(fault.kind, FaultKind::missing_word);
  EXPECT_EQ(fault.edge, 1u);
  EXPECT_FALSE(fault.core);
  EXPECT_EQ(fault.cycle, 9u);
}

TEST(Fault, InTheSecondProgramNamesItsLayer) {
  F b;
  b.second(0, isa::Thread::send, send({F::free, own}, 1, 1));
  const machine::Fault fault = fault_of(b);
  EXPECT_EQ(fault.kind, FaultKind::unwritten);
  EXPECT_EQ(fault.layer, "second program");
}

// Nothing happens for most of 2^36 cycles, or delays are as long as they can be: neither takes long.
TEST(Hostile, LongRunsOfNothingAreSkipped) {
  F b;
  program::Program program = b.build();
  program.cycles = std::uint64_t{1} << 36;
  EXPECT_FALSE(run(program).fault);
  program.cycles += 1;
  EXPECT_EQ(run(program).fault.value().kind, FaultKind::malformed);
  program.cycles = 0;
  EXPECT_EQ(run(program).fault.value().kind, FaultKind::no_end);
  F late;
  isa::Instruction word = send({F::activations}, 1, 1);
  word.delay = 0xffffffff;
  late.second(0, isa::Thread::send, word);
  program = late.build();
  EXPECT_EQ(run(program).fault.value().kind, FaultKind::no_end);
  program.cycles = std::uint64_t{1} << 34;
  const machine::Fault lost = run(program).fault.value();
  EXPECT_EQ(lost.kind, FaultKind::lost_word);
  EXPECT_EQ(lost.cycle, late.switch_cycle() + 1 + 0xffffffff + 1);
}

TEST(Hostile, EmptyAndForeignProgramsAreFaults) {
  program::Program program;
  program.chip = small_chip();
  program.cycles = 10;
  EXPECT_EQ(run(program).fault.value().kind, FaultKind::malformed);
  program = F().build();
  program.boot[0].program.clear();
  EXPECT_EQ(run(program).fault.value().kind, FaultKind::unwritten);
  program = F().build();
  program.edges[0].send.clear();
  EXPECT_EQ(run(program).fault.value().kind, FaultKind::no_end);
}

}  // namespace
}  // namespace northpole
