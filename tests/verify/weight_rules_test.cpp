// Weight blocks and the model network that brings them.
#include "ready_cores.h"

namespace northpole::verify {
namespace {

const std::vector<Rule> rules = {
    {"all words of a weight block must have come before the multiply",
     [](int cycle) {
       F b;
       b.load_constants(0, 0);
       b.load_weights(40, 0, 1);  // last words in cycle 48
       auto one = product(3);
       one.operand[isa::operand_b] = 1;
       b.at(static_cast<std::uint64_t>(cycle), 0, one);
       b.at(static_cast<std::uint64_t>(cycle) + 4, 0, store(3));
       return b.build();
     },
     {49, 50},
     {{48, FaultKind::unwritten, 48}}},
    {"weight blocks are a ring",
     [](int block) {
       F b = furnished();
       auto one = product(3);
       one.operand[isa::operand_b] = static_cast<std::uint16_t>(block);
       b.at(ready, 0, one);
       b.at(ready + 4, 0, store(3));
       return b.build();
     },
     {0, 4, 400},
     {{1, FaultKind::unwritten, ready}, {3, FaultKind::unwritten, ready}}},
    {"weights come into a block from the cycle of its release on",
     [](int cycle) {
       F b;
       b.load_constants(0, 0);
       b.load_weights(40, 0, 0);
       b.at(static_cast<std::uint64_t>(cycle) - 1, 0,
            repeat(32, 1, {1, 0, 0, 0}, send_weights({3 * F::bank}, {0, 1}, 1, 1)));
       b.at(static_cast<std::uint64_t>(cycle), 0, repeat(32, 1, {0, 1, 0, 0}, receive_weights(0, {0, 1})));
       b.at(ready, 0, product(3));
       b.at(ready + 40, 0, product(4));
       b.at(ready + 44, 0, repeat(2, 1, {1, 0, 0, 1}, store(3)));
       return b.build();
     },
     {ready, ready + 1},
     {{ready - 1, FaultKind::overwritten, ready - 1}}},
    {"a released block is empty",
     [](int release) {
       F b = furnished();
       b.at(ready, 0, product(3, true, release != 0));
       b.at(ready + 1, 0, product(3, false, true));
       b.at(ready + 8, 0, store(3));
       return b.build();
     },
     {0},
     {{1, FaultKind::unwritten, ready + 1}}},
    {"release masks: the block goes with the last trip of the loops named",
     [](int mask) {
       F b = furnished();
       auto one = product(3);
       one.immediate[0] = encode(isa::MultiplyMode{3, static_cast<std::uint8_t>(mask), true, 8, 8});
       b.at(ready, 0, repeat(2, 3, {}, repeat(3, 1, {1, 0, 0, 0}, one)));
       b.at(ready + 20, 0, store(3));
       return b.build();
     },
     {3},
     {{0, FaultKind::unwritten, ready + 1},
      {1, FaultKind::unwritten, ready + 4},
      {2, FaultKind::unwritten, ready + 3},
      {4, FaultKind::malformed, 0}}},
    {"skews: each lane's word is taken in its own cycle",
     [](int skew) {
       F b;
       b.load_constants(0, 0);
       for (std::uint16_t lane = 0; lane < 4; ++lane) {
         b.at(40 + 16u * lane, 0,
              repeat(8, 1, {1, 0, 0, 0}, send_weights({F::weights}, {static_cast<std::uint8_t>(lane), 1}, 1, 1)));
       }
       const std::uint32_t skews = 16u << 8 | static_cast<std::uint32_t>(skew) << 16 | 48u << 24;
       b.at(41, 0, repeat(8, 1, {0, 4, 0, 0}, receive_weights(0, {0, 4}, skews)));
       b.at(120, 0, product(1));
       b.at(124, 0, store(1));
       return b.build();
     },
     {32},
     {{31, FaultKind::missing_word, 41 + 31}, {33, FaultKind::lost_word, 41 + 32}}},
    {"two events take one lane in one cycle",
     [](int skew) {
       F b;
       b.load_constants(0, 0);
       b.at(40, 0, repeat(32, 1, {1, 0, 0, 0}, send_weights({F::weights}, {0, 1}, 1, 1)));
       b.at(41, 0, repeat(31, 1, {0, 1, 0, 0}, receive_weights(0, {0, 1})));
       b.at(72, 0, receive_weights(31, {0, 1}, static_cast<std::uint32_t>(skew)));
       b.at(120, 0, product(1));
       b.at(124, 0, store(1));
       return b.build();
     },
     {0},
     {{1, FaultKind::lost_word, 72}}},
    {"lanes of the model network",
     [](int first) {
       F b;
       b.load_constants(0, 0);
       const isa::LaneRange range{static_cast<std::uint8_t>(first), 2};
       b.at(40, 0, repeat(16, 1, {1, 0, 0, 0}, send_weights({F::weights}, range, 1, 1)));
       b.at(41, 0, repeat(16, 1, {0, 2, 0, 0}, receive_weights(0, range)));
       b.at(120, 0, product(1));
       b.at(124, 0, store(1));
       return b.build();
     },
     {0, 1, 2},
     {{3, FaultKind::malformed, 0}}},
    {"lanes of one link do not disturb each other",
     [](int lane) {
       F b(small_chip(1, 3));
       b.load_constants(0, 2);
       b.at(20, 0, repeat(16, 1, {1, 0, 0, 0}, send_weights({F::weights}, {0, 2}, 4, 1)));
       b.at(20, 1, send_weights({F::weights}, {static_cast<std::uint8_t>(lane), 1}, 4, 1));
       b.at(22, 2, receive_weights(32, {static_cast<std::uint8_t>(lane), 1}));
       b.at(23, 2, repeat(16, 1, {0, 2, 0, 0}, receive_weights(0, {0, 2})));
       b.at(60, 2, repeat(31, 1, {0, 1, 0, 0}, receive_weights(33, {3, 1})));
       b.at(58, 1, repeat(31, 1, {1, 0, 0, 0}, send_weights({F::weights}, {3, 1}, 4, 1)));
       b.at(120, 2, repeat(2, 1, {0, 1, 1, 0}, product(1)));
       b.at(125, 2, repeat(2, 1, {1, 0, 0, 1}, store(1)));
       return b.build();
     },
     {1, 2, 3},
     {}},
};

class WeightRules : public testing::TestWithParam<Rule> {};
TEST_P(WeightRules, LegalOnOneSideFaultOnTheOther) { check_rule(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Verify, WeightRules, testing::ValuesIn(rules));

}  // namespace
}  // namespace northpole::verify
