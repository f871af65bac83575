#include "report/trace_counters.h"

#include <fmt/format.h>

#include <map>

#include "report/traffic.h"

namespace northpole::report {
namespace {

constexpr std::array compass_names = {"north", "east", "south", "west"};

// Counts by interval of time.
class Bins {
 public:
  explicit Bins(const CounterChoice& choice)
      : choice_(&choice), values_((choice.until - choice.from + choice.interval - 1) / choice.interval) {}
  void add(std::uint64_t cycle, std::uint64_t count) {
    if (cycle >= choice_->from && cycle < choice_->until) values_[(cycle - choice_->from) / choice_->interval] += count;
  }
  std::size_t size() const { return values_.size(); }
  // A cycle's mean.
  double mean(std::size_t bin) const {
    const std::uint64_t first = choice_->from + bin * choice_->interval;
    return static_cast<double>(values_[bin]) / static_cast<double>(std::min(choice_->interval, choice_->until - first));
  }

 private:
  const CounterChoice* choice_;
  std::vector<std::uint64_t> values_;
};

class Counters {
 public:
  Counters(const RunInstructions& run, const CounterChoice& choice)
      : run_(run), chip_(run.program().chip), choice_(choice), routes_(chip_) {}

  void count() {
    for (const std::uint32_t core : choice_.cores) {
      banks_.emplace(core, std::vector<Bins>(chip_.banks, Bins(choice_)));
      links_.emplace(core, std::vector<std::vector<Bins>>(network_names.size(), std::vector<Bins>(4, Bins(choice_))));
    }
    if (choice_.cores.empty()) return;
    for (std::uint32_t core = 0; core < chip_.cores(); ++core) {
      for (const ThreadInstructions& instructions : run_.of_core(core)) {
        for (const PlacedInstruction& placed : instructions) {
          add_traffic(false, core, placed);
          if (banks_.contains(core)) add_accesses(core, placed);
        }
      }
    }
    for (std::uint32_t row = 0; row < chip_.rows; ++row)
      for (const PlacedInstruction& placed : run_.of_edge(row).send) add_traffic(true, row, placed);
  }

  void write(std::uint32_t (*process_of_core)(std::uint32_t), TraceWriter& writer) const {
    for (const std::uint32_t core : choice_.cores) {
      const std::uint32_t process = process_of_core(core);
      std::vector<std::string> names;
      for (std::uint32_t bank = 0; bank < chip_.banks; ++bank) names.push_back(fmt::format("bank {}", bank));
      write(writer, process, "banks, accesses a cycle", names, banks_.at(core), 1);
      for (std::size_t n = 0; n < network_names.size(); ++n) {
        const double lanes = n == static_cast<std::size_t>(Network::model) ? chip_.model_lanes : 1;
        write(writer, process, fmt::format("links of {}, share of cycles", network_names[n]),
              {compass_names.begin(), compass_names.end()}, links_.at(core)[n], lanes);
      }
    }
  }

 private:
  void add_traffic(bool edge, std::uint32_t place, const PlacedInstruction& placed) {
    const auto sending = sending_of(placed.instruction, chip_);
    if (!sending || placed.start >= choice_.until) return;
    for (const auto& step : routes_.links(edge, place, placed.instruction)) {
      const auto core = links_.find(step.index / 4U);
      if (core == links_.end() || step.index >= chip_.cores() * 4) continue;
      Bins& bins = core->second[static_cast<std::size_t>(sending->network)][step.index % 4];
      for_each_event(placed.instruction, placed.start, [&](std::uint64_t cycle, const auto&) {
        for (std::uint32_t i = 0; i < sending->cycles; ++i) bins.add(cycle + step.delay + i, sending->words);
      });
    }
  }

  void add_accesses(std::uint32_t core, const PlacedInstruction& placed) {
    if (placed.start >= choice_.until) return;
    std::vector<Bins>& banks = banks_.at(core);
    for_each_access(placed, chip_, [&](std::uint64_t cycle, std::uint32_t address, std::uint16_t, bool) {
      if (address < chip_.memory_words()) banks[address / chip_.bank_words].add(cycle, 1);
    });
  }

  void write(TraceWriter& writer, std::uint32_t process, const std::string& name, const std::vector<std::string>& names,
             const std::vector<Bins>& series, double full) const {
    std::vector<std::pair<std::string, double>> before;
    for (std::size_t bin = 0; bin < series[0].size(); ++bin) {
      std::vector<std::pair<std::string, double>> values;
      for (std::size_t i = 0; i < series.size(); ++i) values.emplace_back(names[i], series[i].mean(bin) / full);
      if (values == before) continue;  // a counter keeps its value
      writer.counter(process, name, choice_.from + bin * choice_.interval, values);
      before = std::move(values);
    }
  }

  const RunInstructions& run_;
  const chip::ChipDescription& chip_;
  const CounterChoice& choice_;
  Routes routes_;
  std::map<std::uint32_t, std::vector<Bins>> banks_;               // by core, then bank
  std::map<std::uint32_t, std::vector<std::vector<Bins>>> links_;  // by core, network, direction
};

}  // namespace

void add_counters(const RunInstructions& run, const CounterChoice& choice,
                  std::uint32_t (*process_of_core)(std::uint32_t), TraceWriter& writer) {
  Counters counters(run, choice);
  counters.count();
  counters.write(process_of_core, writer);
}

}  // namespace northpole::report
