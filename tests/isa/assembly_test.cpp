// Assembly text: what a person reads is what the instruction says.
#include "isa/assembly.h"

#include <gtest/gtest.h>

#include "support/instructions.h"

namespace northpole::isa {
namespace {

using namespace northpole::tests;

std::string tensor_name(std::uint16_t tag) { return tag == 5 ? "stem" : "tensor " + std::to_string(tag); }

TEST(Assembly, LoopsThenTheOperation) {
  auto product = multiply({288, 5}, 3, 0, true, true);
  product.immediate[0] = encode(MultiplyMode{1, 2, false, 8, 8});
  product.delay = 3;
  const auto nest = repeat(7, 112, {56, 0, 0, 0}, repeat(112, 1, {1, 0, 1, 0}, product));
  EXPECT_EQ(assembly(nest, tensor_name),
            "+3 loop 7 every 112: activation +56\n"
            "  loop 112 every 1: activation +1, sum +1\n"
            "    multiply activation 288 \"stem\", block 3, sum 0; activations unsigned; start the sum at the first "
            "trip of loop "
            "0; release the block at the last trip of loop 1");
  EXPECT_EQ(assembly_line(repeat(2, 4, {0, -1, 0, 0}, receive_weights(64, {0, 4}, 0x03020100))),
            "loop 2 every 4: weight word -1 | receive_weights weight word 64 from lanes 0..3, skews 0 1 2 3");
}

TEST(Assembly, Operations) {
  const std::vector<std::pair<Instruction, std::string>> cases = {
      {end(), "end"},
      {switch_program(), "switch_program"},
      {send({10, 5}, 0xf2, 0x1), "send source 10 \"stem\" to columns 1, 4..7 of rows 0"},
      {send_west({10, 5}), "send source 10 \"stem\" to the west edge"},
      {send_weights({10, 5}, {2, 1}, 0xffffffff, 0x8001),
       "send_weights source 10 \"stem\" on lane 2 to columns 0..31 of rows 0, 15"},
      {receive({9, 5}), "receive target 9 \"stem\""},
      {copy({1, 5}, {2, 6}), "copy source 1 \"stem\", target 2 \"tensor 6\""},
      {parameters({1, 5}, 2), "parameters source 1 \"stem\", group 2"},
      {receive_program(12), "receive_program program word 12"},
      {constants({4, 5}, 7), "constants source 4 \"stem\", register 7"},
      {vector_of_sum(3, 4, 2, {77, 5}), "vector sum 3, constants 4, output 77 \"stem\"; function 2"},
      {pass(4, {Direction::west, Direction::east, true}), "pass sum 4; from west; own sum; to east"},
      {pass(4, {Direction::north, Direction::none, false}), "pass sum 4; from north; keep"},
  };
  for (const auto& [instruction, text] : cases) EXPECT_EQ(assembly(instruction, tensor_name), text);
}

TEST(Assembly, NarrowElements) {
  auto product = multiply({288, 5}, 3, 0, true, false);
  product.immediate[0] = encode(MultiplyMode{0, 0, false, 4, 2});
  EXPECT_EQ(
      assembly(product, tensor_name),
      "multiply activation 288 \"stem\", block 3, sum 0; activations 4 bit unsigned, weights 2 bit; start the sum "
      "always");
  product.immediate[0] = encode(MultiplyMode{0, 0, true, 8, 4});
  EXPECT_EQ(assembly(product, tensor_name),
            "multiply activation 288 \"stem\", block 3, sum 0; activations 8 bit, weights 4 bit; start the sum always");
  auto vector = vector_of_sum(3, 4, 2, {77, 5});
  vector.immediate[1] = encode(VectorParts{1, 0, 3, true, true});
  const std::string start = "vector sum 3, constants 4, output 77 \"stem\"; function 2";
  EXPECT_EQ(assembly(vector, tensor_name), start + "; second part 3; output part 1, first, rest");
  vector.immediate[1] = encode(VectorParts{0, 2, 0, false, false});
  EXPECT_EQ(assembly(vector, tensor_name), start + "; source part 2");
  vector.immediate[1] = 6;
  vector.parameter_mask = parameter_immediate1;
  EXPECT_EQ(assembly(vector, tensor_name), start + "; parts p6");
}

TEST(Assembly, ParametersByNumber) {
  auto instruction = repeat(5, 6, {0, 0, 0, 7}, receive({9, 5}));
  instruction.parameter_mask = parameter_delay | parameter_d;
  instruction.delay = 2;
  instruction.loops[0].parameter_mask = 1 | 2 | 32;
  EXPECT_EQ(assembly_line(instruction, tensor_name), "+p2 loop p5 every p6: target +p7 | receive target p9 \"stem\"");
}

TEST(Assembly, Sections) {
  std::vector<Word> words(2);
  append_encoded(repeat(3, 1, {0, 0, 0, 1}, receive({9, 5})), words);
  append_encoded(end(), words);
  append_encoded(receive({9, 5}), words);
  EXPECT_EQ(section_assembly(words.data(), words.size(), 2, tensor_name),
            "    2  loop 3 every 1: target +1\n"
            "         receive target 9 \"stem\"\n"
            "    4  end\n");
  EXPECT_EQ(section_assembly(words.data(), words.size(), 0, tensor_name), "    0  ? unknown opcode 0\n");
}

}  // namespace
}  // namespace northpole::isa
