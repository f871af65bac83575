#include "energy/constants_text.h"

#include <fmt/format.h>

#include "energy/calibration.h"
#include "energy/energy.h"
#include "energy/space.h"
#include "report/json_text.h"

namespace northpole::energy {
namespace {

std::string scaled(const ConstantInfo& constant) {
  return fmt::format("{:.3g}", constant.published * factor(constant.scaling));
}

}  // namespace

std::string constants_text() {
  const Prices prices = prices_of({});
  std::string text =
      "| constant | what | published | at | at 12 nm | scaling | factor | confidence | source |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (std::size_t i = 0; i < constant_count; ++i) {
    const ConstantInfo& constant = info(static_cast<Constant>(i));
    text += fmt::format("| `{}` | {} | {:g} {} | {} | {} | {} | {} | {} | {} |\n", constant.key, constant.text,
                        constant.published, constant.unit, constant.at, scaled(constant), name(constant.scaling),
                        constant.calibrated ? fmt::format("{:.3f}", prices.calibration) : "-",
                        name(constant.confidence), constant.source);
  }
  for (const Scaling scaling : {Scaling::logic, Scaling::wire})
    text += fmt::format("\nScaling \"{}\", x {:.3f}: {}.\n", name(scaling), factor(scaling), rule(scaling));
  text += fmt::format("\nFactor: {}.\n", calibrated_on);
  text += "\n| event | made of | pJ, calibrated |\n| --- | --- | --- |\n";
  for (std::size_t i = 0; i < event_kinds; ++i) {
    const auto event = static_cast<Event>(i);
    const std::string unit = name(event).unit;
    text += fmt::format("| {}, each{} | {} | {:.3g} |\n", name(event).text,
                        unit == "bytes"       ? " byte"
                        : unit == "byte hops" ? " byte and hop"
                                              : "",
                        composition(event), 1e12 * prices.joules[i]);
  }
  text += "\n| part | 10^9 transistors | mm2 | confidence | how |\n| --- | --- | --- | --- | --- |\n";
  for (const SpacePart& part : space_of({}).parts)
    text += fmt::format("| {} | {:.2f} | {:.1f} | {} | {} |\n", part.text, part.transistors / 1e9,
                        part.square_millimetres, part.confidence, part.source);
  return text + fmt::format("\nWhile powered: leakage {:.1f} W, clock {:.1f} W at 400 MHz, so {:.1f} W idle.\n",
                            prices.leakage_watts, prices.clock_watts, prices.idle_watts());
}

std::string constants_json() {
  using report::Json;
  const Prices prices = prices_of({});
  const Constants values = published_constants();
  Json json;
  json["calibrated_on"] = calibrated_on;
  json["calibration_factor"] = prices.calibration;
  Json& constants = json["constants"] = Json::array();
  for (std::size_t i = 0; i < constant_count; ++i) {
    const ConstantInfo& constant = info(static_cast<Constant>(i));
    constants.push_back({{"constant", constant.key},
                         {"text", constant.text},
                         {"published", constant.published},
                         {"unit", constant.unit},
                         {"at", constant.at},
                         {"source", constant.source},
                         {"scaling", name(constant.scaling)},
                         {"scaling_factor", factor(constant.scaling)},
                         {"scaling_rule", rule(constant.scaling)},
                         {"confidence", name(constant.confidence)},
                         {"calibrated", constant.calibrated},
                         {"value_at_12_nm_in_si", values.value[i]}});
  }
  Json& events = json["events"] = Json::array();
  for (std::size_t i = 0; i < event_kinds; ++i) {
    const auto event = static_cast<Event>(i);
    events.push_back({{"event", name(event).key},
                      {"unit", name(event).unit},
                      {"made_of", composition(event)},
                      {"joules", prices.joules[i]}});
  }
  Json& space = json["space"] = Json::array();
  for (const SpacePart& part : space_of({}).parts)
    space.push_back({{"part", part.key},
                     {"text", part.text},
                     {"transistors", part.transistors},
                     {"square_millimetres", part.square_millimetres},
                     {"confidence", part.confidence},
                     {"source", part.source}});
  json["leakage_watts"] = prices.leakage_watts;
  json["clock_watts"] = prices.clock_watts;
  return report::text_of(json);
}

}  // namespace northpole::energy
