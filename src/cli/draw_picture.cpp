#include "draw_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace northpole::cli {
namespace {

data::Picture fitted(const data::Picture& picture, int largest_side) {
  const int side = std::max(picture.width, picture.height);
  if (side <= largest_side) return picture;
  const auto scaled = [&](int length) { return std::max(1, length * largest_side / side); };
  return data::resize(picture, scaled(picture.width), scaled(picture.height));
}

std::string in_colour(const data::Picture& picture) {
  std::string text;
  for (int y = 0; y < picture.height; y += 2) {
    for (int x = 0; x < picture.width; ++x) {
      const std::uint8_t* upper = picture.pixel(x, y);
      text += fmt::format("\033[38;2;{};{};{}m", upper[0], upper[1], upper[2]);
      if (y + 1 < picture.height) {
        const std::uint8_t* lower = picture.pixel(x, y + 1);
        text += fmt::format("\033[48;2;{};{};{}m", lower[0], lower[1], lower[2]);
      }
      text += "\u2580\033[0m";
    }
    text += "\n";
  }
  return text;
}

std::string in_grey(const data::Picture& picture) {
  constexpr std::array<const char*, 5> levels = {" ", "\u2591", "\u2592", "\u2593", "\u2588"};
  std::string text;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const std::uint8_t* pixel = picture.pixel(x, y);
      const int grey = (299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2]) / 1000;
      const char* level = levels[static_cast<std::size_t>(grey * 5 / 256)];
      text += level;
      text += level;
    }
    text += "\n";
  }
  return text;
}

}  // namespace

std::string drawing(const data::Picture& picture, int columns, bool colour) {
  return colour ? in_colour(fitted(picture, columns)) : in_grey(fitted(picture, columns / 2));
}

}  // namespace northpole::cli
