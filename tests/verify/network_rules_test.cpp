// Words on the networks: how long they travel, which links they use, who takes them.
#include <algorithm>

#include "support/furnished_builder.h"
#include "verify/rules.h"

namespace northpole::verify {
namespace {

using namespace northpole::tests;
using F = FurnishedBuilder;
constexpr std::uint16_t own = 5;

// Core `from` sends in cycle 5, core `to` receives in cycle `cycle`.
Rule travel(const std::string& name, std::uint32_t rows, std::uint32_t columns, std::uint32_t from, std::uint32_t to,
            int arrival) {
  return {name,
          [=](int cycle) {
            F b(small_chip(rows, columns));
            b.at(5, from, send({F::activations}, b.column_mask(to), b.row_mask(to)));
            b.at(static_cast<std::uint64_t>(cycle), to, receive({F::free, own}));
            return b.build();
          },
          {arrival},
          {{arrival - 1, FaultKind::missing_word, arrival - 1}, {arrival + 1, FaultKind::lost_word, arrival}}};
}

// Two cores of a 3 x 3 array send, the first one in cycle 5.
program::Program two_senders(std::uint32_t first, std::uint32_t second, int second_cycle,
                             std::vector<std::pair<std::uint32_t, int>> receives, std::uint32_t first_to,
                             std::uint32_t second_to) {
  F b(small_chip(3, 3));
  b.at(5, first, send({F::activations}, b.column_mask(first_to), b.row_mask(first_to)));
  b.at(static_cast<std::uint64_t>(second_cycle), second,
       send({F::activations}, b.column_mask(second_to), b.row_mask(second_to)));
  std::sort(receives.begin(), receives.end());  // the same place and time twice: one event
  receives.erase(std::unique(receives.begin(), receives.end()), receives.end());
  for (const auto& [core, cycle] : receives)
    b.at(static_cast<std::uint64_t>(cycle), core, receive({static_cast<std::uint16_t>(F::free + cycle), own}));
  return b.build();
}

const std::vector<Rule> rules = {
    travel("to itself: no hop", 1, 2, 1, 1, 6),
    travel("one hop east", 1, 2, 0, 1, 7),
    travel("one hop west", 1, 2, 1, 0, 7),
    travel("one hop south", 2, 1, 0, 1, 7),
    travel("one hop north", 2, 1, 1, 0, 7),
    travel("across the array", 3, 3, 0, 8, 10),
    travel("and back", 3, 3, 8, 0, 10),
    {"narrow links: a word is delivered with its last part",
     [](int cycle) {
       chip::ChipDescription chip = small_chip(3, 3);
       chip.word_link_cycles = 3;
       F b(chip);
       b.at(5, 0, send({F::activations}, b.column_mask(8), b.row_mask(8)));
       b.at(static_cast<std::uint64_t>(cycle), 8, receive({F::free, own}));
       return b.build();
     },
     {12},
     {{11, FaultKind::missing_word, 11}, {13, FaultKind::lost_word, 12}}},
    {"narrow links: a link takes a word every third cycle",
     [](int cycle) {
       chip::ChipDescription chip = small_chip(1, 3);
       chip.word_link_cycles = 3;
       F b(chip);
       b.at(5, 0, send({F::activations}, b.column_mask(2), b.row_mask(2)));
       b.at(static_cast<std::uint64_t>(cycle), 0, send({F::activations}, b.column_mask(2), b.row_mask(2)));
       b.at(10, 2, receive({F::free, own}));
       b.at(static_cast<std::uint64_t>(cycle) + 5, 2, receive({F::free + 1, own}));
       return b.build();
     },
     {8, 9},
     {{6, FaultKind::link_conflict, 7}, {7, FaultKind::link_conflict, 8}}},
    {"narrow links: and so does that out of the array",
     [](int cycle) {
       chip::ChipDescription chip = small_chip(1, 3);
       chip.word_link_cycles = 2;
       F b(chip);
       b.at(5, 0, send_west({F::activations}));
       b.at(static_cast<std::uint64_t>(cycle), 0, send_west({F::activations}));
       b.edge_receive(8, 0, receive({3, own}));
       b.edge_receive(static_cast<std::uint64_t>(cycle) + 3, 0, receive({4, own}));
       return b.build();
     },
     {7},
     {{6, FaultKind::link_conflict, 7}}},
    {"west edge: one hop beyond column 0",
     [](int cycle) {
       F b(small_chip(1, 3));
       b.at(5, 2, send_west({F::activations}));
       b.edge_receive(static_cast<std::uint64_t>(cycle), 0, receive({3, own}));
       return b.build();
     },
     {9},
     {{8, FaultKind::missing_word, 8}, {10, FaultKind::lost_word, 9}}},
    {"from the edge: two cycles to column 0",
     [](int cycle) {
       F b(small_chip(2, 3));
       b.input_frame(own, 4, 2);
       b.edge_send(5, 0, send({4, own}, 4, 2));
       b.at(static_cast<std::uint64_t>(cycle), 5, receive({F::free, own}));
       return b.build();
     },
     {10},
     {{9, FaultKind::missing_word, 9}, {11, FaultKind::lost_word, 10}}},
    {"the edge's frame word must have been written, with its tag",
     [](int address) {
       F b;
       b.input_frame(own, 4, 2);
       b.edge_send(5, 0, send({static_cast<std::uint16_t>(address), own}, 1, 1));
       b.at(7, 0, receive({F::free, own}));
       return b.build();
     },
     {4, 5},
     {{3, FaultKind::unwritten, 5}, {6, FaultKind::unwritten, 5}, {64, FaultKind::address, 5}}},
    {"one frame word a cycle",
     [](int cycle) {
       F b;
       b.input_frame(own, 0, 2);
       b.at(5, 0, send_west({F::activations}));
       b.edge_receive(7, 0, receive({9, own}));
       b.edge_send(static_cast<std::uint64_t>(cycle), 0, send({0, own}, 1, 1));
       b.at(static_cast<std::uint64_t>(cycle) + 2, 0, receive({F::free, own}));
       return b.build();
     },
     {6, 8},
     {{7, FaultKind::bank_conflict, 7}}},
    {"a word may be sent to many: all of them must take it",
     [](int receivers) {
       F b(small_chip(2, 2));
       b.at(5, 0, send({F::activations}, 3, 3));
       const std::uint64_t arrival[] = {6, 7, 7, 8};
       for (int core = 0; core < 4; ++core) {
         if ((receivers >> core & 1) != 0)
           b.at(arrival[core], static_cast<std::uint32_t>(core), receive({F::free, own}));
       }
       return b.build();
     },
     {15},
     {{14, FaultKind::lost_word, 6}, {13, FaultKind::lost_word, 7}, {7, FaultKind::lost_word, 8}}},
    {"two words on a link of a row",
     [](int cycle) {
       return two_senders(0, 1, cycle, {{2, 8}, {2, cycle + 2}}, 2, 2);
     },
     {7},
     {{6, FaultKind::link_conflict, 7}}},
    {"two words on a link of a column",
     [](int cycle) {
       return two_senders(0, 3, cycle, {{6, 8}, {6, cycle + 2}}, 6, 6);
     },
     {7},
     {{6, FaultKind::link_conflict, 7}}},
    {"opposite directions of a link are two links",
     [](int cycle) {
       return two_senders(0, 1, cycle, {{1, 7}, {0, cycle + 2}}, 1, 0);
     },
     {4, 5, 6},
     {}},
    {"two words delivered in one cycle over different links",
     [](int cycle) {
       return two_senders(0, 2, cycle, {{1, 7}, {1, cycle == 5 ? 9 : cycle + 2}}, 1, 1);
     },
     {6, 7},
     {{5, FaultKind::port_conflict, 7}}},
    {"X comes before Y",
     // From the corner to the opposite one by way of core 2; 4 sends over the link 2 -> 5 of the column by itself.
     [](int cycle) {
       return two_senders(0, 2, cycle, {{8, 10}, {5, cycle + 2}}, 8, 5);
     },
     {5, 6, 8},
     {{7, FaultKind::link_conflict, 8}}},
    {"the edge's word takes the link into column 0 and on",
     [](int cycle) {
       F b(small_chip(1, 3));
       b.input_frame(own, 0, 1);
       b.edge_send(5, 0, send({0, own}, 4, 1));
       b.at(static_cast<std::uint64_t>(cycle), 1, send({F::activations}, 4, 1));
       b.at(9, 2, receive({F::free, own}));
       b.at(static_cast<std::uint64_t>(cycle == 7 ? 11 : cycle + 2), 2, receive({F::free + 1, own}));
       return b.build();
     },
     {8},
     {{7, FaultKind::link_conflict, 8}}},
    {"rows of the mask: empty, one, all, beyond",
     [](int mask) {
       F b(small_chip(2, 1));
       b.at(5, 0, send({F::activations}, 1, static_cast<std::uint32_t>(mask)));
       if ((mask & 1) != 0) b.at(6, 0, receive({F::free, own}));
       if ((mask & 2) != 0) b.at(7, 1, receive({F::free, own}));
       return b.build();
     },
     {1, 2, 3},
     {{0, FaultKind::route, 5}, {4, FaultKind::route, 5}, {6, FaultKind::route, 5}}},
    {"columns of the mask",
     [](int mask) {
       F b(small_chip(1, 2));
       b.at(5, 0, send({F::activations}, static_cast<std::uint32_t>(mask), 1));
       if ((mask & 1) != 0) b.at(6, 0, receive({F::free, own}));
       if ((mask & 2) != 0) b.at(7, 1, receive({F::free, own}));
       return b.build();
     },
     {1, 2, 3},
     {{0, FaultKind::route, 5}, {4, FaultKind::route, 5}}},
    {"west edge and masks exclude each other",
     [](int mask) {
       F b;
       auto west = send_west({F::activations});
       west.immediate[0] = static_cast<std::uint32_t>(mask);
       b.at(5, 0, west);
       b.edge_receive(7, 0, receive({0, own}));
       return b.build();
     },
     {0},
     {{1, FaultKind::malformed, 0}}},
    {"the output's words must all be written",
     [](int address) {
       F b;
       b.output_frame(own, 8, 2);
       b.at(5, 0, repeat(2, 1, {1, 0, 0, 0}, send_west({F::activations})));
       b.edge_receive(7, 0, repeat(2, 1, {0, 0, 0, 1}, receive({static_cast<std::uint16_t>(address), own})));
       return b.build();
     },
     {8},
     {{7, FaultKind::unwritten}, {9, FaultKind::unwritten}}},
    {"... with the output's tag",
     [](int tag) {
       F b;
       b.output_frame(own, 8, 1);
       b.at(5, 0, send_west({F::activations}));
       b.edge_receive(7, 0, receive({8, static_cast<std::uint16_t>(tag)}));
       return b.build();
     },
     {own},
     {{own + 1, FaultKind::wrong_tensor}}},
};

class NetworkRules : public testing::TestWithParam<Rule> {};
TEST_P(NetworkRules, LegalOnOneSideFaultOnTheOther) { check_rule(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Verify, NetworkRules, testing::ValuesIn(rules));

}  // namespace
}  // namespace northpole::verify
