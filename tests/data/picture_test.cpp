#include "data/picture.h"

#include <algorithm>
#include <cstdlib>

#include "data/made_up_data.h"

namespace northpole::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Picture, LosslessFormatsGiveBackEverySample) {
  const Picture picture = gradient(17, 9);
  for (const char* format : {"png", "bmp"}) {
    const Picture read = decode_picture(encoded(picture, format), format);
    EXPECT_EQ(read.width, 17);
    EXPECT_EQ(read.height, 9);
    EXPECT_EQ(read.samples, picture.samples) << format;
  }
}

TEST(Picture, JpegIsNearlyTheSame) {
  const Picture picture = gradient(64, 48);
  const Picture read = decode_picture(encoded(picture, "jpeg"), "jpeg");
  ASSERT_EQ(read.samples.size(), picture.samples.size());
  int largest = 0;
  for (std::size_t at = 0; at < read.samples.size(); ++at) {
    largest = std::max(largest, std::abs(read.samples[at] - picture.samples[at]));
  }
  EXPECT_LE(largest, 8);
}

TEST(Picture, GreyPnmBecomesThreeEqualColours) {
  const std::string text = "P5 # a comment\n2 1\n255\n\x07\xC8";
  const Picture picture = decode_picture(Bytes(text.begin(), text.end()), "two.pgm");
  EXPECT_THAT(picture.samples, ElementsAre(7, 7, 7, 200, 200, 200));
}

TEST(Picture, ColourPnmIsReadFromItsFile) {
  const tests::TemporaryFolder folder;
  const Picture picture = read_picture(folder.write("one.ppm", "P6 1 1 255\n\x01\x02\x03"));
  EXPECT_THAT(picture.samples, ElementsAre(1, 2, 3));
}

TEST(Picture, MissingFileAndFolderAreNamed) {
  const tests::TemporaryFolder folder;
  EXPECT_EQ(error_of([&] { read_picture(folder.path("none.png")); }),
            folder.path("none.png") + ": cannot be read: No such file or directory");
  EXPECT_THAT(error_of([&] { read_picture(folder.path()); }), HasSubstr("is a folder"));
}

TEST(Picture, OtherFilesAreNoPictures) {
  const tests::TemporaryFolder folder;
  for (const char* content : {"", "x", "not a picture at all, but long enough to look at", "P6 -3 4 255\n"}) {
    const std::string path = folder.write("text.png", content);
    EXPECT_THAT(error_of([&] { read_picture(path); }), StartsWith(path + ": ")) << content;
  }
}

// The decoder alone would fill what is missing with grey.
TEST(Picture, EveryTruncationIsNoticed) {
  const Picture picture = gradient(23, 19);
  for (const char* format : {"png", "bmp", "jpeg"}) {
    const Bytes whole = encoded(picture, format);
    // The last chunk of a PNG file (12 bytes) holds nothing of the picture.
    const std::size_t end = whole.size() - (format == std::string("png") ? 12 : 0);
    for (std::size_t size = 0; size < end; ++size) {
      EXPECT_THROW(decode_picture(Bytes(whole.begin(), whole.begin() + std::ptrdiff_t(size)), format), Error)
          << format << " cut to " << size << " of " << whole.size() << " bytes";
    }
  }
  const std::string pnm = "P6 2 2 65535\n" + std::string(24, 'x');
  EXPECT_NO_THROW(decode_picture(Bytes(pnm.begin(), pnm.end()), "pnm"));
  for (std::size_t size = 0; size < pnm.size(); ++size) {
    EXPECT_THROW(decode_picture(Bytes(pnm.begin(), pnm.begin() + std::ptrdiff_t(size)), "pnm"), Error) << size;
  }
}

TEST(Picture, DamagedBytesNeverDoMoreThanThrow) {
  for (const char* format : {"png", "bmp", "jpeg"}) {
    const Bytes whole = encoded(gradient(23, 19), format);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      Bytes damaged = whole;
      damaged[at] ^= static_cast<std::uint8_t>(1 + at % 255);
      try {
        const Picture picture = decode_picture(damaged, format);
        EXPECT_EQ(picture.samples.size(), 3 * std::size_t(picture.width) * picture.height);
      } catch (const Error&) {
      }
    }
  }
}

