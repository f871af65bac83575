#include "data/picture.h"

#include <fmt/format.h>
// Only memory is decoded; files are opened by read_bytes, which has the better messages.
#define STBI_NO_STDIO
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STBI_ONLY_PNM
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

#include <algorithm>
#include <memory>

#include "data/files.h"
#include "data/picture_guard.h"
#include "network/error.h"

namespace northpole::data {

namespace {

constexpr std::int64_t largest_picture = std::int64_t{1} << 26;  // pixels; 200 MB

}  // namespace

Picture Picture::blank(int width, int height) {
  Picture picture;
  picture.width = width;
  picture.height = height;
  picture.samples.assign(std::size_t(width) * height * 3, 0);
  return picture;
}

Picture decode_picture(std::span<const std::uint8_t> bytes, const std::string& name) {
  if (has_oversized_huffman_table(bytes)) throw Error(fmt::format("{}: damaged picture: bad Huffman table", name));
  int width = 0;
  int height = 0;
  int channels = 0;
  const auto length = static_cast<int>(bytes.size());
  if (bytes.size() > (std::size_t{1} << 30) ||
      !stbi_info_from_memory(bytes.data(), length, &width, &height, &channels)) {
    throw Error(fmt::format("{}: not a JPEG, PNG, BMP or PNM picture", name));
  }
  if (width < 1 || height < 1 || std::int64_t{width} * height > largest_picture) {
    throw Error(fmt::format("{}: a picture of {} x {} pixels is not supported (at most 2^26 pixels)", name, width, height));
  }
  if (is_cut_off(bytes, width, height, channels)) throw Error(fmt::format("{}: the picture is cut off", name));
  const std::unique_ptr<stbi_uc, void (*)(void*)> decoded(
      stbi_load_from_memory(bytes.data(), length, &width, &height, &channels, 3), stbi_image_free);
  if (!decoded) throw Error(fmt::format("{}: damaged picture: {}", name, stbi_failure_reason()));
  Picture picture;
  picture.width = width;
  picture.height = height;
  picture.samples.assign(decoded.get(), decoded.get() + std::size_t(width) * height * 3);
  return picture;
}

Picture read_picture(const std::string& path) { return decode_picture(read_bytes(path), path); }

Picture crop_centre(const Picture& picture, int width, int height) {
  if (picture.width < width || picture.height < height) {
    throw Error(fmt::format("a picture of {} x {} pixels is too small for a crop of {} x {}", picture.width,
                            picture.height, width, height));
  }
  Picture cropped = Picture::blank(width, height);
  const int left = (picture.width - width) / 2;
  const int top = (picture.height - height) / 2;
  for (int y = 0; y < height; ++y) {
    std::copy_n(picture.pixel(left, top + y), 3 * std::size_t(width), cropped.pixel(0, y));
  }
  return cropped;
}

}  // namespace northpole::data
