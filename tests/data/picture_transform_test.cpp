#include "data/picture_transform.h"

#include "data/class_names.h"
#include "data/made_up_data.h"

namespace northpole::data {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;
using testing::StartsWith;

TEST(PictureTransform, AlmostFittingPicturesAreOnlyCropped) {
  const PictureTransform transform;  // 224 x 224
  for (const auto& [width, height] : {std::pair{224, 224}, {227, 227}, {257, 230}, {500, 240}}) {
    const Picture picture = gradient(width, height);
    EXPECT_EQ(transform.geometry(picture).samples, crop_centre(picture, 224, 224).samples) << width << " x " << height;
  }
}

TEST(PictureTransform, LargePicturesAreResizedSoThatTheCropCoversSevenEighths) {
  const Picture picture = gradient(512, 640);
  const Picture expected = crop_centre(resize(picture, 256, 320), 224, 224);
  EXPECT_EQ(PictureTransform{}.geometry(picture).samples, expected.samples);
}

TEST(PictureTransform, SmallPicturesAreResizedToCoverTheCrop) {
  const Picture picture = gradient(60, 112);
  const Picture expected = crop_centre(resize(picture, 224, 418), 224, 224);
  EXPECT_EQ(PictureTransform{}.geometry(picture).samples, expected.samples);
}

TEST(PictureTransform, EverySizeGivesTheCrop) {
  PictureTransform transform;
  transform.width = 20;
  transform.height = 13;
  for (int width = 1; width < 60; width += 3) {
    for (int height = 1; height < 60; height += 3) {
      const Picture result = transform.geometry(gradient(width, height));
      EXPECT_EQ(result.width, 20);
      EXPECT_EQ(result.height, 13);
    }
  }
}

TEST(PictureTransform, AFixedShorterSideIsKept) {
  PictureTransform transform = default_transform({1, 3, 32, 32});
  transform.resize = 40;
  const Picture picture = gradient(100, 80);
  EXPECT_EQ(transform.geometry(picture).samples, crop_centre(resize(picture, 50, 40), 32, 32).samples);
  transform.resize = PictureTransform::none;
  EXPECT_EQ(transform.geometry(picture).samples, crop_centre(picture, 32, 32).samples);
  EXPECT_THAT(error_of([&] { transform.geometry(gradient(31, 100)); }), HasSubstr("31 x 100"));
}

TEST(PictureTransform, InputIsPlanesOfNormalisedSamples) {
  PictureTransform transform = default_transform({1, 3, 1, 2});
  Picture picture = Picture::blank(2, 1);
  picture.samples = {0, 51, 102, 153, 204, 255};
  transform.mean = {0.5F, 0.25F, 0.0F};
  transform.deviation = {0.5F, 0.25F, 1.0F};
  EXPECT_THAT(transform.input(picture),
              ElementsAre(FloatEq(-1.0F), FloatEq((0.6F - 0.5F) / 0.5F), FloatEq((0.2F - 0.25F) / 0.25F),
                          FloatEq((0.8F - 0.25F) / 0.25F), FloatEq(0.4F), FloatEq(1.0F)));
  transform.blue_first = true;
  EXPECT_THAT(transform.input(picture)[0], FloatEq((0.4F - 0.5F) / 0.5F));
}

TEST(PictureTransform, GreyPicturesKeepTheirSamples) {
  const PictureTransform transform = default_transform({1, 1, 16, 16});
  Picture picture = Picture::blank(16, 16);
  for (int pixel = 0; pixel < 256; ++pixel) {
    std::fill_n(picture.samples.begin() + 3 * pixel, 3, static_cast<std::uint8_t>(pixel));
  }
  const std::vector<float> input = transform.input(picture);
  for (int pixel = 0; pixel < 256; ++pixel) EXPECT_EQ(input[pixel], static_cast<float>(pixel) / 255.0F);
}

TEST(PictureTransform, InputTakesTheShapeOfTheNetwork) {
  const PictureTransform transform = default_transform({1, 784});
  const network::Tensor tensor = transform.input(gradient(28, 28), {1, 784});
  EXPECT_EQ(tensor.shape, (network::Shape{1, 784}));
  EXPECT_THAT(error_of([&] { transform.input(gradient(28, 28), {1, 3, 28, 28}); }), HasSubstr("1x3x28x28"));
}

TEST(PictureTransform, DefaultFollowsTheInputShape) {
  const PictureTransform colour = default_transform({1, 3, 299, 300});
  EXPECT_EQ(colour.height, 299);
  EXPECT_EQ(colour.width, 300);
  EXPECT_EQ(colour.mean[0], 0.485F);
  EXPECT_EQ(colour.deviation[2], 0.225F);
  const PictureTransform grey = default_transform({1, 1, 28, 28});
  EXPECT_EQ(grey.channels, 1);
  EXPECT_EQ(grey.mean[0], 0.0F);
  EXPECT_EQ(grey.deviation[0], 1.0F);
  EXPECT_EQ(default_transform({1, 784}), grey);
  EXPECT_EQ(default_transform({1, 3072}), default_transform({1, 3, 32, 32}));
  for (const network::Shape& shape : {network::Shape{1, 4, 8, 8}, {}, {1, 7}, {2, 3, 8, 8}, {1, 224, 224, 3}}) {
    EXPECT_THAT(error_of([&] { default_transform(shape); }), HasSubstr(network::to_string(shape)));
  }
}

TEST(PictureTransform, JsonComesBackTheSame) {
  PictureTransform transform;
  EXPECT_EQ(to_json(transform),
            R"({"channels":3,"height":224,"width":224,"resize":"automatic","mean":[0.485,0.456,0.406],)"
            R"("deviation":[0.229,0.224,0.225],"order":"RGB"})");
  EXPECT_EQ(transform_from_json(to_json(transform)), transform);
  transform.resize = 256;
  transform.blue_first = true;
  transform.mean = {0.1307F, 1.0F / 3.0F, -2e-20F};
  EXPECT_EQ(transform_from_json(to_json(transform)), transform);
  transform = default_transform({1, 1, 28, 28});
  transform.resize = PictureTransform::none;
  EXPECT_EQ(transform_from_json(to_json(transform)), transform);
}

TEST(PictureTransform, JsonMayGiveOnlyWhatDiffers) {
  const PictureTransform base = default_transform({1, 3, 32, 32});
  const PictureTransform transform = transform_from_json(R"({"mean":0.5,"deviation":[0.25]})", base);
  EXPECT_EQ(transform.height, 32);
  EXPECT_THAT(transform.mean, ElementsAre(0.5F, 0.5F, 0.5F));
  EXPECT_THAT(transform.deviation, ElementsAre(0.25F, 0.25F, 0.25F));
}

TEST(PictureTransform, BadJsonIsNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "no JSON object"},
      {"[1]", "no JSON object"},
      {R"({"size":3})", "unknown key 'size'"},
      {R"({"channels":2})", "'channels' is 2"},
      {R"({"width":0})", "'width' is 0"},
      {R"({"height":1e9})", "'height'"},
      {R"({"resize":"yes"})", "'resize' is \"yes\""},
      {R"({"mean":[1,2]})", "'mean' is [1,2]"},
      {R"({"mean":"a"})", "'mean'"},
      {R"({"deviation":0})", "'deviation' is 0"},
      {R"({"order":"GBR"})", "'order'"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_THAT(error_of([text = text] { transform_from_json(text); }), HasSubstr(expected)) << text;
  }
}

