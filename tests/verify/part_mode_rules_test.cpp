// Which parts and widths a vector event may name.
#include "narrow_cores.h"

namespace northpole::verify {
namespace {

// immediate[1] as a number, of a move whose output is 8, 4 or 2 bit, or whose source or second operand is narrow.
Rule raw_parts(const char* name, Function function, std::vector<int> legal, std::vector<BadNumber> bad) {
  return {name,
          [function](int parts) {
            F b = with_functions();
            auto event = vector_of_memory({F::activations}, 0, function, {target, own});
            if (function == add4) event.operand[isa::operand_b] = F::bank, event.tensor[isa::operand_b] = 1;
            event.immediate[1] = static_cast<std::uint32_t>(parts);
            b.at(ready, 0, event);
            return b.build();
          },
          std::move(legal), std::move(bad)};
}
constexpr int source_part = 4, second_part = 16, first_flag = 64, rest_flag = 128;
constexpr BadNumber malformed(int number) { return {number, FaultKind::malformed, ready}; }
// Reserved bits count in the cycle after the thread's event before: the last of the constants.
constexpr BadNumber reserved(int number) { return {number, FaultKind::malformed, functions_end}; }

const std::vector<Rule> rules = {
    raw_parts("words of 8-bit elements have one part", move8, {0},
              {malformed(1), malformed(2), malformed(3), malformed(source_part), malformed(second_part),
               malformed(first_flag), malformed(rest_flag), reserved(256), reserved(1 << 30)}),
    raw_parts("an output of 4 bit has two parts", move4, {first_flag, first_flag + 1, first_flag + rest_flag},
              {malformed(first_flag + 2), malformed(first_flag + 3), malformed(first_flag + source_part),
               malformed(first_flag + second_part)}),
    raw_parts("an output of 2 bit has four parts", move2,
              {first_flag, first_flag + 1, first_flag + 2, first_flag + 3, first_flag + 3 + rest_flag},
              {malformed(first_flag + source_part)}),
    raw_parts("a source of 4 bit has two parts", from4, {0, source_part},
              {malformed(2 * source_part), malformed(3 * source_part), malformed(second_part), malformed(1)}),
    raw_parts("a second operand of 4 bit has two parts", add4, {0, second_part},
              {malformed(2 * second_part), malformed(3 * second_part), malformed(source_part), malformed(1)}),
    {"parts as a parameter",
     [](int parts) {
       F b = with_functions();
       auto event = part(move4, 0, true);
       event.immediate[1] = 3;
       event.parameter_mask = isa::parameter_immediate1;
       b.at(ready, 0, event);
       b.boot_parameters(0, {0, 0, 0, static_cast<std::uint32_t>(parts), 0, 0, 0, 0});
       return b.build();
     },
     {first_flag, first_flag + 1},
     {malformed(first_flag + 2), reserved(first_flag + 256)}},
    {"an output of a partial sum may be narrow",
     [](int parts) {
       F b = with_functions();
       b.image(0, functions_at + 40, F::image_tensor, std::vector<isa::Word>(8));
       b.at(20, 0, repeat(8, 1, {1, 0, 1, 0}, constants({functions_at + 40}, 16)));
       b.load_weights(40, 0, 0);
       b.at(ready, 0, product(0));
       auto event = vector_of_sum(0, 16, sum4, {target, own});
       event.immediate[1] = static_cast<std::uint32_t>(parts);
       b.at(ready + 10, 0, event);
       return b.build();
     },
     {first_flag, first_flag + 1},
     {{first_flag + 2, FaultKind::malformed, ready + 10},
      {first_flag + source_part, FaultKind::malformed, ready + 10},
      {1, FaultKind::unwritten, ready + 10 + latency}}},
    {"widths that a vector function can have",
     [](int byte) {
       F b;
       isa::VectorFunction f;
       f.source = isa::VectorSource::memory;
       auto words = encode(f);
       words[0][6] = static_cast<std::uint8_t>(byte);
       b.image(0, functions_at, F::image_tensor, {words[0], words[1]});
       b.at(0, 0, repeat(2, 1, {1, 0, 1, 0}, constants({functions_at}, 0)));
       auto event = vector_of_memory({F::activations}, 0, 0, {target, own});
       if (byte >> 4 == 1 || byte >> 4 == 2) event.immediate[1] = first_flag;
       b.at(ready, 0, event);
       return b.build();
     },
     {0, 1, 2, 1 << 4, 2 << 4, 2 | 1 << 4},
     {malformed(3), malformed(1 << 2), malformed(3 << 2), malformed(3 << 4), malformed(1 << 6), malformed(1 << 7)}},
};

class PartModeRules : public testing::TestWithParam<Rule> {};
TEST_P(PartModeRules, LegalOnOneSideFaultOnTheOther) { check_rule(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Verify, PartModeRules, testing::ValuesIn(rules));

}  // namespace
}  // namespace northpole::verify
