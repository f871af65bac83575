#include "explore/outcome.h"

#include "energy/energy.h"
#include "energy/space.h"
#include "energy/time.h"
#include "report/latency.h"

namespace northpole::explore {

std::vector<Outcome> outcomes_of(program::Program program, const std::vector<double>& clocks_megahertz) {
  const energy::EventCounts counts = energy::count_events(program);
  std::uint64_t ideal = 0;
  for (const program::LayerCycles& layer : program.layers) ideal += layer.ideal_cycles;
  const std::uint64_t latency = report::latency_cycles(program);
  std::vector<Outcome> outcomes;
  for (const double clock : clocks_megahertz) {
    program.chip.clock_megahertz = clock;
    const energy::Energy energy = energy::energy_of(program, counts, energy::prices_of(program.chip));
    const energy::Space space = energy::space_of(program.chip);
    const energy::Time time = energy::time_of(program);
    Outcome outcome;
    outcome.fits = true;
    outcome.cycles = program.cycles;
    outcome.frames = program.frames;
    outcome.utilisation = program.cycles == 0 ? 0 : static_cast<double>(ideal) / static_cast<double>(program.cycles);
    outcome.frames_per_second = time.frames_per_second();
    outcome.latency_seconds = static_cast<double>(latency) / (clock * 1e6);
    outcome.watts = energy.watts_at(outcome.frames_per_second);
    outcome.frames_per_joule = outcome.watts == 0 ? 0 : outcome.frames_per_second / outcome.watts;
    outcome.square_millimetres = space.square_millimetres;
    outcome.transistors = space.transistors;
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

nlohmann::ordered_json to_json(const Outcome& outcome) {
  if (!outcome.fits) return {{"fits", false}, {"problem", outcome.problem}};
  return {{"fits", true},
          {"cycles", outcome.cycles},
          {"frames", outcome.frames},
          {"utilisation", outcome.utilisation},
          {"frames_per_second", outcome.frames_per_second},
          {"latency_seconds", outcome.latency_seconds},
          {"watts", outcome.watts},
          {"frames_per_joule", outcome.frames_per_joule},
          {"square_millimetres", outcome.square_millimetres},
          {"transistors", outcome.transistors}};
}

Outcome outcome_from(const nlohmann::ordered_json& json) {
  Outcome outcome;
  json.at("fits").get_to(outcome.fits);
  if (!outcome.fits) {
    json.at("problem").get_to(outcome.problem);
    return outcome;
  }
  json.at("cycles").get_to(outcome.cycles);
  json.at("frames").get_to(outcome.frames);
  json.at("utilisation").get_to(outcome.utilisation);
  json.at("frames_per_second").get_to(outcome.frames_per_second);
  json.at("latency_seconds").get_to(outcome.latency_seconds);
  json.at("watts").get_to(outcome.watts);
  json.at("frames_per_joule").get_to(outcome.frames_per_joule);
  json.at("square_millimetres").get_to(outcome.square_millimetres);
  json.at("transistors").get_to(outcome.transistors);
  return outcome;
}

std::vector<bool> frontier(const std::vector<Outcome>& outcomes) {
  // At least as good in everything, and better in something.
  const auto beats = [](const Outcome& a, const Outcome& b) {
    const double area_a = a.frames_per_second_per_square_millimetre(),
                 area_b = b.frames_per_second_per_square_millimetre();
    return a.frames_per_joule >= b.frames_per_joule && area_a >= area_b && a.latency_seconds <= b.latency_seconds &&
           (a.frames_per_joule > b.frames_per_joule || area_a > area_b || a.latency_seconds < b.latency_seconds);
  };
  std::vector<bool> result;
  for (const Outcome& one : outcomes) {
    bool best = one.fits;
    for (const Outcome& other : outcomes) best = best && !(other.fits && beats(other, one));
    result.push_back(best);
  }
  return result;
}

}  // namespace northpole::explore