// The decoder would write such a table beyond its own memory.
TEST(Picture, OversizedHuffmanTableIsRefused) {
  Bytes jpeg = encoded(gradient(8, 8), "jpeg");
  const Bytes definition = {0xFF, 0xC4};
  const auto table = std::search(jpeg.begin(), jpeg.end(), definition.begin(), definition.end());
  ASSERT_NE(table, jpeg.end());
  EXPECT_NO_THROW(decode_picture(jpeg, "jpeg"));
  std::fill_n(table + 5, 16, std::uint8_t{255});
  EXPECT_EQ(error_of([&] { decode_picture(jpeg, "bad.jpeg"); }), "bad.jpeg: damaged picture: bad Huffman table");
}

TEST(Picture, AbsurdSizeIsRefusedBeforeItIsAllocated) {
  const std::string header = "P6 100000 100000 255\n";
  EXPECT_THAT(error_of([&] { decode_picture(Bytes(header.begin(), header.end()), "huge.ppm"); }),
              StartsWith("huge.ppm: "));
}

TEST(Crop, TakesTheCentreAndLeavesTheOddRowBelow) {
  const Picture picture = gradient(5, 4);
  const Picture cropped = crop_centre(picture, 3, 1);
  EXPECT_EQ(cropped.width, 3);
  EXPECT_EQ(cropped.height, 1);
  for (int x = 0; x < 3; ++x) {
    EXPECT_TRUE(std::equal(cropped.pixel(x, 0), cropped.pixel(x, 0) + 3, picture.pixel(x + 1, 1)));
  }
  EXPECT_THAT(error_of([&] { crop_centre(picture, 6, 1); }), HasSubstr("too small"));
}

// A row of grey pixels with the given values.
Picture row(const std::vector<int>& values) {
  Picture picture = Picture::blank(static_cast<int>(values.size()), 1);
  for (std::size_t x = 0; x < values.size(); ++x) {
    std::fill_n(picture.pixel(int(x), 0), 3, static_cast<std::uint8_t>(values[x]));
  }
  return picture;
}

std::vector<int> reds(const Picture& picture) {
  std::vector<int> values;
  for (std::size_t at = 0; at < picture.samples.size(); at += 3) values.push_back(picture.samples[at]);
  return values;
}

TEST(Resize, TheSameSizeIsTheSamePicture) {
  const Picture picture = gradient(7, 5);
  EXPECT_EQ(resize(picture, 7, 5).samples, picture.samples);
}

// Half the width: weights 1 3 3 1 (over 8) around each pair, and what lies outside is left out of the mean.
TEST(Resize, ShrinkingTakesAWiderMean) {
  EXPECT_THAT(reds(resize(row({0, 0, 80, 80, 0, 0}), 3, 1)), ElementsAre(11, 60, 11));
}

// Twice the width: a quarter of the way between neighbours, the edge repeated.
TEST(Resize, GrowingInterpolates) {
  EXPECT_THAT(reds(resize(row({0, 100}), 4, 1)), ElementsAre(0, 25, 75, 100));
}

TEST(Resize, BothAxesAreTreatedAlike) {
  const Picture picture = gradient(30, 20);
  Picture turned = Picture::blank(20, 30);
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 30; ++x) std::copy_n(picture.pixel(x, y), 3, turned.pixel(y, x));
  }
  const Picture across = resize(picture, 11, 7);
  const Picture down = resize(turned, 7, 11);
  for (int y = 0; y < 7; ++y) {
    for (int x = 0; x < 11; ++x) {
      for (int colour = 0; colour < 3; ++colour) {
        EXPECT_NEAR(across.pixel(x, y)[colour], down.pixel(y, x)[colour], 1);
      }
    }
  }
}

TEST(Resize, AnEvenPictureStaysEven) {
  Picture picture = Picture::blank(37, 23);
  std::fill(picture.samples.begin(), picture.samples.end(), std::uint8_t{201});
  for (const auto& [width, height] : {std::pair{1, 1}, {5, 60}, {36, 22}, {100, 3}}) {
    const Picture resized = resize(picture, width, height);
    EXPECT_EQ(resized.samples, std::vector<std::uint8_t>(std::size_t(width) * height * 3, 201));
  }
}

}  // namespace
}  // namespace northpole::data
