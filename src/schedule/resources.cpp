#include "schedule/resources.h"

namespace northpole::schedule {

namespace {

chip::ChipDescription with_rows(chip::ChipDescription chip, std::uint32_t rows) {
  chip.rows = rows;
  return chip;
}

}  // namespace

void NetworkCycles::need(const Route& route, Cycle words, bool ports, std::vector<Need>& needs, Cycle step,
                         Cycle later) {
  for (const Hop& hop : route.links) {
    if (link_cycles_ == 1)
      needs.push_back({&links_[hop.index], hop.offset + later, words, step});
    else
      needs.push_back({&links_[hop.index], hop.offset + later, (words - 1) * step + link_cycles_, 1});
  }
  if (!ports) return;
  for (const Hop& hop : route.deliveries) needs.push_back({&ports_[hop.index], hop.offset + later, words, step});
}

Resources::Resources(const chip::ChipDescription& chip, std::uint32_t group_rows, const std::vector<Pause>& pauses)
    : chip(chip),
      group_chip(with_rows(chip, group_rows)),
      vector(group_chip.cores()),
      send(group_chip.cores()),
      receive(group_chip.cores()),
      partial_sums(group_chip.cores()),
      edges(group_rows),
      activations(group_chip, chip.word_link_cycles),
      memory(chip.cores()),
      weights(chip.cores()),
      model(chip.model_lanes, NetworkCycles(chip, 1)),
      banks_(static_cast<std::size_t>(group_chip.cores()) * chip.banks) {
  for (const Pause& pause : pauses) {
    vmm.mark(pause.cycle, pause.cycles);
    for (auto* threads : {&vector, &send, &receive, &partial_sums, &edges, &memory, &weights})
      for (Cycles& thread : *threads) thread.mark(pause.cycle, pause.cycles);
  }
}

}  // namespace northpole::schedule
