// Elements of 4 and 2 bit: weight blocks of fewer words, and memory words that are written part by part.
#include "ready_cores.h"

namespace northpole::verify {
namespace {

constexpr std::uint16_t target = 2 * F::bank + F::free;        // of outputs
constexpr std::uint16_t functions_at = 3 * F::bank + F::free;  // image words, tag `image_tensor`
constexpr int latency = 8;                                     // of the vector unit

isa::Instruction narrow_product(std::uint16_t block, std::uint16_t sum, int activation_bits, int weight_bits,
                                bool release = true) {
  auto one = multiply({F::bank + F::activations}, block, sum, true, release);
  one.immediate[0] = encode(isa::MultiplyMode{0, 0, true, static_cast<std::uint8_t>(activation_bits),
                                              static_cast<std::uint8_t>(weight_bits)});
  return one;
}

// `count` weight words of core 0 from word `first` on, one a cycle from `start` on.
void load_words(F& b, int start, int first, int count) {
  const auto cycle = static_cast<std::uint64_t>(start);
  b.at(cycle - 1, 0, repeat(static_cast<std::uint16_t>(count), 1, {1, 0, 0, 0}, send_weights({0}, {0, 1}, 1, 1)));
  b.at(cycle, 0,
       repeat(static_cast<std::uint16_t>(count), 1, {0, 1, 0, 0},
              receive_weights(static_cast<std::uint16_t>(first), {0, 1})));
}

// Core 0 with its constants; its partial sums go to words of bank 2.
F with_constants() {
  F b;
  b.load_constants(0, 0);
  return b;
}

const std::vector<Rule> weight_rules = {
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

// Constant registers of `with_functions`: moves of memory words, and a sum of two.
enum Function : std::uint8_t { move8 = 0, move4 = 2, move2 = 4, from4 = 6, add4 = 8, sum4 = 10, functions_end = 12 };

F with_functions() {
  F b;
  std::vector<isa::Word> words;
  const auto add = [&](isa::VectorFunction f) {
    f.output_lowest = f.middle_lowest = -2, f.output_highest = f.middle_highest = 1;
    const auto two = encode(f);
    words.insert(words.end(), two.begin(), two.end());
  };
  isa::VectorFunction f;
  f.source = isa::VectorSource::memory;
  add(f);
  f.output_bits = 4;
  add(f);
  f.output_bits = 2;
  add(f);
  f.source_bits = 4, f.output_bits = 8;
  add(f);
  f.source_bits = 8;
  f.operation = isa::VectorOperation::add, f.second = isa::VectorSecond::memory, f.second_bits = 4;
  add(f);
  isa::VectorFunction sum;
  sum.output_bits = 4;
  add(sum);
  b.image(0, functions_at, F::image_tensor, words);
  b.at(0, 0, repeat(functions_end, 1, {1, 0, 1, 0}, constants({functions_at}, 0)));
  return b;
}

isa::Instruction part(Function function, int output, bool first, bool rest = false, std::uint16_t tag = own) {
  auto event = vector_of_memory({F::activations}, 0, function, {target, tag});
  event.immediate[1] = encode(isa::VectorParts{static_cast<std::uint8_t>(output), 0, 0, first, rest});
  return event;
}
std::uint64_t at(int cycle) { return static_cast<std::uint64_t>(cycle); }

// Something that reads the word at `target`.
const std::vector<std::pair<const char*, std::function<isa::Instruction()>>> readers = {
    {"copy",
     [] {
       return copy({target, own}, {F::bank + F::free, own});
     }},
    {"constants",
     [] {
       return constants({target, own}, 30);
     }},
    {"vector source",
     [] {
       return vector_of_memory({target, own}, 0, from4, {F::bank + F::free, own});
     }},
    {"send",
     [] {
       return send({target, own}, 1, 1);
     }},
    {"send_weights",
     [] {
       return send_weights({target, own}, {0, 1}, 1, 1);
     }},
    {"multiply",
     [] {
       return multiply({target, own}, 0, 0);
     }},
};

std::vector<Rule> reader_rules() {
  std::vector<Rule> rules;
  for (const auto& [name, reader] : readers) {
    rules.push_back({std::string("all parts must be there for ") + name,
                     [reader = reader](int parts) {
                       F b = with_functions();
                       b.load_weights(20, 0, 0);
                       for (int p = 0; p < parts; ++p) b.at(at(ready + p), 0, part(move2, p, p == 0));
                       const auto read = reader();
                       b.at(at(ready + 20), 0, read);
                       if (read.opcode == isa::Opcode::send) b.at(at(ready + 21), 0, receive({F::bank + F::free, own}));
                       if (read.opcode == isa::Opcode::send_weights)
                         b.at(at(ready + 21), 0, receive_weights(32, {0, 1}));
                       if (read.opcode != isa::Opcode::multiply) b.at(at(ready + 22), 0, multiply({0}, 0, 0));
                       b.at(at(ready + 30), 0, vector_of_sum(0, 16, move8, {F::bank + F::free + 1, own}));
                       return b.build();
                     },
                     {},
                     {{3, FaultKind::unwritten, ready + 20}, {1, FaultKind::unwritten, ready + 20}}});
  }
  return rules;
}

const std::vector<Rule> part_rules = {
    {"a word can be read when all its parts are written",
     [](int parts) {
       F b = with_functions();
       for (int p = 0; p < parts; ++p) b.at(at(ready + p), 0, part(move2, p, p == 0));
       b.at(at(ready + 20), 0, copy({target, own}, {F::bank + F::free, own}));
       b.at(at(ready + 21), 0, send({target, own}, 1, 1));
       b.at(at(ready + 22), 0, receive({F::bank + F::free + 1, own}));
       b.at(at(ready + 23), 0, vector_of_memory({target, own}, 0, from4, {F::bank + F::free + 2, own}));
       return b.build();
     },
     {4},
     {{3, FaultKind::unwritten, ready + 20}, {2, FaultKind::unwritten, ready + 20}}},
    {"... from the cycle after the last of them on",
     [](int cycle) {
       F b = with_functions();
       b.at(ready, 0, part(move4, 0, true));
       b.at(ready + 1, 0, part(move4, 1, false));
       b.at(at(cycle), 0, copy({target, own}, {F::bank + F::free, own}));
       return b.build();
     },
     {ready + 1 + latency + 1},
     {{ready + 1 + latency, FaultKind::bank_conflict, ready + 1 + latency},
      {ready + latency + 1, FaultKind::bank_conflict},
      {ready + latency - 1, FaultKind::unwritten, ready + latency - 1}}},
    {"a second operand must be there",
     [](int parts) {
       F b = with_functions();
       for (int p = 0; p < parts; ++p) b.at(at(ready + p), 0, part(move4, p, p == 0));
       auto sum = vector_of_memory({F::activations}, 0, add4, {F::bank + F::free, own});
       sum.operand[isa::operand_b] = target, sum.tensor[isa::operand_b] = own;
       b.at(ready + 20, 0, sum);
       return b.build();
     },
     {2},
     {{1, FaultKind::unwritten, ready + 21}}},
    {"a part is written once",
     [](int second) {
       F b = with_functions();
       b.at(ready, 0, part(move2, 1, true));
       b.at(ready + 1, 0, part(move2, second, false));
       return b.build();
     },
     {0, 2, 3},
     {{1, FaultKind::overwritten, ready + 1 + latency}}},
    {"a further part needs a word that was begun",
     [](int first) {
       F b = with_functions();
       b.at(ready, 0, part(move4, 1, first != 0));
       return b.build();
     },
     {1},
     {{0, FaultKind::unwritten, ready + latency}}},
    {"a further part needs a word of its tensor",
     [](int tag) {
       F b = with_functions();
       b.at(ready, 0, part(move4, 0, true));
       b.at(ready + 1, 0, part(move4, 1, false, false, static_cast<std::uint16_t>(tag)));
       return b.build();
     },
     {own},
     {{own + 1, FaultKind::wrong_tensor, ready + 1 + latency}}},
    {"a new word takes the place of any other, and its other parts are unwritten",
     [](int parts) {
       F b = with_functions();
       b.at(ready - 20, 0, copy({F::activations}, {target, own + 1}));
       for (int p = 0; p < parts; ++p) b.at(at(ready + p), 0, part(move4, p, p == 0));
       b.at(ready + 20, 0, copy({target, own}, {F::bank + F::free, own}));
       return b.build();
     },
     {2},
     {{1, FaultKind::unwritten, ready + 20}}},
    {"a whole word takes the place of parts, and leaves none to write",
     [](int first) {
       F b = with_functions();
       b.at(ready, 0, part(move4, 0, true));
       b.at(ready + 20, 0, copy({F::activations}, {target, own}));
       b.at(ready + 22, 0, send({target, own}, 1, 1));
       b.at(ready + 23, 0, receive({F::bank + F::free, own}));
       b.at(ready + 24, 0, part(move4, 1, first != 0));
       return b.build();
     },
     {1},
     {{0, FaultKind::overwritten, ready + 24 + latency}}},
    {"the rest makes a word complete",
     [](int rest) {
       F b = with_functions();
       b.at(ready, 0, part(move2, 0, true));
       b.at(ready + 1, 0, part(move2, 1, false, rest != 0));
       b.at(ready + 20, 0, copy({target, own}, {F::bank + F::free, own}));
       return b.build();
     },
     {1},
     {{0, FaultKind::unwritten, ready + 20}}},
    {"... and a part before it that is missing stays so",
     [](int before) {
       F b = with_functions();
       b.at(ready, 0, part(move2, 1, true, true));
       if (before != 0) b.at(ready + 1, 0, part(move2, 0, false));
       b.at(ready + 20, 0, copy({target, own}, {F::bank + F::free, own}));
       return b.build();
     },
     {1},
     {{0, FaultKind::unwritten, ready + 20}}},
    {"the rest must be unwritten too",
     [](int rest) {
       F b = with_functions();
       b.at(ready, 0, part(move2, 3, true));
       b.at(ready + 1, 0, part(move2, 1, false, rest != 0));
       return b.build();
     },
     {0},
     {{1, FaultKind::overwritten, ready + 1 + latency}}},
    {"parts of 4 and 2 bit in one word",
     [](int second) {
       F b = with_functions();
       b.at(ready, 0, part(move4, 1, true));
       b.at(ready + 1, 0, part(move2, second, false));
       return b.build();
     },
     {0, 1},
     {{2, FaultKind::overwritten, ready + 1 + latency}, {3, FaultKind::overwritten, ready + 1 + latency}}},
    {"parts of a word of the image",
     [](int address) {
       F b = with_functions();
       auto write = part(move4, 0, true);
       write.operand[isa::operand_d] = static_cast<std::uint16_t>(address);
       b.at(ready, 0, write);
       return b.build();
     },
     {target},
     {{F::bank + 31, FaultKind::image_overwritten, ready + latency}}},
    {"further parts of a word of the image",
     [](int address) {
       F b = with_functions();
       b.at(ready, 0, part(move4, 0, true));
       auto write = part(move4, 1, false);
       write.operand[isa::operand_d] = static_cast<std::uint16_t>(address);
       b.at(ready + 1, 0, write);
       return b.build();
     },
     {target},
     {{F::bank + 31, FaultKind::image_overwritten, ready + 1 + latency}, {1024, FaultKind::address, ready + 1}}},
    {"a part takes its bank's one access",
     [](int cycle) {
       F b = with_functions();
       b.at(ready, 0, part(move4, 0, true));
       b.at(ready + 1, 0, part(move4, 1, false));
       b.at(at(cycle), 0, send({2 * F::bank}, 1, 1));
       b.at(at(cycle) + 1, 0, receive({F::bank + F::free, own}));
       return b.build();
     },
     {ready + latency - 1, ready + latency + 2},
     {{ready + latency, FaultKind::bank_conflict, ready + latency},
      {ready + latency + 1, FaultKind::bank_conflict, ready + latency + 1}}},
};

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

const std::vector<Rule> raw_rules = {
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

class NarrowRules : public testing::TestWithParam<Rule> {};
TEST_P(NarrowRules, LegalOnOneSideFaultOnTheOther) { check_rule(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Weights, NarrowRules, testing::ValuesIn(weight_rules));
INSTANTIATE_TEST_SUITE_P(Readers, NarrowRules, testing::ValuesIn(reader_rules()));
INSTANTIATE_TEST_SUITE_P(Parts, NarrowRules, testing::ValuesIn(part_rules));
INSTANTIATE_TEST_SUITE_P(Modes, NarrowRules, testing::ValuesIn(raw_rules));

}  // namespace
}  // namespace northpole::verify
