// The JSON form of a picture transform.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "data/picture_transform.h"
#include "network/error.h"

namespace northpole::data {

namespace {

using Json = nlohmann::ordered_json;

constexpr int largest_side = 16384;

[[noreturn]] void refuse(const std::string& key, const Json& value, const std::string& expected) {
  throw Error(fmt::format("picture transform: '{}' is {}, {} expected", key, value.dump(), expected));
}

int side(const std::string& key, const Json& value) {
  if (!value.is_number_integer() || value.get<double>() < 1 || value.get<double>() > largest_side) {
    refuse(key, value, fmt::format("a number of pixels from 1 to {} was", largest_side));
  }
  return value.get<int>();
}

int resize_from(const Json& value) {
  if (value == "automatic") return PictureTransform::automatic;
  if (value == "none") return PictureTransform::none;
  if (!value.is_number_integer()) refuse("resize", value, "\"automatic\", \"none\" or the shorter side's pixels were");
  return side("resize", value);
}

std::array<float, 3> channel_values(const std::string& key, const Json& value, int channels) {
  const Json list = value.is_array() ? value : Json::array({value});
  const std::string expected = fmt::format("one number or {} were", channels);
  if (list.size() != 1 && list.size() != static_cast<std::size_t>(channels)) refuse(key, value, expected);
  std::array<float, 3> values{};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const Json& number = list[channel < list.size() ? channel : 0];
    if (!number.is_number() || !std::isfinite(number.get<float>())) refuse(key, value, expected);
    values[channel] = number.get<float>();
  }
  return values;
}

Json numbers(const std::array<float, 3>& values, int channels) {
  Json list = Json::array();
  for (int channel = 0; channel < channels; ++channel) {
    // The shortest decimal that reads back as the same float32, rather than seventeen digits of a double.
    list.push_back(Json::parse(fmt::format("{}", values[static_cast<std::size_t>(channel)])));
  }
  return list;
}

void set(PictureTransform& transform, const std::string& key, const Json& value) {
  if (key == "channels") {
    if (value != 1 && value != 3) refuse(key, value, "1 or 3 was");
    transform.channels = value.get<int>();
  } else if (key == "height") {
    transform.height = side(key, value);
  } else if (key == "width") {
    transform.width = side(key, value);
  } else if (key == "resize") {
    transform.resize = resize_from(value);
  } else if (key == "mean") {
    transform.mean = channel_values(key, value, transform.channels);
  } else if (key == "deviation") {
    transform.deviation = channel_values(key, value, transform.channels);
    for (const float deviation : transform.deviation) {
      if (!(deviation > 0)) refuse(key, value, "numbers above 0 were");
    }
  } else if (key == "order") {
    if (value != "RGB" && value != "BGR") refuse(key, value, "\"RGB\" or \"BGR\" was");
    transform.blue_first = value == "BGR";
  } else {
    throw Error(fmt::format("picture transform: unknown key '{}' (known: channels, height, width, resize, mean, "
                            "deviation, order)", key));
  }
}

}  // namespace

std::string to_json(const PictureTransform& transform) {
  Json json;
  json["channels"] = transform.channels;
  json["height"] = transform.height;
  json["width"] = transform.width;
  if (transform.resize == PictureTransform::automatic) {
    json["resize"] = "automatic";
  } else if (transform.resize == PictureTransform::none) {
    json["resize"] = "none";
  } else {
    json["resize"] = transform.resize;
  }
  json["mean"] = numbers(transform.mean, transform.channels);
  json["deviation"] = numbers(transform.deviation, transform.channels);
  json["order"] = transform.blue_first ? "BGR" : "RGB";
  return json.dump();
}

PictureTransform transform_from_json(const std::string& text, const PictureTransform& otherwise) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) throw Error(fmt::format("picture transform: '{:.60}' is no JSON object", text));
  PictureTransform transform = otherwise;
  // The number of channels comes first: it says how many numbers mean and deviation take.
  if (json.contains("channels")) set(transform, "channels", json["channels"]);
  for (const auto& [key, value] : json.items()) set(transform, key, value);
  return transform;
}

}  // namespace northpole::data
