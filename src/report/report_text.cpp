// The report for people.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "report/frontier.h"
#include "report/report.h"
#include "report/table.h"

namespace northpole::report {
namespace {

constexpr std::size_t name_width = 26;

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string cycles_text(const Report& report) {
  std::string text = fmt::format("a run              {} cycles for {} frame{}: {:.1f} us at {:g} MHz\n",
                                 grouped(report.cycles), report.frames, report.frames == 1 ? "" : "s",
                                 1e6 * report.seconds(static_cast<double>(report.cycles)), report.clock_megahertz);
  text += fmt::format("cycles a frame     {:.10g}\n", report.cycles_per_frame());
  text += fmt::format("frames a second    {:.0f}\n", report.frames_per_second());
  text += fmt::format("latency            {} cycles, {:.1f} us: first input word to last output word of a run\n",
                      grouped(report.latency_cycles), 1e6 * report.seconds(static_cast<double>(report.latency_cycles)));
  return text;
}

std::string operations_text(const Report& report) {
  const double tera = report.multiply_accumulates_per_second() / 1e12;
  const std::uint32_t operations = report.operations_per_multiply_accumulate;
  std::string text =
      fmt::format("operations         {:.2f} tera a second, {} a multiply-accumulate by the chip description",
                  tera * operations, operations);
  if (operations == 1) text += fmt::format("; {:.2f} with 2", 2 * tera);
  return text + "\n";
}

std::string utilisation_text(const Report& report) {
  if (report.layers.empty()) return "";
  std::string text = fmt::format("utilisation        {}: {} ideal cycles in {}\n", percent(report.utilisation()),
                                 grouped(report.ideal_cycles), grouped(report.cycles));
  if (report.bound_cycles != 0) {
    text += fmt::format("layers' own bounds {} cycles in all; a run takes {:.3f} times that\n",
                        grouped(report.bound_cycles),
                        static_cast<double>(report.cycles) / static_cast<double>(report.bound_cycles));
  }
  const char* before = "bottleneck         ";
  for (const Bottleneck& bottleneck : bottlenecks(report)) {
    text += fmt::format("{}{} ({}, {} of the cycles)", before, bottleneck.name,
                        bottleneck.layers == 1 ? "1 layer" : fmt::format("{} layers", bottleneck.layers),
                        percent(static_cast<double>(bottleneck.cycles) / static_cast<double>(report.cycles)));
    before = "\n                   then ";
  }
  if (report.bound_cycles != 0) text += "\n";
  return text;
}

std::string memory_text(const Report& report) {
  std::string text =
      fmt::format("program file       {}; memory image: weights {}, constants {}, programs {}\n",
                  byte_size(static_cast<double>(report.file)), byte_size(static_cast<double>(report.weights)),
                  byte_size(static_cast<double>(report.constants)), byte_size(static_cast<double>(report.programs)));
  const MemoryReport& memory = report.memory;
  text += fmt::format("memory of a core   {} of {} at most (core {}), {} on average\n",
                      byte_size(static_cast<double>(memory.largest)), byte_size(static_cast<double>(memory.core)),
                      memory.largest_core, byte_size(memory.mean));
  text += fmt::format("                   of which image {} at most, {} on average\n",
                      byte_size(static_cast<double>(memory.image_largest)), byte_size(memory.image_mean));
  if (!report.problem.empty()) text += fmt::format("memory is that of the image alone: {}\n", report.problem);
  return text;
}

// "vmm 85.3 %, vector 9.1 %, ...": on two lines.
std::string busy_text(const Report& report) {
  if (report.cycles == 0) return "";
  const auto share = [&](std::uint64_t cycles, std::uint32_t threads) {
    return static_cast<double>(cycles) / (static_cast<double>(report.cycles) * threads);
  };
  std::string text = "busy threads       ";
  for (std::size_t t = 0; t < report.busy.threads.size(); ++t) {
    text += t == 0 ? "" : t == 4 ? ",\n                   " : ", ";
    text += fmt::format("{} {}", isa::name(static_cast<isa::Thread>(t)),
                        percent(share(report.busy.threads[t], report.cores)));
  }
  return text + fmt::format(",\n                   edge units' send {}, receive {}\n",
                            percent(share(report.busy.edge_send, report.rows)),
                            percent(share(report.busy.edge_receive, report.rows)));
}

// "inputs 1,234, banks 56": the two that it waited for longest.
std::string waited_text(const LayerReport& layer) {
  std::array<std::size_t, wait_names.size()> order{};
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t left, std::size_t right) { return layer.waited[left] > layer.waited[right]; });
  std::string text;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::uint64_t cycles = layer.waited[order[i]];
    const std::string one = fmt::format("{}{} {}", i == 0 ? "" : ", ", wait_names[order[i]], grouped(cycles));
    if (cycles != 0 && text.size() + one.size() <= 28) text += one;
  }
  return text.empty() ? "-" : text;
}

