#include "machine/frame.h"

#include <gtest/gtest.h>

#include "network/error.h"

namespace northpole::machine {
namespace {

// Two channels of 3 x 4, two positions a word by an offset, a step of two down and across, padding around.
program::FrameLayout layout() {
  program::FrameLayout layout;
  layout.tensor = "input";
  layout.blocks = 1;
  layout.height = 2;
  layout.width = 3;
  layout.step_y = 2;
  layout.step_x = 2;
  layout.channel.assign(32, -1);
  layout.offset_y.assign(32, 0);
  layout.offset_x.assign(32, 0);
  std::size_t lane = 0;
  for (const int y : {-1, 0}) {
    for (const int x : {-1, 0}) {
      for (const int channel : {0, 1}) {
        layout.channel[lane] = channel;
        layout.offset_y[lane] = y;
        layout.offset_x[lane++] = x;
      }
    }
  }
  layout.padding = 200;
  layout.channels = 2;
  layout.tensor_height = 3;
  layout.tensor_width = 4;
  return layout;
}

TEST(Frame, PacksByTheLayoutsRule) {
  const program::FrameLayout input = layout();
  std::vector<std::uint8_t> codes(24);
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::uint8_t>(i + 1);
  const std::vector<isa::Word> words = pack_frame(input, codes);
  ASSERT_EQ(words.size(), 6u);
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 3; ++j) {
      for (std::size_t lane = 0; lane < 32; ++lane) {
        const int channel = input.channel[lane], y = 2 * i + input.offset_y[lane], x = 2 * j + input.offset_x[lane];
        const bool inside = channel >= 0 && y >= 0 && y < 3 && x >= 0 && x < 4;
        const int expected = inside ? (channel * 3 + y) * 4 + x + 1 : 200;
        EXPECT_EQ(words[static_cast<std::size_t>(i * 3 + j)][lane], expected) << i << " " << j << " " << lane;
      }
    }
  }
  EXPECT_EQ(unpack_frame(input, words), codes);
}

TEST(Frame, WrongSizesAreRefused) {
  EXPECT_THROW(pack_frame(layout(), std::vector<std::uint8_t>(23)), Error);
  EXPECT_THROW(unpack_frame(layout(), std::vector<isa::Word>(5)), Error);
  program::FrameLayout cut = layout();
  cut.height = 1;  // the last row of elements is in no word
  EXPECT_THROW(unpack_frame(cut, std::vector<isa::Word>(3)), Error);
  cut = layout();
  cut.channel.pop_back();
  EXPECT_THROW(pack_frame(cut, std::vector<std::uint8_t>(24)), Error);
  cut = layout();
  cut.channel[0] = 2;
  EXPECT_THROW(pack_frame(cut, std::vector<std::uint8_t>(24)), Error);
}

}  // namespace
}  // namespace northpole::machine
