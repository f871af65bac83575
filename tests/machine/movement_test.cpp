// Where words go: memories, the activation network, the frame buffer.
#include <gmock/gmock.h>

#include "machine/frame.h"
#include "machine_fixture.h"
#include "network/error.h"

namespace northpole {
namespace {

using namespace northpole::tests;
constexpr std::uint16_t bank = 256, own = 5;

TEST(Movement, CopiesByStride) {
  ProgramBuilder b;
  b.image(0, 3, 1, 4);
  b.at(5, 0, repeat(4, 3, {1, -1, 0, 0}, copy({3}, {bank + 13, own})));
  const auto words = words_after(b.build(), 15, 0, bank + 10, 4, own);
  for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(words[i], image_word(0, 6 - i));
}

// From the middle of 5 x 5 to columns 0, 2 and 3 and rows 0, 1 and 4: every receiver listens in exactly its own cycle.
TEST(Movement, MulticastReachesEveryCoreAfterItsHops) {
  ProgramBuilder b(small_chip(5, 5));
  const std::uint32_t sender = 2 * 5 + 2, columns = 0b01101, rows = 0b10011;
  b.image(sender, 0, 1, 1);
  b.at(20, sender, send({0}, columns, rows));
  for (std::uint32_t row = 0; row < 5; ++row) {
    for (std::uint32_t column = 0; column < 5; ++column) {
      if (!(columns >> column & 1) || !(rows >> row & 1)) continue;
      const int hops = std::abs(static_cast<int>(row) - 2) + std::abs(static_cast<int>(column) - 2);
      b.at(static_cast<std::uint64_t>(21 + hops), row * 5 + column, receive({7, own}));
    }
  }
  const auto program = b.build();
  for (const std::uint32_t core : {0u, 2u, 3u, 5u, 7u, 8u, 20u, 22u, 23u}) {
    EXPECT_EQ(words_after(program, 30, core, 7, 1, own)[0], image_word(sender, 0)) << core;
  }
}

TEST(Movement, ASenderMayBeItsOwnReceiver) {
  ProgramBuilder b;
  b.image(0, 0, 1, 1);
  b.at(5, 0, send({0}, 1, 1));
  b.at(6, 0, receive({bank, own}));
  EXPECT_EQ(words_after(b.build(), 6, 0, bank, 1, own)[0], image_word(0, 0));
}

// Input frame -> edge unit -> core -> edge unit -> output frame, through Chip's three commands.
TEST(Movement, FramesGoInAndOutThroughTheEdgeUnits) {
  ProgramBuilder b(small_chip(2, 3));
  b.input_frame(3, 4, 4);  // words 0, 2 behind row 0, words 1, 3 behind row 1, from address 4 on
  b.output_frame(6, 20, 4);
  for (std::uint32_t row = 0; row < 2; ++row) {
    const std::uint32_t core = row * 3 + 2;
    b.edge_send(10, row, repeat(2, 1, {1, 0, 0, 0}, send({4, 3}, 1u << 2, 1u << row)));
    b.at(10 + 2 + 2, core, repeat(2, 1, {0, 0, 0, 1}, receive({0, own})));
    b.at(20, core, repeat(2, 1, {1, 0, 0, 0}, send_west({0, own})));
    b.edge_receive(20 + 1 + 2 + 1, row, repeat(2, 1, {0, 0, 0, 1}, receive({20, 6})));
  }
  const auto program = b.build();
  Chip chip(program.chip, EngineKind::step);
  chip.configure(program);
  for (const int seed : {1, 2}) {  // a second run begins anew
    std::vector<std::uint8_t> codes(4 * 32);
    for (std::size_t i = 0; i < codes.size(); ++i)
      codes[i] = static_cast<std::uint8_t>(i * static_cast<std::size_t>(seed) * 7 + 1);
    chip.write_input(codes);
    const auto result = chip.run_network();
    ASSERT_FALSE(result.fault) << to_text(*result.fault);
    EXPECT_EQ(chip.read_output(), codes);
    EXPECT_EQ(result.statistics.edge_sends, 4u + 2u);  // and an `end` for each row
  }
}

TEST(Chip, RefusesWhatItCannotDo) {
  ProgramBuilder b;
  const auto program = b.build();
  chip::ChipDescription other = program.chip;
  other.vmm_latency = 5;
  Chip chip(other, EngineKind::step);
  EXPECT_THAT([&] { chip.configure(program); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("'vmm_latency' is 4")));
  EXPECT_THROW(chip.run_network(), Error);
  EXPECT_THROW(chip.read_output(), Error);
  Chip fitting(program.chip, EngineKind::step);
  fitting.configure(program);
  EXPECT_THROW(fitting.read_output(), Error);  // not run yet
  EXPECT_THROW(fitting.write_input({1, 2, 3}), Error);
  EXPECT_FALSE(fitting.run_network().fault);
  EXPECT_THROW(fitting.read_output(), Error);  // has none
  other.rows = 0;
  EXPECT_THROW(Chip{other}, Error);
}

// What an observer is told about a tensor that is not where its location says.
TEST(Observer, TellsWhatIsWrongWithATensor) {
  ProgramBuilder b;
  b.image(0, 0, 1, 4);
  auto program = b.build();
  program::TensorLocation location;
  location.tag = 1;
  location.cycle = 3;
  location.channels = 64, location.height = 1, location.width = 2;
  location.pieces = {{0, 0, 0, 1, 0, 2, 0, 2, 0, 2}};
  const auto problem = [&](const program::TensorLocation& asked) {
    program.locations = {asked};
    Chip chip(program.chip, EngineKind::step);
    chip.configure(program);
    std::string text = "not shown";
    chip.run_network([&](const machine::TensorSnapshot& snapshot) { text = snapshot.problem; });
    return text;
  };
  EXPECT_EQ(problem(location), "");
  auto changed = location;
  changed.tag = 2;
  EXPECT_THAT(problem(changed), testing::HasSubstr("address 0 of core 0 holds"));
  changed = location;
  changed.pieces[0].x1 = 1;
  EXPECT_THAT(problem(changed), testing::HasSubstr("in no piece"));
  changed = location;
  changed.pieces.push_back({0, 1, 0, 1, 0, 1, 0, 1, 0, 2});
  EXPECT_THAT(problem(changed), testing::HasSubstr("differ"));
  changed = location;
  changed.pieces[0].base = 10;
  EXPECT_THAT(problem(changed), testing::HasSubstr("nothing"));
}

}  // namespace
}  // namespace northpole
