#include "report/timeline.h"

#include <algorithm>
#include <map>

#include "report/traffic.h"

namespace northpole::report {
namespace {

constexpr std::size_t edge_send = isa::thread_count, edge_receive = edge_send + 1, first_network = edge_receive + 1;

class Counter {
 public:
  Counter(const RunInstructions& run, const InstructionLayers& layers, std::size_t most_intervals)
      : run_(run), chip_(run.program().chip), layers_(layers), routes_(chip_) {
    const std::uint64_t cycles = std::max<std::uint64_t>(run.program().cycles, 1);
    timeline_.interval = (cycles + most_intervals - 1) / most_intervals;
    intervals_ = static_cast<std::size_t>((cycles + timeline_.interval - 1) / timeline_.interval);
    for (std::uint32_t t = 0; t < isa::thread_count; ++t)
      timeline_.rows.push_back({isa::name(static_cast<isa::Thread>(t)), {}, {}});
    timeline_.rows.push_back({"edge send", {}, {}});
    timeline_.rows.push_back({"edge receive", {}, {}});
    for (const char* name : network_names) timeline_.rows.push_back({std::string("net ") + name, {}, {}});
    counts_.assign(timeline_.rows.size(), std::vector<std::map<std::uint32_t, double>>(intervals_));
    timeline_.weight_bits.assign(layers.layers(), 0);
    timeline_.activation_bits.assign(layers.layers(), 0);
  }

  Timeline run() {
    for (std::uint32_t core = 0; core < chip_.cores(); ++core) {
      const CoreInstructions instructions = run_.of_core(core);
      const InstructionLayers::OfCore names = layers_.of_core(core, instructions);
      for (std::size_t t = 0; t < isa::thread_count; ++t)
        for (std::size_t i = 0; i < instructions[t].size(); ++i) add(t, false, core, instructions[t][i], names[t][i]);
    }
    for (std::uint32_t row = 0; row < chip_.rows; ++row) {
      const EdgeInstructions instructions = run_.of_edge(row);
      const InstructionLayers::OfEdge names = layers_.of_edge(row, instructions);
      for (std::size_t i = 0; i < instructions.send.size(); ++i)
        add(edge_send, true, row, instructions.send[i], names.send[i]);
      for (std::size_t i = 0; i < instructions.receive.size(); ++i)
        spread(edge_receive, instructions.receive[i], 1, names.receive[i]);
    }
    finish();
    return std::move(timeline_);
  }

 private:
  void add(std::size_t row, bool edge, std::uint32_t place, const PlacedInstruction& placed, std::uint32_t name) {
    spread(row, placed, 1, name);
    if (const auto sending = sending_of(placed.instruction, chip_)) {
      const auto hops = static_cast<double>(routes_.links(edge, place, placed.instruction).size());
      spread(first_network + static_cast<std::size_t>(sending->network), placed,
             hops * sending->words * sending->cycles, name);
    }
    if (placed.instruction.opcode != isa::Opcode::multiply || name >= layers_.layers()) return;
    const isa::MultiplyMode mode = isa::decode_multiply_mode(placed.instruction.immediate[0]);
    timeline_.weight_bits[name] = std::max(timeline_.weight_bits[name], mode.weight_bits);
    timeline_.activation_bits[name] = std::max(timeline_.activation_bits[name], mode.activation_bits);
  }

  // Each event counts `weight` in its interval.
  void spread(std::size_t row, const PlacedInstruction& placed, double weight, std::uint32_t name) {
    if (weight == 0) return;
    auto& counts = counts_[row];
    const std::size_t first = static_cast<std::size_t>(placed.start / timeline_.interval),
                      last = static_cast<std::size_t>(placed.last / timeline_.interval);
    if (first == last) {
      counts[first][name] += weight * static_cast<double>(placed.events);
      return;
    }
    std::size_t interval = first;
    double sum = 0;
    for_each_event(placed.instruction, placed.start, [&](std::uint64_t cycle, const auto&) {
      const auto of_event = static_cast<std::size_t>(cycle / timeline_.interval);
      if (of_event != interval) {
        counts[interval][name] += sum;
        interval = of_event;
        sum = 0;
      }
      sum += weight;
    });
    counts[interval][name] += sum;
  }

  // How much of a row there could be in a cycle.
  double full(std::size_t row) const {
    if (row < edge_send) return chip_.cores();
    if (row < first_network) return chip_.rows;
    // Both directions between neighbours.
    const double links = 2.0 * (chip_.rows * (chip_.columns - 1.0) + chip_.columns * (chip_.rows - 1.0));
    const auto network = static_cast<Network>(row - first_network);
    if (network == Network::activations) return links + 2.0 * chip_.rows;  // and with the edge units
    return std::max(1.0, network == Network::model ? links * chip_.model_lanes : links);
  }

  void finish() {
    for (std::size_t row = 0; row < timeline_.rows.size(); ++row) {
      for (std::size_t i = 0; i < intervals_; ++i) {
        double sum = 0, most = 0;
        std::uint32_t name = 0;
        for (const auto& [layer, count] : counts_[row][i]) {
          sum += count;
          if (count > most) most = count, name = layer;
        }
        const std::uint64_t cycles = std::min(
            timeline_.interval, run_.program().cycles - std::min(run_.program().cycles, i * timeline_.interval));
        timeline_.rows[row].busy.push_back(sum / (full(row) * static_cast<double>(std::max<std::uint64_t>(cycles, 1))));
        timeline_.rows[row].layer.push_back(name);
      }
    }
  }

  const RunInstructions& run_;
  const chip::ChipDescription& chip_;
  const InstructionLayers& layers_;
  Routes routes_;
  Timeline timeline_;
  std::size_t intervals_ = 1;
  std::vector<std::vector<std::map<std::uint32_t, double>>> counts_;  // by row, interval, layer
};

}  // namespace

Timeline timeline_of(const RunInstructions& run, const InstructionLayers& layers, std::size_t most_intervals) {
  return Counter(run, layers, std::max<std::size_t>(most_intervals, 1)).run();
}

}  // namespace northpole::report
