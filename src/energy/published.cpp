#include "energy/published.h"

#include <fmt/format.h>

#include <cmath>

namespace northpole::energy {
namespace {

constexpr const char* article = "Modha et al., Science 382:329 (2023)";
constexpr const char* of_article = "the article's figures of other machines (Science 382:329, 2023)";
constexpr const char* keller = "Keller et al., IEEE J. Solid-State Circuits 58(4):1129 (2023), at 0.67 V";
// More than rounding of either figure explains.
constexpr double rounding = 0.004;

}  // namespace

const std::vector<PublishedMachine>& published_machines() {
  static const std::vector<PublishedMachine> machines = {
      {"A100", "7 nm GPU", "INT8", {30814, of_article}, {400, of_article}, {80, of_article}},
      {"H100", "4 nm GPU", "INT8", {81292, of_article}, {700, of_article}, {116, of_article}},
      {"NorthPole", "12 nm", "4 and 8 bit", {42460, article}, {74, article}, {571, article}},
      {"Keller et al.", "5 nm", "4 bit, scaled vectors", {212, of_article}, {}, {4714, keller}},
  };
  return machines;
}

const std::vector<PublishedRatio>& published_ratios() {
  static const std::vector<PublishedRatio> ratios = {
      {"a 12 nm GPU, ResNet-50", "more frames a joule", 25, article},
      {"a 12 nm GPU, ResNet-50", "more frames a second and transistor", 5, article},
      {"a 12 nm GPU, ResNet-50", "shorter latency", 22, article},
      {"TrueNorth", "more computation", 3000, article},
      {"TrueNorth", "larger networks", 640, article},
      {"TrueNorth", "more transistors", 4, article},
  };
  return ratios;
}

std::vector<std::string> disagreements() {
  std::vector<std::string> found;
  for (const PublishedMachine& machine : published_machines()) {
    const double derived = machine.derived_frames_per_joule(), published = machine.frames_per_joule.value;
    if (derived == 0 || published == 0 || std::abs(derived / published - 1) <= rounding) continue;
    found.push_back(fmt::format("{}: {:g} frames/J as published, but {:g} frames/s / {:g} W = {:.1f} ({:+.1f} %)",
                                machine.name, published, machine.frames_per_second.value, machine.watts.value, derived,
                                100 * (derived / published - 1)));
  }
  return found;
}

}  // namespace northpole::energy
