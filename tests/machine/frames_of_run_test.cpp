// Several frames a run, of narrow elements: the way from codes to the frame buffer, through the array, and back.
#include <gmock/gmock.h>

#include <random>

#include "machine/frame.h"
#include "network/error.h"
#include "northpole/chip.h"
#include "program/program_file.h"
#include "support/echo_program.h"
#include "verify/verify.h"

namespace northpole::machine {
namespace {

using tests::echo_program;

TEST(FramesOfARun, AllGoInAndComeOutByBothEngines) {
  const program::Program program = echo_program();
  const verify::Result verified = verify::verify(program);
  EXPECT_TRUE(verified.ok) << (verified.fault ? verify::describe(*verified.fault) : "");
  std::mt19937 random(3);
  std::vector<std::uint8_t> codes(4 * 16);
  for (std::uint8_t& code : codes) code = static_cast<std::uint8_t>(static_cast<int>(random() % 16) - 8);
  for (const EngineKind kind : {EngineKind::step, EngineKind::fast}) {
    Chip chip(program.chip, kind);
    chip.configure(program);
    EXPECT_EQ(chip.engine(), kind);
    EXPECT_THROW(chip.write_input(std::vector<std::uint8_t>(16)), Error);
    chip.write_input(codes);
    const RunResult run = chip.run_network();
    ASSERT_FALSE(run.fault) << to_text(*run.fault);
    EXPECT_EQ(chip.read_output_words().size(), 4u);
    EXPECT_EQ(chip.read_output(), codes);
  }
}

TEST(FramesOfARun, TheProgramFileKeepsThem) {
  const program::Program program = program::parse(program::serialize(echo_program()), "echo.np");
  EXPECT_EQ(program.frames, 4u);
  Chip chip(program.chip, EngineKind::step);
  chip.configure(program);
  std::vector<std::uint8_t> codes(4 * 16);
  codes[3 * 16 + 5] = 6;
  chip.write_input(codes);
  ASSERT_FALSE(chip.run_network().fault);
  EXPECT_EQ(chip.read_output(), codes);
}

// A word that belongs to the last frame only is missed like any other.
TEST(FramesOfARun, AFrameThatNobodyWritesIsAFault) {
  program::Program program = echo_program();
  program.outputs[0].frames = 5;
  EXPECT_FALSE(verify::verify(program).ok);
  Chip chip(program.chip, EngineKind::step);
  chip.configure(program);
  chip.write_input(std::vector<std::uint8_t>(4 * 16));
  const RunResult run = chip.run_network();
  ASSERT_TRUE(run.fault);
  EXPECT_EQ(run.fault->kind, FaultKind::unwritten);
}

TEST(FramesOfARun, FramesBeyondTheBufferOrTheArrayAreAFault) {
  for (const bool too_many : {false, true}) {
    program::Program program = echo_program();
    if (too_many)
      program.outputs[0].frames = 2 * program.chip.frame_words_per_row;
    else
      program.outputs[0].frame_rows = 3;
    const verify::Result verified = verify::verify(program);
    ASSERT_TRUE(verified.fault);
    EXPECT_EQ(verified.fault->kind, program::FaultKind::address);
    Chip chip(program.chip, EngineKind::step);
    chip.configure(program);
    const RunResult run = chip.run_network();
    ASSERT_TRUE(run.fault);
    EXPECT_EQ(run.fault->kind, FaultKind::address);
  }
}

}  // namespace
}  // namespace northpole::machine