TEST(PictureTransform, ANetworkCarriesItsOwn) {
  network::Graph graph;
  graph.source = "net.onnx";
  graph.inputs = {{"picture", network::ElementType::float32, {1, 1, 28, 28}}};
  EXPECT_EQ(transform_of(graph), default_transform({1, 1, 28, 28}));
  PictureTransform own = default_transform({1, 1, 28, 28});
  own.mean.fill(0.1307F);
  graph.metadata["northpole.picture"] = to_json(own);
  EXPECT_EQ(transform_of(graph), own);
  graph.metadata["northpole.picture"] = to_json(PictureTransform{});
  EXPECT_THAT(error_of([&] { transform_of(graph); }), StartsWith("net.onnx: input 'picture' (1x1x28x28): "));
}

TEST(PictureTransform, InputsThatAreCodesTakeTheSamplesThemselves) {
  Picture picture = Picture::blank(16, 16);
  for (std::size_t i = 0; i < 256; ++i)
    for (std::size_t colour = 0; colour < 3; ++colour)
      picture.samples[3 * i + colour] = static_cast<std::uint8_t>(colour == 0 ? i : 255 - i);
  network::Graph graph;
  for (const std::int64_t channels : {1, 3}) {
    for (const auto type : {network::ElementType::uint8, network::ElementType::int8}) {
      graph.inputs = {{"codes", type, {1, channels, 16, 16}}};
      const std::vector<float> values = transform_of(graph).input(picture);
      ASSERT_EQ(values.size(), static_cast<std::size_t>(channels * 256));
      for (std::size_t i = 0; i < 256; ++i) {
        // Red is the first channel. What a rounding leaves is less than a host takes to round to another code.
        const double sample = channels == 3 ? static_cast<double>(i) : std::nearbyint(0.299 * i + 0.701 * (255 - i));
        EXPECT_NEAR(values[i], sample - (type == network::ElementType::int8 ? 128 : 0), channels == 3 ? 1e-4 : 0.51)
            << channels << ", sample " << i;
        EXPECT_NEAR(values[i], std::nearbyint(values[i]), 1e-4) << "whole numbers";
      }
    }
  }
  // What the file itself says goes before.
  PictureTransform own = default_transform({1, 3, 16, 16});
  own.deviation.fill(0.5F);
  graph.metadata["northpole.picture"] = to_json(own);
  EXPECT_EQ(transform_of(graph), own);
}

TEST(ClassNames, TravelInTheMetadata) {
  network::Graph graph;
  EXPECT_TRUE(class_names_of(graph).empty());
  const std::vector<std::string> names = {"tench, \"Tinca\"", "Gr\xC3\xBC\xC3\x9F", ""};
  graph.metadata["northpole.classes"] = class_names_to_json(names);
  EXPECT_EQ(class_names_of(graph), names);
  EXPECT_NO_THROW(class_names_to_json({"not UTF-8: \xFF"}));
  EXPECT_THAT(error_of([] { class_names_from_json("{}"); }), HasSubstr("no JSON list"));
  EXPECT_THAT(error_of([] { class_names_from_json("[1]"); }), HasSubstr("1 is no string"));
}

}  // namespace
}  // namespace northpole::data
