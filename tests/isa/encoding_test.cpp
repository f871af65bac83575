// Words to instructions and back: nothing is lost, nothing malformed gets through, no two meanings share a word.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "isa/instruction.h"
#include "isa/vector_function.h"

namespace northpole::isa {
namespace {

const std::vector<Opcode> operations = {Opcode::end,
                                        Opcode::switch_program,
                                        Opcode::multiply,
                                        Opcode::vector,
                                        Opcode::constants,
                                        Opcode::send_weights,
                                        Opcode::send_program,
                                        Opcode::copy,
                                        Opcode::parameters,
                                        Opcode::send,
                                        Opcode::receive,
                                        Opcode::pass,
                                        Opcode::receive_weights,
                                        Opcode::receive_program};

std::uint8_t allowed_flags(Opcode opcode, std::mt19937& random) {
  switch (opcode) {
    case Opcode::multiply:
      return random() % 4;
    case Opcode::send:
      return random() % 2;
    case Opcode::send_weights:
    case Opcode::receive_weights:
      return encode(LaneRange{static_cast<std::uint8_t>(random() % 4), static_cast<std::uint8_t>(1u << random() % 3)});
    default:
      return 0;
  }
}

Instruction random_instruction(std::mt19937& random) {
  Instruction instruction;
  instruction.opcode = operations[random() % operations.size()];
  instruction.flags = allowed_flags(instruction.opcode, random);
  instruction.parameter_mask = random() & 0x7f;
  instruction.delay = random();
  for (auto& operand : instruction.operand) operand = static_cast<std::uint16_t>(random());
  for (auto& tensor : instruction.tensor) tensor = static_cast<std::uint16_t>(random());
  for (auto& immediate : instruction.immediate) immediate = random();
  instruction.loops.resize(random() % (maximum_loops + 1));
  for (Loop& loop : instruction.loops) {
    loop.count = static_cast<std::uint16_t>(random());
    loop.interval = random();
    for (auto& stride : loop.stride) stride = static_cast<std::int16_t>(random());
    loop.parameter_mask = random() & 0x3f;
  }
  return instruction;
}

TEST(Encoding, RoundTripOfRandomInstructions) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 5000; ++trial) {
    std::vector<Instruction> section(1 + random() % 5);
    std::vector<Word> words;
    for (Instruction& instruction : section) {
      instruction = random_instruction(random);
      const std::size_t before = words.size();
      append_encoded(instruction, words);
      ASSERT_EQ(words.size() - before, encoded_words(instruction));
    }
    std::size_t index = 0;
    std::string problem;
    for (const Instruction& instruction : section) {
      const auto decoded = decode(words.data(), words.size(), index, problem);
      ASSERT_TRUE(decoded) << problem;
      ASSERT_EQ(*decoded, instruction);
    }
    ASSERT_EQ(index, words.size());
  }
}

// Whatever decodes encodes to the same words: no two encodings of one instruction, no bit without a meaning.
TEST(Encoding, EveryWordThatDecodesIsTheOnlyOneForItsMeaning) {
  std::mt19937 random(2);
  int decoded_words = 0;
  for (int trial = 0; trial < 200000; ++trial) {
    std::vector<Word> words;
    append_encoded(random_instruction(random), words);
    for (int change = 0; change < 1 + trial % 2; ++change) {
      words[random() % words.size()][random() % 32] ^= static_cast<std::uint8_t>(1u << random() % 8);
    }
    std::size_t index = 0;
    std::string problem;
    const auto decoded = decode(words.data(), words.size(), index, problem);
    if (!decoded) {
      EXPECT_EQ(index, 0u);
      EXPECT_FALSE(problem.empty());
      continue;
    }
    ++decoded_words;
    std::vector<Word> again;
    append_encoded(*decoded, again);
    words.resize(index);
    ASSERT_EQ(again, words);
  }
  EXPECT_GT(decoded_words, 100000);
}

TEST(Encoding, LayoutIsTheTableOfThePage) {
  Instruction instruction;
  instruction.opcode = Opcode::multiply;
  instruction.flags = multiply_initialize;
  instruction.parameter_mask = parameter_delay | parameter_immediate1;
  instruction.delay = 0x04030201;
  instruction.operand = {0x1211, 0x1413, 0x1615, 0x1817};
  instruction.tensor = {0x2221, 0x2423, 0x2625, 0x2827};
  instruction.immediate = {0x34333231, 0x38373635};
  instruction.loops = {{0x4241, 0x46454443, {0x4847, 0x4a49, 0x4c4b, 0x4e4d}, 5}};
  std::vector<Word> words;
  append_encoded(instruction, words);
  const Word operation = {16,   1,    0x41, 0,    1,    2,    3,    4,    0x11, 0x12, 0x13,
                          0x14, 0x15, 0x16, 0x17, 0x18, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26,
                          0x27, 0x28, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38};
  const Word loop = {3, 1, 5, 0, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e};
  EXPECT_EQ(words, (std::vector<Word>{operation, loop}));
}

