#include "report/page_published.h"

#include "energy/published.h"

namespace northpole::report {
namespace {

Json figure(const energy::PublishedFigure& published) {
  if (published.value == 0) return nullptr;
  return {{"value", published.value}, {"source", published.source}};
}

}  // namespace

Json page_published() {
  Json machines = Json::array(), ratios = Json::array();
  for (const energy::PublishedMachine& machine : energy::published_machines()) {
    machines.push_back({{"name", machine.name},
                        {"technology", machine.technology},
                        {"format", machine.format},
                        {"frames_per_second", figure(machine.frames_per_second)},
                        {"watts", figure(machine.watts)},
                        {"frames_per_joule", figure(machine.frames_per_joule)}});
  }
  for (const energy::PublishedRatio& ratio : energy::published_ratios())
    ratios.push_back(
        {{"subject", ratio.subject}, {"what", ratio.what}, {"times", ratio.times}, {"source", ratio.source}});
  return {{"machines", std::move(machines)}, {"ratios", std::move(ratios)}, {"disagreements", energy::disagreements()}};
}

}  // namespace northpole::report
