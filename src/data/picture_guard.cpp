#include "data/picture_guard.h"

#include <algorithm>
#include <cctype>
#include <numeric>
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

bool is_jpeg(Bytes bytes) { return bytes.size() >= 4 && bytes[0] == 0xFF && bytes[1] == 0xD8; }

// A table definition is its length (2 bytes, themselves counted), then tables of a class-and-number byte, sixteen counts
// of codes and as many bytes as there are codes. The decoder takes a table that begins inside the length, even if it
// does not end there.
bool tables_are_oversized(Bytes bytes, std::size_t at) {
  const std::size_t end = std::min(bytes.size(), at + 256U * bytes[at] + bytes[at + 1]);
  for (at += 2; at < end;) {
    if (bytes[at] >> 4 > 1 || (bytes[at] & 15) > 3) return false;  // the decoder stops here
    const Bytes counts = bytes.subspan(at + 1, std::min<std::size_t>(16, bytes.size() - at - 1));
    const std::size_t codes = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
    if (codes > 256) return true;
    at += 17 + codes;
  }
  return false;
}

}  // namespace

bool has_oversized_huffman_table(Bytes bytes) {
  if (!is_jpeg(bytes)) return false;
  bool in_scans = false;  // behind the first start of scan there are no long segments to step over
  for (std::size_t at = 2; at + 4 <= bytes.size();) {
    const std::uint8_t marker = bytes[at + 1];
    if (bytes[at] != 0xFF || marker == 0xFF) {
      ++at;
      continue;
    }
    if (marker == 0xC4 && tables_are_oversized(bytes, at + 2)) return true;
    in_scans = in_scans || marker == 0xDA;
    at += 2 + (in_scans ? 0 : 256U * bytes[at + 2] + bytes[at + 3]);
  }
  return false;
}

bool is_cut_off(Bytes bytes, int width, int height, int channels) {
  const auto pixels = static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height);
  if (bytes.size() < 4) return true;
  if (is_jpeg(bytes)) return jpeg_is_cut_off(bytes);
  if (bytes[0] == 'P') return pnm_is_cut_off(bytes, pixels * static_cast<std::uint64_t>(channels));
  if (bytes[0] == 'B') return bmp_is_cut_off(bytes, static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height));
  return false;
}

}  // namespace northpole::data