struct Malformed {
  const char* what;
  std::vector<std::vector<int>> words;  // the first bytes; the others are 0
};

TEST(Encoding, MalformedWordsAreRefused) {
  std::vector<int> full_loop(32, 0);
  full_loop[0] = 3, full_loop[1] = 2, full_loop[4] = 1, full_loop[18] = 1;
  std::vector<int> padded_loop = {3, 1, 0, 0, 1};
  padded_loop.resize(32, 0);
  padded_loop[18] = 1;
  const std::vector<Malformed> cases = {
      {"opcode 0", {{0}}},
      {"unknown opcode", {{17}}},
      {"unknown opcode", {{255}}},
      {"a loop without operation", {{3, 1, 0, 0, 1}}},
      {"reserved byte 3", {{16, 0, 0, 1}}},
      {"reserved bit of the parameter mask", {{16, 0, 0x80}}},
      {"unknown flag of multiply", {{16, 4}}},
      {"unknown flag of send", {{64, 2}}},
      {"flags of an operation without flags", {{80, 1}}},
      {"flags of end", {{1, 1}}},
      {"no lanes", {{48, 0x00}}},
      {"three lanes", {{48, 0x30}}},
      {"three lanes", {{112, 0x30}}},
      {"loop of no levels", {{16}, {3, 0}}},
      {"loop of three levels", {{16}, {3, 3}}},
      {"reserved bits of a loop's parameter mask", {{16}, {3, 1, 0x40, 0, 1}}},
      {"parameter mask of an unused level", {{16}, {3, 1, 0, 1, 1}}},
      {"unused level set", {{16}, padded_loop}},
      {"loop word after a half full one", {{16}, {3, 1, 0, 0, 1}, {3, 1, 0, 0, 1}}},
      {"ten loops", {{16}, full_loop, full_loop, full_loop, full_loop, full_loop}},
  };
  for (const Malformed& malformed : cases) {
    std::vector<Word> words;
    for (const auto& bytes : malformed.words) {
      Word& word = words.emplace_back();
      word.fill(0);
      for (std::size_t i = 0; i < bytes.size(); ++i) word[i] = static_cast<std::uint8_t>(bytes[i]);
    }
    std::size_t index = 0;
    std::string problem;
    EXPECT_FALSE(decode(words.data(), words.size(), index, problem)) << malformed.what;
    EXPECT_FALSE(problem.empty()) << malformed.what;
    EXPECT_EQ(index, 0u) << malformed.what;
  }
  std::size_t index = 0;
  std::string problem;
  EXPECT_FALSE(decode(nullptr, 0, index, problem));
}

TEST(Encoding, OpcodesAreDifferentNamedAndOfOneThread) {
  std::set<std::string> names;
  for (int code = 0; code < 256; ++code) {
    const char* text = name(static_cast<Opcode>(code));
    if (text != nullptr) {
      EXPECT_TRUE(names.insert(text).second) << text;
    }
  }
  EXPECT_EQ(names.size(), operations.size() + 1);  // and `loop`
  for (const Opcode opcode : operations) {
    EXPECT_EQ(thread_of(opcode).has_value(), opcode != Opcode::end && opcode != Opcode::switch_program);
  }
}

TEST(Encoding, ModesRoundTripAndFillTheirBits) {
  std::mt19937 random(3);
  for (int trial = 0; trial < 1000; ++trial) {
    const std::uint32_t raw = random();
    const std::uint32_t multiply = encode(decode_multiply_mode(raw));
    EXPECT_EQ(multiply, raw & 0x0ff1ffffu);
    EXPECT_EQ(encode(decode_vector_mode(raw)), raw & 0x00ffffffu);
    EXPECT_EQ(encode(decode_vector_parts(raw)), raw & 0xffu);
    EXPECT_EQ(encode(decode_pass_mode(raw)), raw & 0x1ffu);
    EXPECT_EQ(encode(decode_lane_range(raw & 255)), raw & 255);
  }
  const PassMode pass = decode_pass_mode(encode(PassMode{Direction::west, Direction::south, false}));
  EXPECT_EQ(pass.in, Direction::west);
  EXPECT_EQ(pass.out, Direction::south);
  EXPECT_FALSE(pass.local);
}

TEST(Encoding, NarrowElementsOfMultiply) {
  for (const std::uint8_t activation_bits : {8, 4, 2}) {
    for (const std::uint8_t weight_bits : {8, 4, 2}) {
      const MultiplyMode mode = decode_multiply_mode(encode(MultiplyMode{1, 2, false, activation_bits, weight_bits}));
      EXPECT_EQ(mode.activation_bits, activation_bits);
      EXPECT_EQ(mode.weight_bits, weight_bits);
      EXPECT_FALSE(mode.activation_signed);
    }
  }
  EXPECT_EQ(encode(MultiplyMode{3, 5, true, 4, 2}), 0x02410503u);
}

