#include "energy/comparison.h"

#include <fmt/format.h>

#include "energy/calibration.h"
#include "report/json_text.h"
#include "report/table.h"

namespace northpole::energy {
namespace {

std::string format_of(const Counts& counts) {
  const auto all = static_cast<double>(multiply_accumulates(counts));
  std::string text;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(Event::multiply_accumulate_2x2); ++i) {
    if (counts[i] == 0) continue;
    // "multiply-accumulate, 8 x 4 bit" -> "8 x 4 bit"
    const std::string name_of = name(static_cast<Event>(i)).text;
    text += fmt::format("{}{} {:.0f} %", text.empty() ? "" : ", ", name_of.substr(name_of.find(", ") + 2),
                        100 * static_cast<double>(counts[i]) / all);
  }
  return text.empty() ? "-" : text;
}

std::string known(double value, const char* format) {
  return value == 0 ? "-" : fmt::format(fmt::runtime(format), value);
}

std::string published_text() {
  std::vector<std::vector<std::string>> rows = {
      {"published, ResNet-50", "technology", "format", "frames/s", "W", "frames/J", "frames/s / W"}};
  for (const PublishedMachine& machine : published_machines()) {
    rows.push_back({machine.name, machine.technology, report::shortened(machine.format, 24),
                    report::grouped(static_cast<std::uint64_t>(machine.frames_per_second.value)),
                    known(machine.watts.value, "{:g}"), known(machine.frames_per_joule.value, "{:g}"),
                    known(machine.derived_frames_per_joule(), "{:.1f}")});
  }
  std::string text = report::table(rows);
  for (const PublishedMachine& machine : published_machines()) {
    const bool same = std::string(machine.frames_per_second.source) == machine.frames_per_joule.source;
    text += fmt::format("{}: {}", machine.name, machine.frames_per_joule.source);
    text += same ? ".\n" : fmt::format(";\n  frames/s: {}.\n", machine.frames_per_second.source);
  }
  text += "The last column is arithmetic on the published figures.\n";
  for (const std::string& sentence : disagreements()) text += "Disagreement: " + sentence + ".\n";
  return text;
}

std::string ratios_text() {
  std::vector<std::vector<std::string>> rows = {{"published, NorthPole against", "", "times"}};
  for (const PublishedRatio& ratio : published_ratios())
    rows.push_back({ratio.subject, ratio.what, fmt::format("{:g}", ratio.times)});
  return report::table(rows) + fmt::format("Source: {}.\n", published_ratios().front().source);
}

std::string modelled_text(const std::vector<ModelledMachine>& modelled) {
  std::vector<std::vector<std::string>> rows = {
      {"modelled, this compiler", "frames/s", "W", "frames/J", "idle W", "frames/s / 10^9 T", "latency"}};
  for (const ModelledMachine& one : modelled) {
    rows.push_back(
        {fmt::format("{}, {} frame{}", report::shortened(one.network, 20), one.frames, one.frames == 1 ? "" : "s"),
         fmt::format("{:.0f}{}", one.frames_per_second(), one.time.host_limits() ? "*" : ""),
         fmt::format("{:.1f}", one.watts()), fmt::format("{:.0f}", one.frames_per_joule()),
         fmt::format("{:.1f}", one.energy.idle_watts),
         fmt::format("{:.0f}", one.space.frames_per_second_per_billion(one.frames_per_second())),
         fmt::format("{:.0f} us", 1e6 * one.time.latency())});
  }
  std::string text = report::table(rows);
  for (const ModelledMachine& one : modelled) {
    text += fmt::format("{}: {}\n", report::shortened(one.network, 30), one.format);
    if (one.time.host_limits()) {
      text += fmt::format("  * limited by the host link; the chip alone {:.0f} frames/s at {:.1f} W\n",
                          one.time.chip_frames_per_second, one.energy.watts());
    }
    for (const std::string& remark : one.energy.remarks) text += "  " + remark + "\n";
  }
  return text + fmt::format("Watts are modelled,\n{}.\n", calibrated_on);
}

std::string language_text(const std::vector<LanguageModelCheck>& checks) {
  std::string text = fmt::format(
      "Check that the calibration did not use: language model of 3 billion parameters, published {:.1f} mJ a\n"
      "token ({:g} W for {:g} cards / {:g} tokens/s, HPEC 2024, 4 bit, 2,048 context, 28 users).\n",
      1e3 * language_joules_per_token, language_watts, language_cards, language_tokens_per_second);
  std::vector<std::vector<std::string>> rows = {
      {"modelled, its shape taken as", "parameters", "MiB a card", "events mJ", "idle mJ", "mJ a token", "error"}};
  for (const LanguageModelCheck& check : checks) {
    rows.push_back({check.shape->name, fmt::format("{:.2f} billion", check.parameters / 1e9),
                    fmt::format("{:.0f}{}", check.bytes_per_card / (1 << 20), check.fits ? "" : " (too many)"),
                    fmt::format("{:.1f}", 1e3 * check.event_joules), fmt::format("{:.1f}", 1e3 * check.idle_joules),
                    fmt::format("{:.1f}", 1e3 * check.joules()), fmt::format("{:+.0f} %", 100 * check.error())});
  }
  return text + report::table(rows) + fmt::format("Joules are modelled,\n{}.\n", calibrated_on);
}

}  // namespace

