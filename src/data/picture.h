// A picture as it comes from a file: rows of red, green, blue bytes. What a network wants of it (size, channels, mean)
// is the business of data/picture_transform.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace northpole::data {

struct Picture {
  int width = 0;   // pixels
  int height = 0;  // pixels
  std::vector<std::uint8_t> samples;  // height * width * 3, row after row, R G B for each pixel

  const std::uint8_t* pixel(int x, int y) const { return samples.data() + 3 * (std::size_t(y) * width + x); }
  std::uint8_t* pixel(int x, int y) { return samples.data() + 3 * (std::size_t(y) * width + x); }

  static Picture blank(int width, int height);
};

// Reads a JPEG, PNG, BMP or PNM (P5, P6) file of 8 or 16 bits a sample; grey becomes R = G = B, transparency is dropped.
// Throws Error naming the file when it is missing, is not such a picture, is cut off, or has more than 2^26 pixels.
Picture read_picture(const std::string& path);

// The same from bytes in memory; `name` stands for the file in messages.
Picture decode_picture(std::span<const std::uint8_t> bytes, const std::string& name);

// The picture at another size, both at least 1: bilinear, with the filter widened by the scale when the picture shrinks
// so that no detail aliases. Rounded to 8 bits once, halves up.
Picture resize(const Picture& picture, int width, int height);

// The central width x height pixels; where the margin is odd, the extra row or column is cut at the right and below.
// Throws Error when the picture is smaller than that.
Picture crop_centre(const Picture& picture, int width, int height);

}  // namespace northpole::data
