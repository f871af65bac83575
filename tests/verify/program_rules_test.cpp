// Program buffers, parameters, loops and sections.
#include "support/furnished_builder.h"
#include "verify/rules.h"

namespace northpole::verify {
namespace {

using namespace northpole::tests;
using isa::Thread;
using F = FurnishedBuilder;
constexpr std::uint16_t own = 5;

isa::Instruction copy_from(std::uint16_t word = F::activations) { return copy({word}, {F::bank + F::free, own}); }

// A copy in cycle 5 with one thing changed.
template <typename Change>
program::Program changed_copy(Change change) {
  F b;
  auto instruction = repeat(3, 4, {}, repeat(2, 2, {1, 1, 0, 0}, copy_from()));
  change(instruction);
  b.at(5, 0, instruction);
  b.load_at(60);
  return b.build();
}

// The boot program with one word of core 0's changed, in the image too, so that the reload agrees.
program::Program with_boot_word(program::Program program, std::size_t index, const isa::Word& word) {
  auto& boot = program.boot[0].program;
  const isa::Word old = boot.at(index);
  boot[index] = word;
  for (auto& section : program.image) {
    if (section.core != 0 || section.tensor != ProgramBuilder::program_tensor) continue;
    // The boot program is the second half of the reserved words.
    EXPECT_EQ(section.words.at(64 + index), old);
    section.words[64 + index] = word;
  }
  return program;
}

const std::vector<Rule> rules = {
    {"a loop makes at least one trip",
     [](int count) {
       return changed_copy([&](isa::Instruction& i) { i.loops[1].count = static_cast<std::uint16_t>(count); });
     },
     {1, 2},
     {{0, FaultKind::malformed, 0}}},
    {"an interval is as long as what it repeats",
     [](int interval) {
       return changed_copy([&](isa::Instruction& i) { i.loops[0].interval = static_cast<std::uint32_t>(interval); });
     },
     {3, 4, 5},
     {{2, FaultKind::malformed, 0}, {0, FaultKind::malformed, 0}}},
    {"... unless there is nothing to repeat",
     [](int count) {
       return changed_copy([&](isa::Instruction& i) {
         i.loops[0].interval = 0;
         i.loops[0].count = static_cast<std::uint16_t>(count);
       });
     },
     {1},
     {{2, FaultKind::malformed, 0}}},
    {"a parameter that is loaded can stand for an operand",
     [](int index) {
       F b;
       b.boot_parameters(0, {0, 0, 0, 0, 0, 0, 0, 0, 0, F::activations});  // two groups of eight
       auto instruction = copy_from(static_cast<std::uint16_t>(index));
       instruction.parameter_mask = isa::parameter_a;
       b.at(5, 0, instruction);
       return b.build();
     },
     {0, 9, 15},
     {{16, FaultKind::unwritten, 0}, {31, FaultKind::unwritten, 0}, {32, FaultKind::address, 0}}},
    {"parameters stand for a loop's count and interval, cut to the field's width",
     [](int count) {
       F b;
       b.boot_parameters(0, {0, 1, 0, static_cast<std::uint32_t>(count)});
       auto instruction = repeat(3, 1, {1, 1, 0, 0}, copy_from());  // parameters 3 and 1
       instruction.loops[0].parameter_mask = 1 | 2;
       b.at(5, 0, instruction);
       return b.build();
     },
     {3, 0x10003},
     {{0, FaultKind::malformed, 0}, {0x10000, FaultKind::malformed, 0}}},
    {"a mask may be a parameter",
     [](int mode) {
       F b(small_chip(1, 2));
       b.boot_parameters(0, {0, static_cast<std::uint32_t>(mode)});
       auto instruction = send({F::activations}, 1, 1);  // parameter 1
       instruction.parameter_mask = isa::parameter_immediate0;
       b.at(5, 0, instruction);
       b.at(6, 0, receive({F::free, own}));
       return b.build();
     },
     {1},
     {{0, FaultKind::route, 5}, {2, FaultKind::missing_word, 6}, {4, FaultKind::route, 5}}},
    {"all words of a section are there before the thread switches to it",
     [](int moved) {
       F b;
       b.move_switch(0, Thread::vmm, moved);  // its section in the second program is the last word
       return b.build();
     },
     {0},
     {{-1, FaultKind::unwritten}, {-5, FaultKind::unwritten}}},
    {"a half may be written from the cycle after the last thread has left it",
     [](int moved) {
       F b;
       b.move_switch(0, Thread::vmm, moved);  // the first word of the reload comes two cycles after the switch
       return b.build();
     },
     {1},
     {{2, FaultKind::overwritten}}},
    {"a program word is written once",
     [](int word) {
       F b;
       for (const int cycle : {5, 10}) {
         b.at(static_cast<std::uint64_t>(cycle), 0,
              send_program({b.reserved_address(), ProgramBuilder::program_tensor}, 1, 1));
         b.at(static_cast<std::uint64_t>(cycle) + 1, 0,
              receive_program(static_cast<std::uint16_t>(cycle == 5 ? 40 : word)));
       }
       return b.build();
     },
     {39, 41},
     {{40, FaultKind::overwritten, 11}}},
    {"words of the program buffer",
     [](int word) {
       F b;
       b.at(5, 0, send_program({b.reserved_address(), ProgramBuilder::program_tensor}, 1, 1));
       b.at(6, 0, receive_program(static_cast<std::uint16_t>(word)));
       return b.build();
     },
     {20, 63},
     {{64, FaultKind::address, 6}, {0, FaultKind::overwritten}}},
    {"receive_program takes the word in the cycle of its delivery",
     [](int cycle) {
       F b;
       b.at(5, 0, send_program({b.reserved_address(), ProgramBuilder::program_tensor}, 1, 1));
       b.at(static_cast<std::uint64_t>(cycle), 0, receive_program(40));
       return b.build();
     },
     {6},
     {{5, FaultKind::missing_word, 5}, {7, FaultKind::lost_word, 6}}},
    {"program words come from the memory image",
     [](int address) {
       F b;
       b.at(5, 0, copy_from());
       b.at(10, 0,
            send_program({static_cast<std::uint16_t>(address), address == F::activations ? F::image_tensor : own}, 1,
                         1));
       b.at(11, 0, receive_program(40));
       return b.build();
     },
     {F::activations},
     {{F::bank + F::free, FaultKind::malformed, 10}}},
    {"parameters come from the memory image",
     [](int address) {
       F b;
       b.at(5, 0, copy_from());
       b.at(10, 0,
            parameters({static_cast<std::uint16_t>(address), address == F::activations ? F::image_tensor : own}, 1));
       return b.build();
     },
     {F::activations},
     {{F::bank + F::free, FaultKind::malformed, 10}}},
    {"parameters are written once, and there are only so many",
     [](int group) {
       F b;
       b.at(5, 0, parameters({F::activations}, 1));
       b.at(10, 0, parameters({F::activations}, static_cast<std::uint16_t>(group)));
       return b.build();
     },
     {0, 2, 3},
     {{1, FaultKind::overwritten, 10}, {4, FaultKind::address, 10}}},
    {"a run ends with the program that configure put there",
     [](int reload) {
       F b;
       if (reload == 0) b.without_reload();
       return b.build();
     },
     {1},
     {{0, FaultKind::left_behind}}},
    {"... and with its parameters",
     [](int reload) {
       F b;
       b.boot_parameters(0, {1, 2, 3});
       if (reload == 0) b.without_parameters();
       return b.build();
     },
     {1},
     {{0, FaultKind::left_behind}}},
    {"configure fills a group of eight parameters up with zeros",
     [](int count) {
       F b;
       b.boot_parameters(0, {1, 2, 3});
       auto program = b.build();
       program.boot[0].parameters.resize(static_cast<std::size_t>(count));
       return program;
     },
     {3, 4, 8},
     {{2, FaultKind::left_behind}, {9, FaultKind::left_behind}}},
    {"directory entries lead to a section",
     [](int entry) {
       F b;
       auto program = b.build();
       auto starts = isa::decode_directory(program.boot[0].program[0]);
       const auto legal = starts[static_cast<std::size_t>(Thread::send)];
       starts[static_cast<std::size_t>(Thread::send)] = static_cast<std::uint16_t>(entry < 0 ? legal : entry);
       return with_boot_word(program, 0, isa::encode_directory(starts));
     },
     {-1},
     {{0, FaultKind::unwritten, 0}, {63, FaultKind::unwritten, 0}, {64, FaultKind::address, 0}}},
    {"words must decode",
     [](int opcode) {
       F b;
       b.at(5, 0, copy_from());
       auto program = b.build();
       const auto at = isa::decode_directory(program.boot[0].program[0])[static_cast<std::size_t>(Thread::memory)];
       isa::Word word = program.boot[0].program[at];
       word[0] = static_cast<std::uint8_t>(opcode);
       return with_boot_word(program, at, word);
     },
     {static_cast<int>(isa::Opcode::copy)},
     {{0, FaultKind::malformed, 0},
      {static_cast<int>(isa::Opcode::loop), FaultKind::malformed, 0},
      {static_cast<int>(isa::Opcode::receive), FaultKind::malformed, 0}}},
    {"end and switch_program have no loops",
     [](int loops) {
       F b;
       auto last = end();
       if (loops != 0) last.loops.resize(1);
       last.delay = 2000;
       b.second(0, Thread::receive, last);
       auto program = b.build();
       program.cycles += 4000;
       return program;
     },
     {0},
     {{1, FaultKind::malformed}}},
};

class ProgramRules : public testing::TestWithParam<Rule> {};
TEST_P(ProgramRules, LegalOnOneSideFaultOnTheOther) { check_rule(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Verify, ProgramRules, testing::ValuesIn(rules));

}  // namespace
}  // namespace northpole::verify
