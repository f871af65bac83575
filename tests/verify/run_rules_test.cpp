// The end of a run, and the program as a whole.
#include "support/furnished_builder.h"
#include "verify/rules.h"

namespace northpole::verify {
namespace {

using namespace northpole::tests;
using isa::Thread;
using F = FurnishedBuilder;
constexpr std::uint16_t own = 5;

const std::vector<Rule> rules = {
    {"a run's length: all threads must have ended",
     [](int less) {
       F b;
       auto program = b.build();
       Result full = verify(program);
       EXPECT_TRUE(full.ok);
       // The last event: programs receives the last word of the boot program two cycles after its send, then ends.
       program.cycles = b.switch_cycle() + 2 + program.boot[0].program.size() + 1 - static_cast<std::uint64_t>(less);
       return program;
     },
     {0},
     {{1, FaultKind::no_end}}},
    {"longest run",
     [](int more) {
       F b;
       auto program = b.build();
       program.cycles = (std::uint64_t{1} << 36) + static_cast<std::uint64_t>(more);
       return program;
     },
     {0},
     {{1, FaultKind::malformed, 0}}},
    {"boot programs fit into their half",
     [](int words) {
       auto program = F().build();
       program.boot[1].program.resize(static_cast<std::size_t>(words));
       return program;
     },
     {},
     {{65, FaultKind::address, 0}, {64, FaultKind::left_behind}, {0, FaultKind::unwritten, 0}}},
    {"one boot program a core, one edge unit a row",
     [](int change) {
       auto program = F().build();
       if (change == 1) program.boot.pop_back();
       if (change == 2) program.edges.clear();
       if (change == 3) std::swap(program.boot[0], program.boot[1]);
       return program;
     },
     {0},
     {{1, FaultKind::malformed, 0}, {2, FaultKind::malformed, 0}, {3, FaultKind::malformed, 0}}},
    {"sections of the image lie in the memory and do not overlap",
     [](int address) {
       F b;
       b.image(0, static_cast<std::uint16_t>(address), 7, 2);
       return b.build();
     },
     {64, 254, 894},
     {{63, FaultKind::malformed, 0},
      {895, FaultKind::malformed, 0},
      {1023, FaultKind::address, 0},
      {65535, FaultKind::address, 0}}},
    {"frames lie in the frame buffer",
     [](int base) {
       F b;
       b.input_frame(own, static_cast<std::uint32_t>(base), 4);
       return b.build();
     },
     {0, 60},
     {{61, FaultKind::address, 0}, {65, FaultKind::address, 0}}},
    {"an edge unit's instructions end with end",
     [](int change) {
       auto program = F().build();
       std::vector<isa::Word>& words = program.edges[0].send;
       if (change == 1) words.clear();
       if (change == 2) words[0][0] = static_cast<std::uint8_t>(isa::Opcode::switch_program);
       if (change == 3) words[0][0] = 99;
       if (change == 4) words[0][2] = 1;
       if (change == 5) words.push_back({99});
       return program;
     },
     {0, 5},
     {{1, FaultKind::no_end, 0},
      {2, FaultKind::malformed, 0},
      {3, FaultKind::malformed, 0},
      {4, FaultKind::malformed, 0}}},
    {"nothing is in flight at the end of the run",
     [](int delay) {
       F b;
       b.load_constants(0, 0);
       auto last = vector_of_memory({F::activations}, 16, F::memory_function, {2 * F::bank + F::free, own});
       last.delay = static_cast<std::uint32_t>(delay);
       b.second(0, Thread::vector, last);
       auto program = b.build();
       program.cycles = b.switch_cycle() + 1 + 1000 + 8 + 1;  // with a delay of 1000 it writes in the very last cycle
       return program;
     },
     {999, 1000},
     {{1001, FaultKind::left_behind}}},
    {"partial sums are all taken",
     [](int taken) {
       F b;
       b.load_constants(0, 0);
       b.load_weights(40, 0, 0);
       b.at(60, 0, multiply({F::bank + F::activations}, 0, 3));
       if (taken != 0) b.at(64, 0, vector_of_sum(3, 16, F::sum_function, {2 * F::bank + F::free, own}));
       return b.build();
     },
     {1},
     {{0, FaultKind::left_behind}}},
    {"weights are all released",
     [](int released) {
       F b;
       b.load_constants(0, 0);
       b.load_weights(40, 0, 0);
       b.at(60, 0, multiply({F::bank + F::activations}, 0, 3, true, released != 0));
       b.at(64, 0, vector_of_sum(3, 16, F::sum_function, {2 * F::bank + F::free, own}));
       return b.build();
     },
     {1},
     {{0, FaultKind::left_behind}}},
};

class RunRules : public testing::TestWithParam<Rule> {};
TEST_P(RunRules, LegalOnOneSideFaultOnTheOther) { check_rule(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Verify, RunRules, testing::ValuesIn(rules));

}  // namespace
}  // namespace northpole::verify
