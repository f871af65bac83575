#include "energy/sensitivity.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "energy/calibration.h"
#include "energy/language_model.h"
#include "report/json_text.h"
#include "report/table.h"

namespace northpole::energy {
namespace {

struct Result {
  double watts = 0, language_joules = 0;
};

Result with(const program::Program& program, const EventCounts& counts, const Constants& constants) {
  const Prices prices = prices_of(program.chip, constants);
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  if (prices.calibration <= 0) return {none, none};
  return {energy_of(program, counts, prices).watts(), check_language_model(prices_of({}, constants)).back().joules()};
}

std::string change(double value, double from) {
  return std::isnan(value) ? "-" : fmt::format("{:+.1f} %", 100 * (value / from - 1));
}

}  // namespace

std::vector<Sensitivity> sensitivity_of(const program::Program& program, const EventCounts& counts) {
  const Constants published = published_constants();
  const Prices prices = prices_of(program.chip, published);
  const double joules = energy_of(program, counts, prices).joules();
  std::vector<Sensitivity> result;
  for (std::size_t i = 0; i < constant_count; ++i) {
    Sensitivity one;
    one.constant = static_cast<Constant>(i);
    Constants half = published, twice = published;
    half.value[i] /= 2;
    twice.value[i] *= 2;
    // Without making the calibration again: all that the constant has a part in.
    Prices fixed = prices_of(program.chip, twice);
    for (std::size_t e = 0; e < event_kinds; ++e) {
      const auto event = static_cast<Event>(e);
      if (event != Event::host_input && event != Event::host_output)
        fixed.joules[e] *= prices.calibration / fixed.calibration;
    }
    one.share = energy_of(program, counts, fixed).joules() / joules - 1;
    const Result below = with(program, counts, half), above = with(program, counts, twice);
    one.half_watts = below.watts;
    one.double_watts = above.watts;
    one.half_language_joules = below.language_joules;
    one.double_language_joules = above.language_joules;
    result.push_back(one);
  }
  return result;
}

std::string to_text(const std::vector<Sensitivity>& sensitivity, const Energy& energy) {
  const double language = check_language_model(prices_of({})).back().joules();
  std::vector<std::vector<std::string>> rows = {
      {"constant", "confidence", "its share", "W if half", "W if twice", "token if half", "if twice"}};
  for (const Sensitivity& one : sensitivity) {
    const ConstantInfo& of = info(one.constant);
    rows.push_back({of.key, name(of.confidence), fmt::format("{:.1f} %", 100 * one.share),
                    change(one.half_watts, energy.watts()), change(one.double_watts, energy.watts()),
                    change(one.half_language_joules, language), change(one.double_language_joules, language)});
  }
  return report::table(rows) +
         fmt::format(
             "Each constant off by a factor of two, against {:.1f} W of this program and {:.1f} mJ a token of\n"
             "the language model of 'northpole compare'. The calibration is made again each time,\n"
             "{}.\n"
             "Its share: of the program's energy, by what twice the constant would add without that.\n",
             energy.watts(), 1e3 * language, calibrated_on);
}

std::string to_json(const std::vector<Sensitivity>& sensitivity) {
  const auto known = [](double value) { return std::isnan(value) ? report::Json(nullptr) : report::Json(value); };
  report::Json json = report::Json::array();
  for (const Sensitivity& one : sensitivity) {
    json.push_back({{"constant", info(one.constant).key},
                    {"confidence", name(info(one.constant).confidence)},
                    {"share", one.share},
                    {"half_watts", known(one.half_watts)},
                    {"double_watts", known(one.double_watts)},
                    {"half_language_joules_per_token", known(one.half_language_joules)},
                    {"double_language_joules_per_token", known(one.double_language_joules)}});
  }
  return report::text_of(json);
}

}  // namespace northpole::energy
