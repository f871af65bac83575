// The VMM, partial sums, weights and the vector unit: what must be there, and since when.
#include <algorithm>

#include "support/furnished_builder.h"
#include "verify/rules.h"

namespace northpole::verify {
namespace {

using namespace northpole::tests;
using isa::Direction;
using isa::PassMode;
using F = FurnishedBuilder;
constexpr std::uint16_t own = 5;
constexpr int ready = 60;  // constants and weight block 0 of all cores are loaded before this cycle

isa::Instruction product(std::uint16_t sum, bool initialize = true, bool release = true) {
  return multiply({F::bank + F::activations}, 0, sum, initialize, release);
}
isa::Instruction store(std::uint16_t sum, std::uint16_t word = 0) {
  return vector_of_sum(sum, F::constant_operands, F::sum_function, {static_cast<std::uint16_t>(2 * F::bank + F::free + word), own});
}

// Every core has its constants and weight block 0 from cycle `ready` on; all but core 0 use the block up at once, in
// partial sum 7.
F furnished(std::uint32_t rows = 1, std::uint32_t columns = 2) {
  F b(small_chip(rows, columns));
  for (std::uint32_t core = 0; core < rows * columns; ++core) {
    b.load_constants(0, core);
    b.load_weights(40, core, 0);
    if (core == 0) continue;
    b.at(ready, core, product(7));
    b.at(ready + 4, core, store(7, 7));
  }
  return b;
}

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
    {"a partial sum may be used vmm_latency cycles after its last multiply",
     [](int cycle) {
       F b = furnished();
       b.at(ready, 0, product(3, true, false));
       b.at(ready + 1, 0, product(3, false, true));
       b.at(static_cast<std::uint64_t>(cycle), 0, store(3));
       return b.build();
     },
     {ready + 5, ready + 6},
     {{ready + 4, FaultKind::in_flight, ready + 4}, {ready, FaultKind::unwritten, ready}}},
    {"the vector unit releases the sum: a second use finds it empty",
     [](int sum) {
       F b = furnished();
       b.at(ready, 0, product(3, true, false));
       b.at(ready + 1, 0, product(4));
       b.at(ready + 8, 0, store(3));
       b.at(ready + 9, 0, store(static_cast<std::uint16_t>(sum), 1));
       return b.build();
     },
     {4, 12},  // indices wrap at 8
     {{3, FaultKind::unwritten, ready + 9}, {5, FaultKind::unwritten, ready + 9}}},
    {"a sum that is still in use cannot be started again, one released in the same cycle can",
     [](int cycle) {
       F b = furnished();
       b.at(ready, 0, product(3, true, false));
       b.at(ready + 4, 0, store(3));
       b.at(static_cast<std::uint64_t>(cycle), 0, product(3));
       b.at(static_cast<std::uint64_t>(std::max(cycle, ready + 5)) + 4, 0, store(3, 1));
       return b.build();
     },
     {ready + 4, ready + 5},
     {{ready + 3, FaultKind::overwritten, ready + 3}}},
    {"adding needs a sum that was started and not yet taken",
     [](int cycle) {
       F b = furnished();
       b.at(ready, 0, product(3, true, false));
       b.at(static_cast<std::uint64_t>(cycle), 0, product(3, false, true));
       b.at(ready + 9, 0, store(3));
       return b.build();
     },
     {ready + 1, ready + 5},
     {{ready + 6, FaultKind::in_flight, ready + 9}, {ready + 9, FaultKind::unwritten, ready + 9}, {ready + 10, FaultKind::unwritten}}},
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
       b.at(static_cast<std::uint64_t>(cycle) - 1, 0, repeat(32, 1, {1, 0, 0, 0}, send_weights({3 * F::bank}, {0, 1}, 1, 1)));
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
     {{0, FaultKind::unwritten, ready + 1}, {1, FaultKind::unwritten, ready + 4}, {2, FaultKind::unwritten, ready + 3}, {4, FaultKind::malformed, 0}}},
    {"initialize masks: a sum starts with the first trip of the loops named",
     [](int mask) {
       F b = furnished();
       auto one = product(3);
       one.immediate[0] = encode(isa::MultiplyMode{static_cast<std::uint8_t>(mask), 3, true, 8, 8});
       b.at(ready, 0, repeat(2, 3, {0, 0, 1, 0}, repeat(3, 1, {1, 0, 0, 0}, one)));
       b.at(ready + 20, 0, repeat(2, 1, {1, 0, 0, 1}, store(3)));
       return b.build();
     },
     {2},
     {{0, FaultKind::overwritten, ready + 1}, {1, FaultKind::overwritten, ready + 1}, {3, FaultKind::unwritten, ready + 3}}},
    {"masks without their flags",
     [](int flags) {
       F b = furnished();
       auto one = product(3);
       one.flags = static_cast<std::uint8_t>(flags);
       one.immediate[0] = encode(isa::MultiplyMode{1, 1, true, 8, 8});
       b.at(ready, 0, repeat(2, 1, {}, one));
       b.at(ready + 20, 0, store(3));
       return b.build();
     },
     {3},
     {{1, FaultKind::malformed, 0}, {2, FaultKind::malformed, 0}}},
    {"four bits are not supported yet",
     [](int bits) {
       F b = furnished();
       auto one = product(3);
       one.immediate[0] = encode(isa::MultiplyMode{0, 0, true, 8, static_cast<std::uint8_t>(bits)});
       b.at(ready, 0, one);
       b.at(ready + 20, 0, store(3));
       return b.build();
     },
     {8},
     {{4, FaultKind::malformed}, {0, FaultKind::malformed}}},
    {"skews: each lane's word is taken in its own cycle",
     [](int skew) {
       F b;
       b.load_constants(0, 0);
       for (std::uint16_t lane = 0; lane < 4; ++lane) {
         b.at(40 + 16u * lane, 0, repeat(8, 1, {1, 0, 0, 0}, send_weights({F::weights}, {static_cast<std::uint8_t>(lane), 1}, 1, 1)));
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
    {"constant registers end",
     [](int first) {
       F b = furnished();
       b.at(ready, 0, product(3));
       b.at(ready + 8, 0, vector_of_sum(3, static_cast<std::uint16_t>(first), F::sum_function, {2 * F::bank + F::free, own}));
       return b.build();
     },
     {16, 24},
     {{25, FaultKind::address, ready + 8}, {300, FaultKind::address, ready + 8}}},
    {"constant registers must be loaded",
     [](int count) {
       F b;
       b.at(0, 0, repeat(static_cast<std::uint16_t>(count), 1, {1, 0, 1, 0}, constants({F::constants_at}, 0)));
       b.at(ready, 0, vector_of_memory({F::activations}, 16, F::add_constant_function, {2 * F::bank + F::free, own}));
       return b.build();
     },
     {20, 32},
     {{19, FaultKind::unwritten, ready}, {9, FaultKind::unwritten, ready}}},
    {"a vector function must decode",
     [](int function) {
       F b;
       b.load_constants(0, 0);
       b.at(ready, 0, vector_of_memory({F::activations}, 16, static_cast<std::uint8_t>(function), {2 * F::bank + F::free, own}));
       return b.build();
     },
     {F::memory_function, F::maximum_function, F::add_constant_function},
     {{1, FaultKind::malformed, ready}, {F::add_constant_function + 2, FaultKind::unwritten, ready}}},
    {"a vector function must come from the memory image",
     [](int address) {
       F b;
       b.at(0, 0, repeat(2, 2, {1, 1, 0, 0}, copy({F::constants_at + F::memory_function}, {F::free, F::image_tensor})));
       b.at(20, 0, repeat(2, 1, {1, 0, 1, 0}, constants({static_cast<std::uint16_t>(address)}, 0)));
       b.at(ready, 0, vector_of_memory({F::activations}, 16, 0, {2 * F::bank + F::free, own}));
       return b.build();
     },
     {F::constants_at + F::memory_function},
     {{F::free, FaultKind::malformed, ready}}},
    {"windows need a reduction",
     [](int function) {
       F b;
       b.load_constants(0, 0);
       auto pool = vector_of_memory({F::activations}, 16, static_cast<std::uint8_t>(function), {2 * F::bank + F::free, own});
       pool.immediate[0] = encode(isa::VectorMode{static_cast<std::uint8_t>(function), 2, 2});
       b.at(ready, 0, repeat(2, 3, {0, 0, 0, 1}, repeat(3, 1, {1, 0, 0, 0}, pool)));
       return b.build();
     },
     {F::maximum_function},
     {{F::memory_function, FaultKind::malformed, ready}}},
    {"only the end of a window writes",
     [](int mask) {
       F b;
       b.load_constants(0, 0);
       auto pool = vector_of_memory({F::activations}, 16, F::maximum_function, {2 * F::bank + F::free, own});
       pool.immediate[0] = encode(isa::VectorMode{F::maximum_function, 1, static_cast<std::uint8_t>(mask)});
       b.at(ready, 0, repeat(3, 1, {1, 0, 0, 1}, pool));  // outputs in ready + 8, + 9, + 10
       b.at(ready + 12, 0, copy({2 * F::bank + F::free, own}, {3 * F::bank + F::free, own}));
       return b.build();
     },
     {0},
     {{1, FaultKind::unwritten, ready + 12}, {2, FaultKind::malformed}}},
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
     {{1, FaultKind::route, ready + 10}, {3, FaultKind::route, ready + 10}, {4, FaultKind::route, ready + 10}, {5, FaultKind::malformed, 0}, {0, FaultKind::malformed, 0}}},
};

class ComputeRules : public testing::TestWithParam<Rule> {};
TEST_P(ComputeRules, LegalOnOneSideFaultOnTheOther) { check_rule(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Verify, ComputeRules, testing::ValuesIn(rules));

}  // namespace
}  // namespace northpole::verify