ModelledMachine model_of(const program::Program& program) { return model_of(program, count_events(program)); }

ModelledMachine model_of(const program::Program& program, const EventCounts& counts) {
  ModelledMachine machine;
  machine.network = program.network;
  machine.format = format_of(counts.total);
  machine.frames = program.frames;
  machine.energy = energy_of(program, counts, prices_of(program.chip));
  machine.time = time_of(program);
  machine.space = space_of(program.chip);
  return machine;
}

Comparison compare(std::vector<ModelledMachine> modelled) {
  return {std::move(modelled), check_language_model(prices_of({}))};
}

std::string to_text(const Comparison& comparison) {
  std::string text = published_text() + "\n" + ratios_text() + "\n";
  if (!comparison.modelled.empty()) text += modelled_text(comparison.modelled) + "\n";
  return text + language_text(comparison.language);
}

std::string to_json(const Comparison& comparison) {
  using report::Json;
  const auto figure = [](const PublishedFigure& of) {
    return of.value == 0 ? Json(nullptr) : Json{{"value", of.value}, {"source", of.source}};
  };
  Json json;
  Json& published = json["published"] = Json::array();
  for (const PublishedMachine& machine : published_machines()) {
    const double derived = machine.derived_frames_per_joule();
    published.push_back({{"name", machine.name},
                         {"technology", machine.technology},
                         {"format", machine.format},
                         {"frames_per_second", figure(machine.frames_per_second)},
                         {"watts", figure(machine.watts)},
                         {"frames_per_joule", figure(machine.frames_per_joule)},
                         {"derived_frames_per_joule", derived == 0 ? Json(nullptr) : Json(derived)}});
  }
  Json& ratios = json["published_ratios"] = Json::array();
  for (const PublishedRatio& ratio : published_ratios())
    ratios.push_back(
        {{"against", ratio.subject}, {"what", ratio.what}, {"times", ratio.times}, {"source", ratio.source}});
  json["disagreements"] = disagreements();
  json["calibrated_on"] = calibrated_on;
  Json& modelled = json["modelled"] = Json::array();
  for (const ModelledMachine& one : comparison.modelled) {
    modelled.push_back({{"network", one.network},
                        {"format", one.format},
                        {"batch", one.frames},
                        {"frames_per_second", one.frames_per_second()},
                        {"chip_frames_per_second", one.time.chip_frames_per_second},
                        {"host_frames_per_second", one.time.host_frames_per_second},
                        {"watts", one.watts()},
                        {"chip_watts", one.energy.watts()},
                        {"idle_watts", one.energy.idle_watts},
                        {"frames_per_joule", one.frames_per_joule()},
                        {"frames_per_second_per_billion_transistors",
                         one.space.frames_per_second_per_billion(one.frames_per_second())},
                        {"latency_seconds", one.time.latency()},
                        {"remarks", one.energy.remarks}});
  }
  Json& language = json["language_model"];
  language["published_joules_per_token"] = language_joules_per_token;
  Json& checks = language["modelled"] = Json::array();
  for (const LanguageModelCheck& check : comparison.language) {
    checks.push_back({{"shape", check.shape->name},
                      {"source", check.shape->source},
                      {"parameters", check.parameters},
                      {"bytes_per_card", check.bytes_per_card},
                      {"fits", check.fits},
                      {"event_joules_per_token", check.event_joules},
                      {"idle_joules_per_token", check.idle_joules},
                      {"joules_per_token", check.joules()},
                      {"error", check.error()},
                      {"watts_per_card", check.watts_per_card()}});
  }
  return report::text_of(json);
}

}  // namespace northpole::energy
