// Elements of 4 and 2 bit in the VMM: widths, and weight blocks of fewer words.
#include "narrow_cores.h"

namespace northpole::verify {
namespace {

const std::vector<Rule> rules = {
    {"widths: 8, 4 and 2 bit, weights no wider than activations",
     [](int mode) {
       const int activation_bits = mode / 16, weight_bits = mode % 16;
       const int blocks = weight_bits == 0 ? 1 : std::max(1, activation_bits / weight_bits);
       F b = furnished();
       b.at(ready, 0,
            repeat(static_cast<std::uint16_t>(blocks), 1, {0, 1, 1, 0},
                   narrow_product(0, 0, activation_bits, weight_bits)));
       b.at(ready + 20, 0, repeat(static_cast<std::uint16_t>(blocks), 1, {1, 0, 0, 1}, store(0)));
       return b.build();
     },
     {0x88, 0x84, 0x82, 0x44, 0x42, 0x22},
     {{0x48, FaultKind::malformed, 0},
      {0x28, FaultKind::malformed, 0},
      {0x24, FaultKind::malformed, 0},
      {0x83, FaultKind::malformed, 0},
      {0x80, FaultKind::malformed, 0},
      {0x81, FaultKind::malformed, 0},
      {0x08, FaultKind::malformed, 0},
      {0x66, FaultKind::malformed, 0},
      {0xf8, FaultKind::malformed, 0}}},
    {"a block of 4-bit weights for bytes needs half the words, all of them",
     [](int words) {
       F b = with_constants();
       load_words(b, 40, 0, words);
       b.at(ready, 0, narrow_product(0, 0, 8, 4));
       b.at(ready + 8, 0, store(0));
       return b.build();
     },
     {16},
     {{15, FaultKind::unwritten, ready}, {17, FaultKind::left_behind}}},
    {"a block of 2-bit weights for bytes needs a quarter of the words",
     [](int words) {
       F b = with_constants();
       load_words(b, 40, 0, words);
       b.at(ready, 0, narrow_product(0, 0, 8, 2));
       b.at(ready + 8, 0, store(0));
       return b.build();
     },
     {8},
     {{7, FaultKind::unwritten, ready}, {9, FaultKind::left_behind}}},
    {"block numbers count blocks of their size and wrap",
     [](int block) {
       F b = with_constants();
       load_words(b, 40, 40, 8);  // the sixth eight of 4 x 32 words
       b.at(ready, 0, narrow_product(static_cast<std::uint16_t>(block), 0, 8, 2));
       b.at(ready + 8, 0, store(0));
       return b.build();
     },
     {5, 21, 65525},
     {{4, FaultKind::unwritten, ready}, {6, FaultKind::unwritten, ready}, {1, FaultKind::unwritten, ready}}},
    {"a release empties the block's own words",
     [](int first) {
       F b = furnished();
       b.at(ready, 0, narrow_product(1, 0, 4, 2));
       load_words(b, ready + 10, first, 16);
       b.at(ready + 40, 0, product(1));
       b.at(ready + 48, 0, repeat(2, 1, {1, 0, 0, 1}, store(0)));
       return b.build();
     },
     {16},
     {{15, FaultKind::overwritten, ready + 10}, {17, FaultKind::unwritten, ready + 40}, {0, FaultKind::overwritten}}},
    {"released words may arrive in the cycle of the release",
     [](int cycle) {
       F b = furnished();
       b.at(ready + 10, 0, narrow_product(3, 0, 8, 2));
       load_words(b, cycle, 24, 8);
       b.at(ready + 40, 0, product(1));
       b.at(ready + 48, 0, repeat(2, 1, {1, 0, 0, 1}, store(0)));
       return b.build();
     },
     {ready + 10, ready + 11},
     {{ready + 9, FaultKind::overwritten, ready + 9}}},
    {"a block that was released is not there",
     [](int block) {
       F b = furnished();
       b.at(ready, 0, narrow_product(0, 0, 8, 4));
       b.at(ready + 1, 0, narrow_product(static_cast<std::uint16_t>(block), 1, 8, 4));
       b.at(ready + 10, 0, repeat(2, 1, {1, 0, 0, 1}, store(0)));
       return b.build();
     },
     {1},
     {{0, FaultKind::unwritten, ready + 1}}},
};

class NarrowWeightRules : public testing::TestWithParam<Rule> {};
TEST_P(NarrowWeightRules, LegalOnOneSideFaultOnTheOther) { check_rule(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Verify, NarrowWeightRules, testing::ValuesIn(rules));

}  // namespace
}  // namespace northpole::verify
