#include "data/picture_end.h"

#include <cctype>
#include <string>

namespace northpole::data {

namespace {

using Bytes = std::span<const std::uint8_t>;

// A JPEG file is whole when an end marker (FF D9) follows its last start of scan (FF DA). Inside a scan FF is always
// followed by 00 or a restart marker, and a thumbnail's end marker comes before the picture's own scan.
bool jpeg_is_cut_off(Bytes bytes) {
  for (std::size_t at = bytes.size() - 1; at > 0; --at) {
    if (bytes[at - 1] != 0xFF) continue;
    if (bytes[at] == 0xD9) return false;
    if (bytes[at] == 0xDA) return true;
  }
  return true;
}

// A PNM file is "P6 width height highest" in tokens with comments between, one blank, then the raster.
bool pnm_is_cut_off(Bytes bytes, std::uint64_t samples) {
  std::size_t at = 0;
  std::string token;
  for (int count = 0; count < 4; ++count) {
    token.clear();
    while (at < bytes.size() && (std::isspace(bytes[at]) || bytes[at] == '#')) {
      if (bytes[at] == '#') {
        while (at < bytes.size() && bytes[at] != '\n') ++at;
      } else {
        ++at;
      }
    }
    while (at < bytes.size() && !std::isspace(bytes[at])) token.push_back(static_cast<char>(bytes[at++]));
  }
  const std::uint64_t sample_bytes = token.size() > 3 || (token.size() == 3 && token > "255") ? 2 : 1;
  return bytes.size() < at + 1 + samples * sample_bytes;
}

std::uint64_t little_endian(Bytes bytes, std::size_t at, int count) {
  std::uint64_t value = 0;
  for (int byte = count - 1; byte >= 0; --byte) value = value * 256 + bytes[at + static_cast<std::size_t>(byte)];
  return value;
}

// A BMP file gives the raster's place at byte 10 and the bits a pixel at byte 28 (24 in the oldest form, whose header
// length at byte 14 is 12); rows are padded to four bytes.
bool bmp_is_cut_off(Bytes bytes, std::uint64_t width, std::uint64_t height) {
  if (bytes.size() < 54) return true;
  const std::uint64_t bits = little_endian(bytes, little_endian(bytes, 14, 4) == 12 ? 24 : 28, 2);
  return bytes.size() < little_endian(bytes, 10, 4) + (bits * width + 31) / 32 * 4 * height;
}

}  // namespace

bool is_cut_off(Bytes bytes, int width, int height, int channels) {
  const auto pixels = static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height);
  if (bytes.size() < 4) return true;
  if (bytes[0] == 0xFF && bytes[1] == 0xD8) return jpeg_is_cut_off(bytes);
  if (bytes[0] == 'P') return pnm_is_cut_off(bytes, pixels * static_cast<std::uint64_t>(channels));
  if (bytes[0] == 'B') return bmp_is_cut_off(bytes, static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height));
  return false;
}

}  // namespace northpole::data
