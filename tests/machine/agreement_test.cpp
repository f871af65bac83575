// The simulator and the verifier, who share no code, on thousands of damaged programs: both must accept or both must
// reject.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "machine/frame.h"
#include "northpole/chip.h"
#include "support/furnished_builder.h"
#include "verify/verify.h"

namespace northpole {
namespace {

using namespace northpole::tests;
using F = FurnishedBuilder;
constexpr std::uint16_t own = 5, other = 6, frame_tag = 7;
constexpr std::uint16_t free1 = F::bank + F::free, free2 = 2 * F::bank + F::free, free3 = 3 * F::bank + F::free;

std::uint64_t hops(std::uint32_t from, std::uint32_t to) {
  return (from % 2 != to % 2 ? 1 : 0) + (from / 2 != to / 2 ? 1 : 0);
}

void frames_and_moves(F& b) {
  b.input_frame(frame_tag, 2, 6);
  b.output_frame(own, 30, 4);
  for (std::uint32_t row = 0; row < 2; ++row) {
    b.edge_send(20 + row, row, repeat(3, 1, {1, 0, 0, 0}, send({2, frame_tag}, 3, 1u << row)));
    b.edge_receive(142, row, repeat(2, 1, {0, 0, 0, 1}, receive({30, own})));
    b.at(140, row * 2, repeat(2, 1, {1, 0, 0, 0}, send_west({free1 + 4, own})));
  }
  for (std::uint32_t core = 0; core < 4; ++core) {
    b.at(20 + core / 2 + 2 + core % 2, core, repeat(3, 1, {0, 0, 0, 1}, receive({free3, own})));
    b.at(61 + hops(0, core), core, repeat(3, 1, {0, 0, 0, 1}, receive({free2, other})));
  }
}

void sums_and_vectors(F& b, std::uint32_t core) {
  auto product = multiply({free3, own}, 0, 3);
  isa::MultiplyMode mode;
  mode.initialize_mask = mode.release_mask = 1;
  product.immediate[0] = encode(mode);
  b.at(55, core, repeat(3, 1, {1, 0, 0, 0}, product));
  if (core % 2 == 0) {
    b.at(62, core, pass(3, {isa::Direction::none, isa::Direction::east, true}));
  } else {
    b.at(65, core, pass(3, {isa::Direction::west, isa::Direction::none, true}));
    b.at(68, core, vector_of_sum(3, F::constant_operands, F::sum_function, {free1, other}));
  }
  b.at(82, core, multiply({free2, other}, 1, 4));
  b.at(90, core, vector_of_sum(4, F::constant_operands, F::sum_function, {free1 + 1, other}));
  b.at(105, core, multiply({free2 + 1, other}, 2, 5));
  b.at(110, core, vector_of_sum(5, F::constant_operands, F::sum_function, {free1 + 2, other}));
  auto window = vector_of_memory({F::activations}, 0, F::maximum_function, {free1 + 4, own});
  window.immediate[0] = encode(isa::VectorMode{F::maximum_function, 2, 2});
  b.at(120, core, repeat(2, 3, {3, 0, 0, 1}, repeat(3, 1, {1, 0, 0, 0}, window)));
  auto add = vector_of_memory({F::activations}, 0, F::add_function, {free2 + 8, own});
  add.operand[isa::operand_b] = F::bank + F::activations, add.tensor[isa::operand_b] = F::image_tensor;
  b.at(134, core, repeat(2, 2, {1, 1, 0, 1}, add));
}

// 2 x 2 cores that do a little of everything: frames in and out, multicasts, weights for others and with skews,
// products, sums of neighbours, windows, second operands, parameters, copies.
program::Program busy_program() {
  F b(small_chip(2, 2));
  for (std::uint32_t core = 0; core < 4; ++core) {
    b.load_constants(0, core);
    b.boot_parameters(core, {1, 2, 3, 4, core, 6, 7, 8, 9});
    b.load_weights(40, core, 0);
  }
  b.at(60, 0, repeat(3, 1, {1, 0, 0, 0}, send({F::bank + F::activations}, 3, 3)));
  frames_and_moves(b);
  b.at(70, 0, repeat(8, 1, {1, 0, 0, 0}, send_weights({F::weights}, {0, 4}, 3, 3)));
  b.at(82, 3, repeat(8, 1, {1, 0, 0, 0}, send_weights({F::weights}, {0, 2}, 3, 3)));
  b.at(92, 3, repeat(8, 1, {1, 0, 0, 0}, send_weights({2 * F::bank + F::weights}, {2, 2}, 3, 3)));
  for (std::uint32_t core = 0; core < 4; ++core) {
    b.at(71 + hops(0, core), core, repeat(8, 1, {0, 4, 0, 0}, receive_weights(32, {0, 4})));
    b.at(83 + hops(3, core), core, repeat(8, 1, {0, 4, 0, 0}, receive_weights(64, {0, 4}, 0x0a0a0000)));
    sums_and_vectors(b, core);
    b.at(160, core, repeat(3, 1, {1, 1, 0, 0}, copy({free3, own}, {F::free, other})));
  }
  return b.build();
}

machine::RunResult simulated(const program::Program& program) {
  Chip chip(program.chip, EngineKind::step);
  chip.configure(program);
  chip.write_input_words(std::vector<isa::Word>(machine::frame_words(program.input)));
  return chip.run_network();
}

// Changes one program word everywhere where the core has it: in the boot program and in the image.
void change_word(program::Program& program, std::uint32_t core, const isa::Word& from, const isa::Word& to) {
  for (program::Boot& boot : program.boot) {
    if (boot.core == core) std::replace(boot.program.begin(), boot.program.end(), from, to);
  }
  for (program::ImageSection& section : program.image) {
    if (section.core == core && section.tensor == ProgramBuilder::program_tensor)
      std::replace(section.words.begin(), section.words.end(), from, to);
  }
}

std::uint16_t nudged(std::uint16_t value, std::mt19937& random) {
  constexpr int steps[] = {-1, 1, -2, 2, -8, 8, 64, 256, -256};
  return static_cast<std::uint16_t>(value + steps[random() % std::size(steps)]);
}

// A word that a careless compiler might have written: one field of the operation or loop a little off, sometimes any
// bit.
isa::Word damaged(const isa::Word& word, std::mt19937& random) {
  std::vector<isa::Word> words{word};
  std::size_t index = 0;
  std::string problem;
  isa::Word result = word;
  const auto flip = [&] { result[random() % 32] ^= static_cast<std::uint8_t>(1u << random() % 8); };
  auto instruction = isa::decode(words.data(), 1, index, problem);
  if (random() % 5 == 0) {
    flip();
    return result;
  }
  if (!instruction) {
    // A loop word (or a directory): 16-bit fields at even places.
    const std::size_t at = 2 * (random() % 16);
    const auto value = nudged(static_cast<std::uint16_t>(result[at] | result[at + 1] << 8), random);
    result[at] = static_cast<std::uint8_t>(value);
    result[at + 1] = static_cast<std::uint8_t>(value >> 8);
    return result;
  }
  switch (random() % 6) {
    case 0:
      instruction->delay =
          static_cast<std::uint32_t>(std::max(0, static_cast<int>(instruction->delay) + (random() % 2 ? 1 : -1)));
      break;
    case 1: {
      auto& operand = instruction->operand[random() % 4];
      operand = nudged(operand, random);
      break;
    }
    case 2:
      instruction->tensor[random() % 4] ^= 1;
      break;
    case 3:
      instruction->immediate[random() % 2] ^= 1u << random() % 20;
      break;
    case 4:
      instruction->flags ^= static_cast<std::uint8_t>(1u << random() % 6);
      break;
    case 5:
      instruction->parameter_mask ^= static_cast<std::uint8_t>(1u << random() % 7);
      break;
  }
  words.clear();
  isa::append_encoded(*instruction, words);
  return words[0];
}

class Agreement : public testing::TestWithParam<int> {};

TEST(AgreementOf, TheSoundProgram) {
  const program::Program program = busy_program();
  const auto run = simulated(program);
  ASSERT_FALSE(run.fault) << to_text(*run.fault);
  const auto verified = verify::verify(program);
  EXPECT_TRUE(verified.ok) << describe(*verified.fault);
  EXPECT_EQ(run.statistics.total_events(), verified.events);
}

TEST_P(Agreement, OnDamagedPrograms) {
  std::mt19937 random(static_cast<unsigned>(GetParam()));
  const program::Program sound = busy_program();
  std::map<std::string, int> kinds;
  int accepted = 0, same = 0, rejected = 0;
  for (int trial = 0; trial < 250; ++trial) {
    program::Program program = sound;
    const std::uint32_t core = random() % 4;
    std::string what;
    if (random() % 12 == 0) {
      program::Edge& edge = program.edges[random() % 2];
      auto& words = random() % 2 ? edge.send : edge.receive;
      isa::Word& word = words[random() % words.size()];
      word = damaged(word, random);
    } else if (random() % 12 == 0) {
      auto& parameters = program.boot[core].parameters;
      ++parameters[random() % parameters.size()];
    } else {
      const auto& boot = program.boot[core].program;
      const isa::Word from = boot[random() % boot.size()];
      change_word(program, core, from, damaged(from, random));
    }
    const auto run = simulated(program);
    const auto verified = verify::verify(program);
    ASSERT_EQ(!run.fault, verified.ok) << "trial " << trial
                                       << "\n simulator: " << (run.fault ? to_text(*run.fault) : "sound")
                                       << "\n verifier: " << (verified.fault ? describe(*verified.fault) : "sound");
    if (verified.ok) {
      ++accepted;
      continue;
    }
    ++rejected;
    ++kinds[machine::name(run.fault->kind)];
    same += std::string(machine::name(run.fault->kind)) == verify::name(verified.fault->kind) &&
            run.fault->cycle == verified.fault->cycle;
    EXPECT_EQ(run.fault->cycle, verified.fault->cycle)
        << "\n simulator: " << to_text(*run.fault) << "\n verifier: " << describe(*verified.fault);
  }
  RecordProperty("accepted", accepted);
  RecordProperty("rejected", rejected);
  RecordProperty("same_kind_and_cycle", same);
  for (const auto& [kind, count] : kinds) RecordProperty("rejected_as_" + std::string(kind), count);
  EXPECT_GT(rejected, 100);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Agreement, testing::Range(1, 9));

}  // namespace
}  // namespace northpole