TEST(Encoding, PartsOfAVectorEvent) {
  for (std::uint32_t raw = 0; raw < 256; ++raw) {
    const VectorParts parts = decode_vector_parts(raw);
    EXPECT_EQ(encode(parts), raw);
    EXPECT_EQ(decode_vector_parts(encode(parts)), parts);
  }
  EXPECT_EQ(encode(VectorParts{2, 1, 3, true, false}), 2u | 1u << 2 | 3u << 4 | 1u << 6);
  EXPECT_EQ(encode(VectorParts{0, 0, 0, false, true}), 1u << 7);
}

TEST(Encoding, Directory) {
  const std::array<std::uint16_t, thread_count> start = {1, 2, 300, 4, 65535, 6, 0, 8};
  EXPECT_EQ(decode_directory(encode_directory(start)), start);
}

VectorFunction add_function() {
  VectorFunction function;
  function.source = VectorSource::memory;
  function.operation = VectorOperation::add;
  function.second = VectorSecond::memory;
  function.reduction = VectorReduction::maximum;
  function.source_signed = false;
  function.source_zero = -3, function.second_zero = 7, function.output_zero = -128;
  function.middle_lowest = -9, function.middle_highest = 11, function.output_lowest = -128,
  function.output_highest = 127;
  function.kx = 0.25f, function.ky = -1.5f, function.alpha = 3, function.beta = 0.5f;
  return function;
}

TEST(VectorFunctionWords, RoundTrip) {
  const auto words = encode(add_function());
  EXPECT_EQ(decode_vector_function(words[0], words[1]), add_function());
  const auto plain = encode(VectorFunction{});
  EXPECT_EQ(decode_vector_function(plain[0], plain[1]), VectorFunction{});
}

TEST(VectorFunctionWords, WidthsRoundTrip) {
  for (const std::uint8_t source : {8, 4, 2}) {
    for (const std::uint8_t second : {8, 4, 2}) {
      for (const std::uint8_t output : {8, 4, 2}) {
        VectorFunction function = add_function();
        function.source_bits = source, function.second_bits = second, function.output_bits = output;
        const auto words = encode(function);
        EXPECT_EQ(decode_vector_function(words[0], words[1]), function);
      }
    }
  }
  VectorFunction function = add_function();
  function.second_bits = 4, function.output_bits = 2;
  EXPECT_EQ(encode(function)[0][6], 1 << 2 | 2 << 4);
}

TEST(VectorFunctionWords, EverySingleBitMattersOrIsRefused) {
  const auto words = encode(add_function());
  for (std::size_t bit = 0; bit < 512; ++bit) {
    auto changed = words;
    changed[bit / 256][bit / 8 % 32] ^= static_cast<std::uint8_t>(1u << bit % 8);
    const auto decoded = decode_vector_function(changed[0], changed[1]);
    if (decoded) {
      EXPECT_EQ(encode(*decoded), changed) << "bit " << bit;
    }
  }
}

TEST(VectorFunctionWords, WhatHasNoMeaningIsRefused) {
  const auto refused = [](auto change) {
    VectorFunction function = add_function();
    change(function);
    const auto words = encode(function);
    return !decode_vector_function(words[0], words[1]);
  };
  EXPECT_FALSE(refused([](VectorFunction&) {}));
  EXPECT_TRUE(refused([](VectorFunction& f) { f.second = VectorSecond::none; }));
  EXPECT_TRUE(refused([](VectorFunction& f) { f.operation = VectorOperation::scale; }));
  EXPECT_TRUE(refused([](VectorFunction& f) { f.source = VectorSource::partial_sum; }));
  EXPECT_TRUE(refused([](VectorFunction& f) { f.output_lowest = 128; }));
  EXPECT_TRUE(refused([](VectorFunction& f) { f.middle_highest = -10; }));
  EXPECT_TRUE(refused([](VectorFunction& f) { f.source_bits = 3; }));
  EXPECT_TRUE(refused([](VectorFunction& f) { f.second_bits = 1; }));
  EXPECT_TRUE(refused([](VectorFunction& f) { f.output_bits = 16; }));
  const auto of_constant = [](VectorFunction& f) { f.second = VectorSecond::constant; };
  EXPECT_FALSE(refused(of_constant));
  EXPECT_TRUE(refused([&](VectorFunction& f) { of_constant(f), f.second_bits = 4; }));
  const auto of_sum = [](VectorFunction& f) {
    f.source = VectorSource::partial_sum, f.reduction = VectorReduction::none;
  };
  EXPECT_FALSE(refused(of_sum));
  EXPECT_TRUE(refused([&](VectorFunction& f) { of_sum(f), f.source_bits = 2; }));
  EXPECT_FALSE(refused([&](VectorFunction& f) { of_sum(f), f.output_bits = 2; }));
  EXPECT_TRUE(refused([](VectorFunction& f) { f.operation = static_cast<VectorOperation>(10); }));
}

}  // namespace
}  // namespace northpole::isa
