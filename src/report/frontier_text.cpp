#include <fmt/format.h>

#include <algorithm>

#include "energy/calibration.h"
#include "report/frontier.h"
#include "report/table.h"

namespace northpole::report {
namespace {

using energy::Part;

constexpr std::size_t name_width = 30;

std::string percent(double part, double of) { return of == 0 ? "-" : fmt::format("{:.1f} %", 100 * part / of); }

// Of parts that belong together.
double sum_of(const std::array<double, energy::part_count>& parts, std::initializer_list<Part> which) {
  double sum = 0;
  for (const Part part : which) sum += parts[static_cast<std::size_t>(part)];
  return sum;
}

std::string parts_text(const Report& report) {
  const energy::Energy& energy = report.energy;
  const auto frames = static_cast<double>(energy.frames);
  std::vector<std::vector<std::string>> rows = {{"energy of", "uJ a frame", "W", "share"}};
  for (std::size_t i = 0; i < energy::part_count; ++i) {
    const double joules = energy.parts[i];
    if (joules == 0) continue;
    rows.push_back({energy::name(static_cast<Part>(i)).text, fmt::format("{:.2f}", 1e6 * joules / frames),
                    fmt::format("{:.2f}", joules / energy.seconds), percent(joules, energy.joules())});
  }
  rows.push_back(
      {"all", fmt::format("{:.2f}", 1e6 * energy.joules_per_frame()), fmt::format("{:.2f}", energy.watts()), ""});
  return table(rows);
}

std::string layers_text(const Report& report) {
  const energy::Energy& energy = report.energy;
  const auto frames = static_cast<double>(energy.frames);
  std::vector<std::vector<std::string>> rows = {
      {"energy by layer", "uJ a frame", "share", "products", "vector", "memories", "networks", "idle"}};
  for (const energy::LayerEnergy& layer : energy.layers) {
    const double all = layer.joules();
    if (all == 0) continue;
    const double products = sum_of(layer.parts, {Part::vmm}), vector = sum_of(layer.parts, {Part::vector});
    const double networks = sum_of(layer.parts, {Part::activation_network, Part::partial_sum_network,
                                                 Part::model_network, Part::instruction_network});
    const double idle = sum_of(layer.parts, {Part::leakage, Part::clock});
    const auto micro = [&](double joules) { return fmt::format("{:.2f}", 1e6 * joules / frames); };
    rows.push_back({shortened(layer.name, name_width), micro(all), percent(all, energy.joules()), micro(products),
                    micro(vector), micro(all - products - vector - networks - idle), micro(networks), micro(idle)});
  }
  return table(rows);
}

std::string space_text(const Report& report) {
  std::vector<std::vector<std::string>> rows = {{"space of", "10^9 transistors", "mm2", "share"}};
  for (const energy::SpacePart& part : report.space.parts) {
    rows.push_back({part.text, fmt::format("{:.2f}", part.transistors / 1e9),
                    fmt::format("{:.1f}", part.square_millimetres),
                    percent(part.square_millimetres, report.space.square_millimetres)});
  }
  rows.push_back({"all", fmt::format("{:.2f}", report.space.transistors / 1e9),
                  fmt::format("{:.1f}", report.space.square_millimetres), ""});
  return table(rows);
}

std::string lines_text(const Report& report) {
  const energy::Energy& energy = report.energy;
  const energy::Time& time = report.time;
  const double rate = time.frames_per_second();
  std::string text;
  if (report.counts.problem.empty()) {
    const double watts = energy.watts_at(rate);
    text += fmt::format("energy             {:.1f} W at {:.0f} frames/s, {:.1f} W idle; modelled,\n", watts, rate,
                        energy.idle_watts);
    text += fmt::format("                   {}\n", energy::calibrated_on);
    text += fmt::format("                   {:.4g} mJ a frame, {:.0f} frames/J\n", 1e3 * watts / rate, rate / watts);
    for (const std::string& remark : energy.remarks) text += fmt::format("                   {}\n", remark);
  } else {
    text += fmt::format("energy             not known: {}\n", shortened(report.counts.problem, 69));
  }
  text += fmt::format("space              {:.0f} frames/s a billion transistors ({:.1f} billion, {:.0f} mm2)\n",
                      report.space.frames_per_second_per_billion(rate), report.space.transistors / 1e9,
                      report.space.square_millimetres);
  text += fmt::format("time               {:.1f} us from host to host: link {:.1f} + input {:.1f} + compute {:.1f}\n",
                      1e6 * time.latency(), 1e6 * time.host_input, 1e6 * time.input, 1e6 * time.compute);
  text += fmt::format("                   + output {:.1f} + link {:.1f}\n", 1e6 * time.output, 1e6 * time.host_output);
  text += fmt::format("host link          {} bytes in, {} out a frame: {:.0f} frames/s at most\n",
                      grouped(time.input_bytes), grouped(time.output_bytes), time.host_frames_per_second);
  if (time.host_limits())
    text += fmt::format("                   limits the chip, which could do {:.0f}\n", time.chip_frames_per_second);
  return text;
}

constexpr const char* legend =
    "Energy: events of a run counted from its schedule (all in --json) x published energies an operation,\n"
    "scaled to 12 nm, x one calibrated factor; leakage and clock by area and time. docs/energy.md has\n"
    "each constant with source and confidence, 'report --sensitivity' what changes if one is wrong.\n"
    "Products: vector-matrix units; memories: also buffers, registers, instruction issue; idle: leakage\n"
    "and clock for the cycles that the layer took. Space: memories by their bits, units by their gates,\n"
    "the rest of the published 22 billion transistors and 800 mm2 by cores. Host link: PCIe Gen3 x8,\n"
    "7.9 GB/s each way; a run's frames enter before it, so that batches wait for each other.\n";

}  // namespace

std::string frontier_text(const Report& report) {
  if (report.cycles == 0) return "";
  std::string text = lines_text(report) + "\n";
  if (report.counts.problem.empty()) text += parts_text(report) + "\n" + layers_text(report) + "\n";
  return text + space_text(report) + "\n" + legend;
}

}  // namespace northpole::report
