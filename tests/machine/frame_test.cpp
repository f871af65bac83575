#include "machine/frame.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <set>
#include <tuple>

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

// Words of `frames` frames of blocks x height x width.
program::FrameLayout sized(std::uint32_t blocks, std::uint32_t height, std::uint32_t width, std::uint32_t frames) {
  program::FrameLayout layout;
  layout.base = 5;
  layout.blocks = blocks;
  layout.height = height;
  layout.width = width;
  layout.frames = frames;
  return layout;
}

// Channels one after another, one position a word.
program::FrameLayout plain(std::uint32_t bits, std::uint32_t channels, std::uint32_t frames, bool is_signed) {
  const std::uint32_t lanes = 256 / bits;
  program::FrameLayout layout = sized((channels + lanes - 1) / lanes, 2, 3, frames);
  layout.bits = static_cast<std::uint8_t>(bits);
  layout.is_signed = is_signed;
  layout.channels = channels;
  layout.tensor_height = 2;
  layout.tensor_width = 3;
  for (std::uint32_t entry = 0; entry < layout.blocks * lanes; ++entry)
    layout.channel.push_back(entry < channels ? static_cast<int>(entry) : -1);
  layout.offset_y.resize(layout.channel.size());
  layout.offset_x.resize(layout.channel.size());
  return layout;
}

// 11 rows of positions over four rows of the array: three each by default, as many as the layout says otherwise, and in
// the last row of the array what is left.
TEST(Frame, RowsLieWhereTheLayoutSays) {
  program::FrameLayout layout = sized(2, 11, 3, 2);
  layout.frame_rows = 4;
  for (const auto& [part, rows_of, largest] :
       {std::tuple(0U, std::array{3, 3, 3, 2}, 3U), std::tuple(2U, std::array{2, 2, 2, 5}, 5U),
        std::tuple(4U, std::array{4, 4, 3, 0}, 4U), std::tuple(99U, std::array{11, 0, 0, 0}, 11U)}) {
    layout.part = part;
    EXPECT_EQ(program::words_of_frame_in_row(layout, 4), largest * 6U) << part;
    std::set<std::pair<std::uint32_t, std::uint64_t>> places;
    std::array<int, 4> words{};
    for (std::uint64_t word = 0; word < program::frame_words(layout); ++word) {
      const program::FramePlace place = program::frame_place(layout, 4, word);
      ASSERT_LT(place.row, 4U);
      ASSERT_GE(place.address, layout.base);
      ASSERT_LT(place.address, layout.base + program::frame_words_of_row(layout, 4));
      EXPECT_TRUE(places.emplace(place.row, place.address).second) << part << ": " << word;
      ++words[place.row];
    }
    for (std::size_t row = 0; row < 4; ++row) EXPECT_EQ(words[row], rows_of[row] * 2 * 3 * 2) << part << ": " << row;
  }
}

TEST(Frame, NarrowElementsOfSeveralFrames) {
  std::mt19937 random(5);
  for (const std::uint32_t bits : {8u, 4u, 2u}) {
    for (const bool is_signed : {false, true}) {
      const std::uint32_t lanes = 256 / bits, channels = lanes + 7, frames = 3;
      program::FrameLayout frame = plain(bits, channels, frames, is_signed);
      frame.padding = 0xfe;  // its lowest bits: 14 of 4 bit, 2 of 2
      std::vector<std::uint8_t> codes(frames * channels * 6);
      const int lowest = is_signed ? -(1 << (bits - 1)) : 0;
      for (std::uint8_t& code : codes)
        code = static_cast<std::uint8_t>(lowest + static_cast<int>(random() % (1u << bits)));
      const std::vector<isa::Word> words = pack_frame(frame, codes);
      ASSERT_EQ(words.size(), frames * 2 * 6);
      EXPECT_EQ(frame_words(frame), words.size());
      for (std::size_t f = 0; f < frames; ++f) {
        for (std::size_t entry = 0; entry < 2 * lanes; ++entry) {
          for (std::size_t position = 0; position < 6; ++position) {
            const isa::Word& word = words[(f * 2 + entry / lanes) * 6 + position];
            const std::size_t bit = entry % lanes * bits;
            const unsigned found = word[bit / 8] >> (bit % 8) & ((1u << bits) - 1);
            const unsigned code = entry < channels ? codes[(f * channels + entry) * 6 + position] : frame.padding;
            ASSERT_EQ(found, code & ((1u << bits) - 1)) << bits << " " << f << " " << entry << " " << position;
          }
        }
      }
      EXPECT_EQ(unpack_frame(frame, words), codes);
      EXPECT_THROW(pack_frame(frame, std::vector<std::uint8_t>(codes.size() / 3)), Error);
    }
  }
}

