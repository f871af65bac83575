// The made-up files themselves; not tests.
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include "data/made_up_data.h"

#include <stb/stb_image_write.h>

#include <stdexcept>

namespace northpole::data {

namespace {

void append(void* bytes, void* data, int size) {
  const auto* first = static_cast<const std::uint8_t*>(data);
  static_cast<Bytes*>(bytes)->insert(static_cast<Bytes*>(bytes)->end(), first, first + size);
}

Bytes idx_header(const std::vector<int>& dimensions) {
  Bytes bytes = {0, 0, 8, static_cast<std::uint8_t>(dimensions.size())};
  for (const int size : dimensions) {
    for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::uint8_t>(size >> shift));
  }
  return bytes;
}

}  // namespace

Picture gradient(int width, int height) {
  Picture picture = Picture::blank(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::uint8_t* pixel = picture.pixel(x, y);
      pixel[0] = static_cast<std::uint8_t>(255 * x / width);
      pixel[1] = static_cast<std::uint8_t>(255 * y / height);
      pixel[2] = static_cast<std::uint8_t>(255 * (x + y) / (width + height));
    }
  }
  return picture;
}

Bytes encoded(const Picture& picture, const std::string& format) {
  Bytes bytes;
  const int width = picture.width;
  const int height = picture.height;
  const std::uint8_t* samples = picture.samples.data();
  int written = 0;
  if (format == "png") written = stbi_write_png_to_func(append, &bytes, width, height, 3, samples, 3 * width);
  if (format == "bmp") written = stbi_write_bmp_to_func(append, &bytes, width, height, 3, samples);
  if (format == "jpeg") written = stbi_write_jpg_to_func(append, &bytes, width, height, 3, samples, 95);
  if (written == 0) throw std::invalid_argument("no picture format: " + format);
  return bytes;
}

Bytes idx_labels(const Bytes& labels) {
  Bytes bytes = idx_header({static_cast<int>(labels.size())});
  bytes.insert(bytes.end(), labels.begin(), labels.end());
  return bytes;
}

Bytes idx_pictures(int count, int height, int width) {
  Bytes bytes = idx_header({count, height, width});
  for (int sample = 0; sample < count * height * width; ++sample) bytes.push_back(static_cast<std::uint8_t>(sample));
  return bytes;
}

Bytes cifar_record(std::uint8_t label, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  Bytes bytes = {label};
  for (const std::uint8_t plane : {red, green, blue}) bytes.insert(bytes.end(), 1024, plane);
  return bytes;
}

}  // namespace northpole::data
