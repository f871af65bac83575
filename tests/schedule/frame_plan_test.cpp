#include "schedule/frame_plan.h"

#include <gmock/gmock.h>

#include "network/error.h"
#include "program/frame_place.h"

namespace northpole::schedule {
namespace {

program::FrameLayout layout(std::uint32_t blocks, std::uint32_t height, std::uint32_t width) {
  program::FrameLayout result;
  result.tensor = "x";
  result.blocks = blocks;
  result.height = height;
  result.width = width;
  return result;
}

// The pieces say where each word lies as the frame's own formula does, and hold each word once.
void expect_agreement(const program::FrameLayout& frame, const std::vector<Piece>& pieces,
                      const chip::ChipDescription& chip) {
  std::uint64_t words = 0;
  for (const Piece& piece : pieces) {
    EXPECT_TRUE(piece.edge);
    for (auto block = piece.region.block0; block < piece.region.block1; ++block)
      for (auto y = piece.region.y0; y < piece.region.y1; ++y)
        for (auto x = piece.region.x0; x < piece.region.x1; ++x, ++words) {
          const auto word =
              (static_cast<std::uint64_t>(block) * frame.height + static_cast<std::uint64_t>(y)) * frame.width +
              static_cast<std::uint64_t>(x);
          const program::FramePlace place = program::frame_place(frame, chip.rows, word);
          ASSERT_EQ(place.row, piece.place);
          ASSERT_EQ(place.address, piece.base + static_cast<std::uint32_t>(y - piece.region.y0) * piece.pitch_y +
                                       static_cast<std::uint32_t>(x) * piece.pitch_x +
                                       static_cast<std::uint32_t>(block - piece.region.block0));
        }
  }
  EXPECT_EQ(words, std::uint64_t{frame.blocks} * frame.height * frame.width);
}

TEST(FramePlan, PiecesFollowTheFramesFormula) {
  for (const std::uint32_t rows : {1, 3, 16}) {
    chip::ChipDescription chip;
    chip.rows = rows;
    FramePlan frames(chip, "net");
    std::uint64_t base = 0;
    for (auto frame : {layout(1, 224, 13), layout(32, 1, 1), layout(5, 2, 3), layout(3, 17, 4)}) {
      const auto pieces = frames.spread(frame);
      EXPECT_EQ(frame.base, base) << "frames lie one after another";
      base += program::frame_words_of_row(frame, rows);
      expect_agreement(frame, pieces, chip);
    }
  }
}

TEST(FramePlan, AFullFrameBufferSaysWhatLacks) {
  chip::ChipDescription chip;
  chip.rows = 2;
  chip.frame_words_per_row = 100;
  FramePlan frames(chip, "net");
  auto first = layout(1, 20, 9), second = layout(1, 4, 8);
  frames.spread(first);
  try {
    frames.spread(second);
    FAIL() << "106 words do not fit into 100";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("106 words"));
    EXPECT_THAT(error.what(), testing::HasSubstr("6 more"));
  }
}

}  // namespace
}  // namespace northpole::schedule
