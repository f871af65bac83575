// Memory words that the vector unit writes part by part: what is written, when, and who may read it.
#include "narrow_cores.h"

namespace northpole::verify {
namespace {

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

class PartRules : public testing::TestWithParam<Rule> {};
TEST_P(PartRules, LegalOnOneSideFaultOnTheOther) { check_rule(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Readers, PartRules, testing::ValuesIn(reader_rules()));
INSTANTIATE_TEST_SUITE_P(Verify, PartRules, testing::ValuesIn(part_rules));

}  // namespace
}  // namespace northpole::verify
