// Partial sums on their way between neighbours.
#include "ready_cores.h"

namespace northpole::verify {
namespace {

using isa::Direction;
using isa::PassMode;

// A sum of core 0 goes to core 1: passed on in `sent`, taken in `taken`.
program::Program pass_east(int sent, int taken) {
  F b = furnished();
  b.at(ready, 0, product(3));
  b.at(static_cast<std::uint64_t>(sent), 0, pass(3, {Direction::none, Direction::east, true}));
  b.at(static_cast<std::uint64_t>(taken), 1, pass(2, {Direction::west, Direction::none, false}));
  b.at(ready + 60, 1, store(2, 2));
  return b.build();
}

const std::vector<Rule> rules = {
    {"a vector passed to the neighbour arrives after the link's cycles",
     [](int taken) { return pass_east(ready + 6, taken); },
     {ready + 9},
     {{ready + 8, FaultKind::missing_word, ready + 8}, {ready + 10, FaultKind::lost_word, ready + 9}}},
    {"pass must wait for the VMM, too",
     [](int sent) { return pass_east(sent, sent + 3); },
     {ready + 4},
     {{ready + 3, FaultKind::in_flight, ready + 3}}},
    {"a link carries a vector for its cycles",
     [](int interval) {
       F b = furnished();
       b.at(ready, 0, product(3, true, false));
       b.at(ready + 1, 0, product(4));
       const auto every = static_cast<std::uint32_t>(interval);
       b.at(ready + 10, 0, repeat(2, every, {1, 0, 0, 0}, pass(3, {Direction::none, Direction::east, true})));
       b.at(ready + 13, 1, repeat(2, every, {1, 0, 0, 0}, pass(2, {Direction::west, Direction::none, false})));
       b.at(ready + 60, 1, repeat(2, 1, {1, 0, 0, 1}, store(2)));
       return b.build();
     },
     {2, 3},
     {{1, FaultKind::link_conflict, ready + 12}}},
    {"passing on releases the core's own sum",
     [](int sum) {
       F b = furnished();
       b.at(ready, 0, product(3, true, false));
       b.at(ready + 1, 0, product(4));
       b.at(ready + 10, 0, pass(3, {Direction::none, Direction::east, true}));
       b.at(ready + 13, 1, pass(2, {Direction::west, Direction::none, false}));
       b.at(ready + 20, 0, store(static_cast<std::uint16_t>(sum)));
       b.at(ready + 60, 1, store(2));
       return b.build();
     },
     {4},
     {{3, FaultKind::unwritten, ready + 20}}},
    {"a sum that comes in needs an empty place, or one's own to be added to",
     [](int local) {
       F b;
       for (std::uint32_t core = 0; core < 2; ++core) {
         b.load_constants(0, core);
         b.load_weights(40, core, 0);
         b.at(ready, core, product(3));
       }
       b.at(ready + 10, 0, pass(3, {Direction::none, Direction::east, true}));
       b.at(ready + 13, 1, pass(3, {Direction::west, Direction::none, local != 0}));
       b.at(ready + 14, 1, store(3));
       return b.build();
     },
     {1},
     {{0, FaultKind::overwritten, ready + 13}}},
    {"multiply may not write the sum that pass writes in the cycle",
     [](int cycle) {
       F b;
       for (std::uint32_t core = 0; core < 2; ++core) {
         b.load_constants(0, core);
         b.load_weights(40, core, 0);
         b.at(ready, core, product(3, true, core == 0));
       }
       b.at(ready + 10, 0, pass(3, {Direction::none, Direction::east, true}));
       b.at(ready + 13, 1, pass(3, {Direction::west, Direction::none, true}));
       b.at(static_cast<std::uint64_t>(cycle), 1, product(3, false, true));
       b.at(ready + 30, 1, store(3));
       return b.build();
     },
     {ready + 9, ready + 14},
     {{ready + 13, FaultKind::overwritten, ready + 13}, {ready + 10, FaultKind::in_flight, ready + 13}}},
    {"directions must lead to a core",
     [](int direction) {
       F b = furnished();
       b.at(ready, 0, product(3));
       b.at(ready + 10, 0, pass(3, {Direction::none, static_cast<Direction>(direction), true}));
       b.at(ready + 13, 1, pass(2, {Direction::west, Direction::none, false}));
       b.at(ready + 60, 1, store(2));
       return b.build();
     },
     {2},
     {{1, FaultKind::route, ready + 10},
      {3, FaultKind::route, ready + 10},
      {4, FaultKind::route, ready + 10},
      {5, FaultKind::malformed, 0},
      {0, FaultKind::malformed, 0}}},
};

class PassRules : public testing::TestWithParam<Rule> {};
TEST_P(PassRules, LegalOnOneSideFaultOnTheOther) { check_rule(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Verify, PassRules, testing::ValuesIn(rules));

}  // namespace
}  // namespace northpole::verify