TEST(Frame, FramesLieInGroupsOfRows) {
  // Five rows of positions over two rows of the array: three behind the first, two behind the second.
  program::FrameLayout frame = sized(2, 5, 3, 5);
  frame.frame_rows = 2;
  const auto word = [](std::uint32_t f, std::uint32_t block, std::uint32_t i, std::uint32_t j) {
    return ((f * 2 + block) * 5 + i) * 3 + j;
  };
  const auto place = [&](std::uint32_t w) {
    const program::FramePlace found = program::frame_place(frame, 5, w);
    return std::pair(found.row, found.address);
  };
  using Place = std::pair<std::uint32_t, std::uint64_t>;
  EXPECT_EQ(place(word(0, 0, 0, 0)), Place(0, 5));
  EXPECT_EQ(place(word(0, 1, 2, 1)), Place(0, 5 + (2 * 3 + 1) * 2 + 1));
  EXPECT_EQ(place(word(0, 1, 3, 1)), Place(1, 5 + 1 * 2 + 1));
  EXPECT_EQ(place(word(1, 1, 3, 1)), Place(3, 5 + 1 * 2 + 1));       // the second group of two rows; row 4 has none
  EXPECT_EQ(place(word(2, 1, 3, 1)), Place(1, 5 + 18 + 1 * 2 + 1));  // the first again, behind the first frame
  EXPECT_EQ(place(word(4, 0, 0, 0)), Place(0, 5 + 2 * 18));
  frame.split_by_block = true;
  EXPECT_EQ(place(word(3, 1, 4, 2)), Place(3, 5 + 15 + 4 * 3 + 2));
}

TEST(Frame, EveryWordHasAPlaceOfItsOwnWhereAFrameFits) {
  chip::ChipDescription chip;
  chip.rows = 5;
  for (const std::uint32_t frames : {1u, 2u, 3u, 7u}) {
    for (const std::uint32_t frame_rows : {0u, 1u, 2u, 5u}) {
      for (const bool split_by_block : {false, true}) {
        program::FrameLayout frame = sized(3, 7, 2, frames);
        frame.frame_rows = frame_rows;
        frame.split_by_block = split_by_block;
        std::set<std::pair<std::uint32_t, std::uint64_t>> places;
        std::uint64_t end = 0;
        for (std::uint64_t w = 0; w < frame_words(frame); ++w) {
          const program::FramePlace place = program::frame_place(frame, chip.rows, w);
          EXPECT_LT(place.row, chip.rows);
          EXPECT_GE(place.address, frame.base);
          EXPECT_TRUE(places.emplace(place.row, place.address).second);
          end = std::max(end, place.address + 1);
        }
        const std::uint64_t fullest = frame.base + program::frame_words_of_row(frame, chip.rows);
        EXPECT_LE(end, fullest);
        chip.frame_words_per_row = static_cast<std::uint32_t>(fullest);
        EXPECT_TRUE(program::frame_fits(frame, chip));
        --chip.frame_words_per_row;
        EXPECT_FALSE(program::frame_fits(frame, chip));
      }
    }
  }
}

TEST(Frame, NoNumbersAreTooLargeToBeRefused) {
  const std::uint32_t most = 0xffffffff;
  for (const std::uint32_t frames : {0u, 1u, most}) {
    for (const std::uint32_t width : {0u, 1u, most}) {
      for (const bool split_by_block : {false, true}) {
        program::FrameLayout frame = sized(most, most, width, frames);
        frame.split_by_block = split_by_block;
        EXPECT_EQ(program::frame_fits(frame, {}), width == 0) << frames << " " << width;
      }
    }
  }
  program::FrameLayout frame = sized(1, 1, 1, most);
  EXPECT_FALSE(program::frame_fits(frame, {}));
  frame.frames = 1;
  frame.frame_rows = 17;
  EXPECT_FALSE(program::frame_fits(frame, {}));
}

}  // namespace
}  // namespace northpole::machine
