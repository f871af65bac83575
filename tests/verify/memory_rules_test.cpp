// Banks, tags, the image: what may be read and written when and where.
#include "support/furnished_builder.h"
#include "verify/rules.h"

namespace northpole::verify {
namespace {

using namespace northpole::tests;
using F = FurnishedBuilder;
constexpr std::uint16_t own = 5, other = 6;  // tags

// Core 0 sends a word that it has in `cycle` to core 1, which puts it to `address`; arrives two cycles later.
void move_word(F& builder, int cycle, MemoryOperand source, MemoryOperand target) {
  builder.at(cycle, 0, send(source, 2, 1));
  builder.at(cycle + 2, 1, receive(target));
}

const std::vector<Rule> rules = {
    {"two reads of a bank in one cycle",
     [](int address) {
       F b;
       move_word(b, 5, {F::activations}, {F::free, own});
       b.at(5, 0, copy({static_cast<std::uint16_t>(address)}, {2 * F::bank + F::free, own}));
       return b.build();
     },
     {F::bank + F::activations, 2 * F::bank, 3 * F::bank + 31},
     {{F::activations, FaultKind::bank_conflict, 5}, {F::activations + 1, FaultKind::bank_conflict, 5}}},
    {"a copy writes one cycle after its read",
     [](int cycle) {
       F b;
       b.at(5, 0, copy({F::activations}, {F::bank + F::free, own}));
       move_word(b, cycle, {F::bank + F::activations}, {F::free, own});
       return b.build();
     },
     {5, 7},
     {{6, FaultKind::bank_conflict, 6}}},
    {"a copied word can be read two cycles after the copy",
     [](int cycle) {
       F b;
       b.at(5, 0, copy({F::activations}, {F::bank + F::free, own}));
       move_word(b, cycle, {F::bank + F::free, own}, {F::free, own});
       return b.build();
     },
     {7},
     {{5, FaultKind::unwritten, 5}, {6, FaultKind::bank_conflict, 6}}},
    {"the vector unit writes vector_latency cycles after its event",
     [](int cycle) {
       F b;
       b.load_constants(0, 0);
       b.at(40, 0, vector_of_memory({F::activations}, 0, F::memory_function, {F::bank + F::free, own}));
       move_word(b, cycle, {F::bank + F::activations}, {F::free, own});
       return b.build();
     },
     {47, 49},
     {{48, FaultKind::bank_conflict, 48}}},
    {"what the vector unit wrote can be read in the next cycle",
     [](int cycle) {
       F b;
       b.load_constants(0, 0);
       b.at(40, 0, vector_of_memory({F::activations}, 0, F::memory_function, {F::bank + F::free, own}));
       move_word(b, cycle, {F::bank + F::free, own}, {F::free, own});
       return b.build();
     },
     {49},
     {{47, FaultKind::unwritten, 47}, {48, FaultKind::bank_conflict, 48}}},
    {"the vector unit reads its second operand one cycle after the first",
     [](int cycle) {
       F b;
       b.load_constants(0, 0);
       auto add = vector_of_memory({F::activations}, 0, F::add_function, {2 * F::bank + F::free, own});
       add.operand[isa::operand_b] = F::bank + F::activations;
       add.tensor[isa::operand_b] = F::image_tensor;
       b.at(40, 0, add);
       move_word(b, cycle, {F::bank + F::activations}, {F::free, own});
       return b.build();
     },
     {40, 42},
     {{41, FaultKind::bank_conflict, 41}}},
    {"both operands of the vector unit from one bank",
     [](int interval) {
       F b;
       b.load_constants(0, 0);
       auto add = vector_of_memory({F::activations}, 0, F::add_function, {2 * F::bank + F::free, own});
       add.operand[isa::operand_b] = F::activations + 1;
       add.tensor[isa::operand_b] = F::image_tensor;
       b.at(40, 0, repeat(3, static_cast<std::uint32_t>(interval), {0, 0, 0, 1}, add));
       return b.build();
     },
     {2, 3},
     {{1, FaultKind::bank_conflict, 41}}},
    {"a received word is written in the cycle of its delivery",
     [](int cycle) {
       F b;
       move_word(b, 5, {F::activations}, {F::free, own});
       b.at(cycle, 1, copy({F::activations}, {F::bank + F::free, own}));
       return b.build();
     },
     {6, 8},
     {{7, FaultKind::bank_conflict, 7}}},
    {"a received word can be read from the next cycle on",
     [](int cycle) {
       F b;
       move_word(b, 5, {F::activations}, {F::free, own});
       b.at(cycle, 1, copy({F::free, own}, {F::bank + F::free, own}));
       return b.build();
     },
     {8, 9},
     {{6, FaultKind::unwritten, 6}, {7, FaultKind::unwritten, 7}}},
    {"the last reader comes before the word is overwritten",
     [](int cycle) {
       F b;
       move_word(b, 5, {F::activations}, {F::free, own});
       move_word(b, 10, {F::activations}, {F::free, other});
       b.at(cycle, 1, copy({F::free, own}, {F::bank + F::free, own}));
       return b.build();
     },
     {8, 11},
     {{12, FaultKind::bank_conflict, 12}, {13, FaultKind::wrong_tensor, 13}}},
    {"an image word has its section's tag",
     [](int tag) {
       F b;
       b.image(0, 100, 7, 1);
       b.at(5, 0, copy({100, static_cast<std::uint16_t>(tag)}, {F::bank + F::free, own}));
       return b.build();
     },
     {7},
     {{6, FaultKind::wrong_tensor, 5}}},
    {"nothing may be written over the image",
     [](int address) {
       F b;
       move_word(b, 5, {F::activations}, {static_cast<std::uint16_t>(address), own});
       return b.build();
     },
     {64, 255, 288},
     {{63, FaultKind::image_overwritten, 7},
      {256, FaultKind::image_overwritten, 7},
      {287, FaultKind::image_overwritten, 7}}},
    {"the memory ends",
     [](int address) {
       auto chip = small_chip();
       chip.bank_words = 250;
       ProgramBuilder b(chip);  // its own words lie at 872 .. 999
       b.image(0, 0, 1, 2);
       b.at(5, 0, copy({0}, {static_cast<std::uint16_t>(address), own}));
       return b.build();
     },
     {2, 871},
     {{872, FaultKind::image_overwritten, 6}, {1000, FaultKind::address, 5}, {65535, FaultKind::address, 5}}},
    {"send_weights reads one word of each bank and does not wrap",
     [](int address) {
       F b;
       b.image(0, 200, 1, 1);
       b.image(0, 456, 1, 1);
       b.at(5, 0, send_weights({static_cast<std::uint16_t>(address)}, {0, 2}, 1, 1));
       b.at(6, 0, receive_weights(0, {0, 2}));
       return b.build();
     },
     {},
     // 200: all is well but that nobody uses the weights.
     {{200, FaultKind::left_behind}, {456, FaultKind::unwritten, 5}, {768, FaultKind::address, 5}}},
    {"operands wrap at 16 bits before they are addresses",
     [](int stride) {
       F b;
       b.at(5, 0,
            repeat(2, 1, {static_cast<std::int16_t>(stride), 2, 0, 0},
                   copy({F::activations}, {F::bank + F::free, own})));
       return b.build();
     },
     {1, -1, -16},
     {{-17, FaultKind::address, 6}}},
};

class MemoryRules : public testing::TestWithParam<Rule> {};
TEST_P(MemoryRules, LegalOnOneSideFaultOnTheOther) { check_rule(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Verify, MemoryRules, testing::ValuesIn(rules));

}  // namespace
}  // namespace northpole::verify
