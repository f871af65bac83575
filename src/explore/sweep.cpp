#include "explore/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "chip/chip_description_text.h"
#include "network/error.h"
#include "network/text.h"

namespace northpole::explore {
namespace {

constexpr std::size_t most_points = 100000;

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  for (std::size_t first = 0; first <= text.size();) {
    const std::size_t end = std::min(text.find(at, first), text.size());
    parts.push_back(text.substr(first, end - first));
    first = end + 1;
  }
  return parts;
}

// Throws Error naming the axis.
std::uint32_t whole_number(const std::string& text, const std::string& key) {
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size() || number == 0)
    throw Error(fmt::format("--sweep {}: {} is not a whole number above 0", key, network::quoted_name(text)));
  return number;
}

bool is_key(const std::string& key) {
  const auto notes = chip::key_notes();
  return key == "array" || key == "memory" || key == "batch" ||
         std::any_of(notes.begin(), notes.end(), [&](const chip::KeyNote& note) { return note.key == key; });
}

void set_key(chip::ChipDescription& chip, const std::string& key, const std::string& value) {
  auto json = nlohmann::ordered_json::parse(chip::to_json(chip));
  if (key == "vector_precision") {
    json[key] = value;
  } else if (key == "clock_megahertz") {
    double number = 0;
    const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (problem != std::errc() || end != value.data() + value.size())
      throw Error(fmt::format("--sweep {}: {} is not a number", key, network::quoted_name(value)));
    json[key] = number;
  } else {
    json[key] = whole_number(value, key);
  }
  chip = chip::from_json(json.dump(), fmt::format("--sweep {}={}", key, value));
}

void apply(Point& point, const std::string& key, const std::string& value) {
  point.settings.emplace_back(key, value);
  if (key == "batch") {
    point.frames = whole_number(value, key);
    if (point.frames > 4096) throw Error(fmt::format("--sweep batch: {} is more than 4096 frames", value));
  } else if (key == "array") {
    const std::vector<std::string> sides = split(value, 'x');
    if (sides.size() != 2)
      throw Error(fmt::format("--sweep array: {} is not ROWSxCOLUMNS, like 16x16", network::quoted_name(value)));
    point.chip.rows = whole_number(sides[0], key);
    point.chip.columns = whole_number(sides[1], key);
    chip::check(point.chip, "--sweep array=" + value);
  } else if (key == "memory") {
    const std::uint64_t words = std::uint64_t{whole_number(value, key)} * 1024 / chip::word_bytes;
    if (words % point.chip.banks != 0 || words / point.chip.banks > 0xffffffffU)
      throw Error(fmt::format("--sweep memory: {} KiB do not divide among {} banks", value, point.chip.banks));
    point.chip.bank_words = static_cast<std::uint32_t>(words / point.chip.banks);
    chip::check(point.chip, "--sweep memory=" + value);
  } else {
    set_key(point.chip, key, value);
  }
}

}  // namespace

Axis axis_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos)
    throw Error(
        fmt::format("--sweep {}: write KEY=VALUE,VALUE,..., like clock_megahertz=200,400", network::quoted_name(text)));
  Axis axis{text.substr(0, equals), split(text.substr(equals + 1), ',')};
  if (!is_key(axis.key))
    throw Error(fmt::format("--sweep: unknown key {}; there are array, memory, batch and those of 'northpole chip'",
                            network::quoted_name(axis.key)));
  std::set<std::string> seen;
  for (const std::string& value : axis.values) {
    if (!seen.insert(value).second)
      throw Error(fmt::format("--sweep {}: {} is given twice", axis.key, network::quoted_name(value)));
  }
  return axis;
}

std::vector<Axis> default_axes() {
  return {{"array", {"8x16", "16x16", "16x24", "16x32"}},
          {"memory", {"512", "768", "1024"}},
          {"clock_megahertz", {"200", "300", "400", "500", "600"}}};
}

std::vector<Point> points_of(std::uint32_t networks, const std::vector<Axis>& axes, const chip::ChipDescription& base,
                             std::uint32_t frames) {
  std::set<std::string> keys;
  std::size_t count = networks;
  for (const Axis& axis : axes) {
    if (!keys.insert(axis.key).second) throw Error(fmt::format("--sweep: '{}' is given twice", axis.key));
    if (axis.values.empty() || count > most_points / axis.values.size())
      throw Error(fmt::format("--sweep: more than {} chips", most_points));
    count *= axis.values.size();
  }
  std::vector<Point> points;
  for (std::size_t number = 0; number < count; ++number) {
    Point point{0, base, frames, {}};
    std::size_t rest = number;
    std::vector<std::size_t> chosen(axes.size());
    for (std::size_t a = axes.size(); a-- > 0; rest /= axes[a].values.size()) chosen[a] = rest % axes[a].values.size();
    point.network = static_cast<std::uint32_t>(rest);
    for (std::size_t a = 0; a < axes.size(); ++a) apply(point, axes[a].key, axes[a].values[chosen[a]]);
    points.push_back(std::move(point));
  }
  return points;
}

}  // namespace northpole::explore
