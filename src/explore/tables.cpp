#include "explore/tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "energy/calibration.h"
#include "report/json_text.h"
#include "report/page.h"
#include "report/provenance.h"
#include "report/table.h"

namespace northpole::explore {
namespace {

using Json = nlohmann::ordered_json;

// Of one point, in the order of their columns: what was chosen, the chip, the figures.
Json row_of(const Exploration& exploration, std::size_t i, bool best) {
  const Point& point = exploration.points[i];
  const Outcome& outcome = exploration.outcomes[i];
  Json settings = Json::object();
  if (exploration.networks.size() > 1) settings["network"] = exploration.networks[point.network];
  for (const auto& [key, value] : point.settings) settings[key] = value;
  Json row = {{"settings", std::move(settings)},
              {"network", exploration.networks[point.network]},
              {"batch", point.frames},
              {"chip", Json::parse(chip::to_json(point.chip))},
              {"fits", outcome.fits},
              {"problem", outcome.fits ? Json(nullptr) : Json(outcome.problem)},
              {"frontier", best}};
  if (!outcome.fits) return row;
  row["cycles"] = outcome.cycles;
  row["cycles_per_frame"] = static_cast<double>(outcome.cycles) / static_cast<double>(outcome.frames);
  row["utilisation"] = outcome.utilisation;
  row["frames_per_second"] = outcome.frames_per_second;
  row["latency_microseconds"] = 1e6 * outcome.latency_seconds;
  row["watts"] = outcome.watts;
  row["frames_per_joule"] = outcome.frames_per_joule;
  row["square_millimetres"] = outcome.square_millimetres;
  row["transistors"] = outcome.transistors;
  row["frames_per_second_per_square_millimetre"] = outcome.frames_per_second_per_square_millimetre();
  return row;
}

Json rows_of(const Exploration& exploration) {
  const std::vector<bool> best = frontier(exploration.outcomes);
  Json rows = Json::array();
  for (std::size_t i = 0; i < exploration.points.size(); ++i) rows.push_back(row_of(exploration, i, best[i]));
  return rows;
}

constexpr std::array figures = {
    "cycles", "cycles_per_frame", "utilisation",        "frames_per_second", "latency_microseconds",
    "watts",  "frames_per_joule", "square_millimetres", "transistors",       "frames_per_second_per_square_millimetre"};

std::string csv_cell(const Json& value) {
  if (value.is_null()) return "";
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char letter : text) quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
  return quoted + "\"";
}

constexpr const char* legend =
    "* no other chip here is better in frames/J, frames/s a mm2 and latency at once. Frames/s: runs one after\n"
    "another, or what the host link allows; latency: first input word to last output word of a run. Cycles are those\n"
    "of each chip's own schedule, made with few trials ('compile' makes shorter ones). Watts, mm2: docs/energy.md;\n";

}  // namespace

std::string to_text(const Exploration& exploration) {
  std::vector<std::vector<std::string>> rows(1);
  struct Refused {
    std::string problem, first;
    std::size_t others = 0;
  };
  std::vector<Refused> refused;  // by reason
  for (const Json& row : rows_of(exploration)) {
    if (rows[0].empty()) {
      for (const auto& [key, value] : row["settings"].items())
        rows[0].push_back(key == "clock_megahertz" ? "MHz" : key);
      if (rows[0].empty()) rows[0].push_back("chip");
      for (const char* name :
           {"", "cycles/frame", "used", "frames/s", "latency us", "watts", "frames/J", "mm2", "frames/s/mm2"})
        rows[0].push_back(name);
    }
    std::vector<std::string>& cells = rows.emplace_back();
    std::string settings;
    for (const auto& [key, value] : row["settings"].items()) {
      cells.push_back(report::shortened(value.get<std::string>(), 24));
      settings += fmt::format("{}{} {}", settings.empty() ? "" : ", ", key, value.get<std::string>());
    }
    if (cells.empty()) cells.push_back("as given");
    if (!row["fits"].get<bool>()) {
      cells.insert(cells.end(), {"", "does not fit", "", "", "", "", "", "", ""});
      const std::string problem = row["problem"];
      const auto known =
          std::find_if(refused.begin(), refused.end(), [&](const Refused& one) { return one.problem == problem; });
      if (known == refused.end())
        refused.push_back({problem, settings});
      else
        ++known->others;
      continue;
    }
    cells.insert(cells.end(),
                 {row["frontier"].get<bool>() ? "*" : "", fmt::format("{:.0f}", row["cycles_per_frame"].get<double>()),
                  fmt::format("{:.1f} %", 100 * row["utilisation"].get<double>()),
                  fmt::format("{:.0f}", row["frames_per_second"].get<double>()),
                  fmt::format("{:.1f}", row["latency_microseconds"].get<double>()),
                  fmt::format("{:.1f}", row["watts"].get<double>()),
                  fmt::format("{:.1f}", row["frames_per_joule"].get<double>()),
                  fmt::format("{:.0f}", row["square_millimetres"].get<double>()),
                  fmt::format("{:.2f}", row["frames_per_second_per_square_millimetre"].get<double>())});
  }
  std::string text = report::table(rows) + "\n";
  for (const Refused& one : refused)
    text += fmt::format("{}{}: {}\n", one.first, one.others == 0 ? "" : fmt::format(" (and {} more)", one.others),
                        one.problem);
  if (!refused.empty()) text += "\n";
  return text + legend + energy::calibrated_on + ".\n";
}

std::string to_csv(const Exploration& exploration) {
  const Json chip = Json::parse(chip::to_json({}));
  std::string text = "network,batch";
  for (const auto& [key, value] : chip.items()) text += "," + key;
  text += ",fits,frontier";
  for (const char* key : figures) text += std::string(",") + key;
  text += ",problem\n";
  for (const Json& row : rows_of(exploration)) {
    text += csv_cell(row["network"]) + "," + csv_cell(row["batch"]);
    for (const auto& [key, value] : row["chip"].items()) text += "," + csv_cell(value);
    text += "," + csv_cell(row["fits"]) + "," + csv_cell(row["frontier"]);
    for (const char* key : figures) text += "," + (row.contains(key) ? csv_cell(row[key]) : std::string());
    text += "," + csv_cell(row["problem"]) + "\n";
  }
  return text;
}

std::string to_json(const Exploration& exploration) {
  return report::text_of({{"calibrated_on", energy::calibrated_on}, {"chips", rows_of(exploration)}});
}

std::string to_page(const Exploration& exploration) {
  std::string title;
  for (const std::string& name : exploration.networks) title += (title.empty() ? "" : ", ") + name;
  const Json data = {{"tool", "northpole explore"},
                     {"title", title},
                     {"calibrated_on", energy::calibrated_on},
                     {"chips", rows_of(exploration)},
                     {"provenance", report::provenance({})}};
  return report::page_of("NorthPole: chips for " + title, {"format.js", "charts.js", "explore.js"}, data);
}

}  // namespace northpole::explore
