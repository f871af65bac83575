#include "chosen_bits.h"

#include <fmt/format.h>

#include "report/table.h"

namespace northpole::cli {
namespace {

std::string number_of_layers(const FrontierPoint& point, int width) {
  int count = 0;
  for (const auto& [layer, of_layer] : point.widths) count += of_layer == width;
  return std::to_string(count);
}

std::string cell(const std::map<int, double>& changes, int width) {
  const auto found = changes.find(width);
  return found == changes.end() ? "" : fmt::format("{:.3f} %", 100 * found->second);
}

std::string cell(const std::map<int, std::uint64_t>& cycles, int width) {
  const auto found = cycles.find(width);
  return found == cycles.end() ? "" : report::grouped(found->second);
}

std::string layers_table(const ChosenBits& chosen) {
  std::vector<std::vector<std::string>> rows = {
      {"layer", "bits", "products", "cycles at 8", "at 4", "at 2", "change at 8", "at 4", "at 2"}};
  for (const LayerChoice& layer : chosen.layers) {
    rows.push_back({report::shortened(layer.name, 32), std::to_string(layer.width),
                    report::grouped(layer.multiply_accumulates), cell(layer.cycles, 8), cell(layer.cycles, 4),
                    cell(layer.cycles, 2), cell(layer.change, 8), cell(layer.change, 4), cell(layer.change, 2)});
  }
  return report::table(rows);
}

std::string frontier_table(const ChosenBits& chosen) {
  std::vector<std::vector<std::string>> rows = {
      {"frames/s", "cycles", "top-1", "drop", "layers of 8", "of 4", "of 2", "products below 8", ""}};
  for (const FrontierPoint& point : chosen.frontier) {
    rows.push_back({report::grouped(static_cast<std::uint64_t>(point.frames_per_second)), report::grouped(point.cycles),
                    fmt::format("{:.2f} %", 100 * point.top1),
                    fmt::format("{:.2f}", 100 * (chosen.float_top1 - point.top1)), number_of_layers(point, 8),
                    number_of_layers(point, 4), number_of_layers(point, 2),
                    fmt::format("{:.1f} %", 100 * point.narrow_share), point.chosen ? "<- chosen" : ""});
  }
  return report::table(rows);
}

}  // namespace

std::string described(const ChosenBits& chosen, double max_drop) {
  std::string text = layers_table(chosen);
  text +=
      "Cycles: what the compiler's search expects of a layer when all layers have that width. Change: of the "
      "answers' variance,\nwhen nothing but the layer (and what reads the same value) is rounded.\n\n";
  for (const LayerChoice& layer : chosen.layers)
    text += fmt::format("{}: {} bits. {}\n", layer.name, layer.width, layer.reason);
  text += "\n" + frontier_table(chosen);
  text += fmt::format(
      "Frames a second: the compiler's estimate for one frame at a time. Accuracy: measured on the {} "
      "calibration pictures\n(float: {:.2f} %); at most {:g} points were to be lost.\n",
      chosen.pictures, 100 * chosen.float_top1, max_drop);
  if (!chosen.within_drop) text += "Even with the widest layers more is lost: these were taken.\n";
  return text;
}

nlohmann::ordered_json as_json(const ChosenBits& chosen, double max_drop) {
  using Json = nlohmann::ordered_json;
  const auto by_width = [](const auto& values) {
    Json json = Json::object();
    for (const auto& [width, value] : values) json[std::to_string(width)] = value;
    return json;
  };
  Json layers = Json::array(), frontier = Json::array();
  for (const LayerChoice& layer : chosen.layers) {
    layers.push_back({{"name", layer.name},
                      {"bits", layer.width},
                      {"multiply_accumulates", layer.multiply_accumulates},
                      {"cycles", by_width(layer.cycles)},
                      {"change", by_width(layer.change)},
                      {"reason", layer.reason}});
  }
  for (const FrontierPoint& point : chosen.frontier) {
    frontier.push_back({{"frames_per_second", point.frames_per_second},
                        {"cycles", point.cycles},
                        {"top1", point.top1},
                        {"narrow_share", point.narrow_share},
                        {"bits", point.widths},
                        {"chosen", point.chosen}});
  }
  return {{"max_drop", max_drop},
          {"within_drop", chosen.within_drop},
          {"float_top1", chosen.float_top1},
          {"layers", std::move(layers)},
          {"frontier", std::move(frontier)}};
}

}  // namespace northpole::cli
