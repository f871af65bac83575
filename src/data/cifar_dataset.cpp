#include "data/cifar_dataset.h"

#include <fmt/format.h>

#include <filesystem>

#include "data/files.h"
#include "network/error.h"

namespace northpole::data {

namespace {

constexpr int side = 32;
constexpr std::size_t plane = side * side;
constexpr std::size_t record = 1 + 3 * plane;

class CifarDataset final : public Dataset {
 public:
  explicit CifarDataset(const std::string& path)
      : path_(path),
        bytes_(read_bytes(path)),
        class_names_(class_names_of_folder(std::filesystem::path(path).parent_path().string())) {
    if (bytes_.empty() || bytes_.size() % record != 0) {
      throw Error(fmt::format("{}: not a CIFAR-10 binary file: {} bytes are no whole number of {}-byte records "
                              "(a label and 32 x 32 x 3 bytes)", path, bytes_.size(), record));
    }
    const int classes = class_names_.empty() ? 10 : static_cast<int>(class_names_.size());
    for (std::int64_t index = 0; index < size(); ++index) {
      if (label(index) >= classes) {
        throw Error(fmt::format("{}: record {} has class {}, but there are {} classes", path, index, label(index),
                                classes));
      }
    }
  }

  std::int64_t size() const override { return static_cast<std::int64_t>(bytes_.size() / record); }
  int label(std::int64_t index) const override { return bytes_[record * static_cast<std::size_t>(index)]; }

  Picture picture(std::int64_t index) const override {
    Picture picture = Picture::blank(side, side);
    const std::uint8_t* planes = bytes_.data() + record * static_cast<std::size_t>(index) + 1;
    for (std::size_t pixel = 0; pixel < plane; ++pixel) {
      for (std::size_t colour = 0; colour < 3; ++colour) {
        picture.samples[3 * pixel + colour] = planes[colour * plane + pixel];
      }
    }
    return picture;
  }

  std::string picture_name(std::int64_t index) const override { return fmt::format("{}[{}]", path_, index); }
  const std::vector<std::string>& class_names() const override { return class_names_; }

 private:
  std::string path_;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::string> class_names_;
};

}  // namespace

std::unique_ptr<Dataset> open_cifar_dataset(const std::string& path) { return std::make_unique<CifarDataset>(path); }

}  // namespace northpole::data
