// Constant registers, vector functions and windows.
#include "ready_cores.h"

namespace northpole::verify {
namespace {

const std::vector<Rule> rules = {
    {"constant registers end",
     [](int first) {
       F b = furnished();
       b.at(ready, 0, product(3));
       b.at(ready + 8, 0,
            vector_of_sum(3, static_cast<std::uint16_t>(first), F::sum_function, {2 * F::bank + F::free, own}));
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
       b.at(ready, 0,
            vector_of_memory({F::activations}, 16, static_cast<std::uint8_t>(function), {2 * F::bank + F::free, own}));
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
       auto pool =
           vector_of_memory({F::activations}, 16, static_cast<std::uint8_t>(function), {2 * F::bank + F::free, own});
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
};

class VectorRules : public testing::TestWithParam<Rule> {};
TEST_P(VectorRules, LegalOnOneSideFaultOnTheOther) { check_rule(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Verify, VectorRules, testing::ValuesIn(rules));

}  // namespace
}  // namespace northpole::verify