std::string known(std::uint64_t cycles) { return cycles == 0 ? "-" : grouped(cycles); }

std::string layers_text(const Report& report) {
  std::vector<std::vector<std::string>> rows = {{"layer", "took", "own bound", "bound by", "used", "waited for"}};
  for (const LayerReport& layer : report.layers) {
    rows.push_back({shortened(layer.name, name_width), grouped(layer.cycles), known(layer.bound_cycles),
                    layer.bound.empty() ? "-" : layer.bound, percent(layer.utilisation()), waited_text(layer)});
  }
  rows.push_back({"after the last layer", grouped(report.cycles_after_layers), "-", "-", "-", "-"});
  rows.push_back({"all", grouped(report.cycles), known(report.bound_cycles), "", percent(report.utilisation()), ""});
  return table(rows);
}

std::string bounds_text(const Report& report) {
  std::vector<std::vector<std::string>> rows = {
      {"bounds of", "arithmetic", "weights", "activations", "sums", "vector", "memory"}};
  for (const LayerReport& layer : report.layers) {
    rows.push_back({shortened(layer.name, name_width)});
    for (const std::uint64_t bound : layer.bounds) rows.back().push_back(known(bound));
  }
  return table(rows);
}

constexpr const char* legend =
    "Where the figures come from. The program: cycles of a run, which it keeps to the cycle ('verify'\n"
    "proves it); latency, from its edge units' instructions. Computed: frames a second = frames of a run\n"
    "/ its cycles x the chip description's clock, runs one after another; operations a second = those of\n"
    "the network's multiply-accumulates. Memory: all words of the image and all that the programs write.\n"
    "Busy: cycles in which a thread has an event, on average over the cores, by the instructions.\n";
constexpr const char* layer_legend =
    "Layers, of a whole run, by the compiler's account in the program: took = from the last issue of the\n"
    "layer before to its own; own bound = the most cycles that one resource needs (the busiest core, port\n"
    "or link) in the layer's mapping, everything else hidden; used = ideal cycles / took, ideal = its\n"
    "multiply-accumulates at its width's full rate on every core; waited = cycles without an issue, the\n"
    "two longest reasons (all in --json).\n";

}  // namespace

std::string to_text(const Report& report) {
  std::string text = fmt::format("network            {}\n", shortened(report.network, 80));
  text += cycles_text(report) + utilisation_text(report) + busy_text(report) + operations_text(report) +
          memory_text(report);
  for (const std::string& operation : report.host_operations)
    text += fmt::format("on the host        {}, after the output was read\n", operation);
  if (!report.layers.empty()) text += "\n" + layers_text(report);
  if (report.bound_cycles != 0) text += "\n" + bounds_text(report);
  return text + "\n" + legend + (report.layers.empty() ? "" : layer_legend) + "\n" + frontier_text(report);
}

}  // namespace northpole::report
