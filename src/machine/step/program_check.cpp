#include "machine/step/program_check.h"

#include <fmt/format.h>

#include "program/frame_place.h"

namespace northpole::machine::step {
namespace {

std::optional<Fault> fault(FaultKind kind, std::string what, std::optional<std::uint32_t> core = std::nullopt) {
  Fault result;
  result.kind = kind;
  result.core = core;
  result.resource = std::move(what);
  return result;
}

std::optional<Fault> boot_fault(const program::Program& program) {
  if (program.boot.size() != program.chip.cores())
    return fault(FaultKind::malformed, fmt::format("{} boot programs", program.boot.size()));
  if (program.edges.size() != program.chip.rows)
    return fault(FaultKind::malformed, fmt::format("{} edge units", program.edges.size()));
  for (std::uint32_t core = 0; core < program.boot.size(); ++core) {
    const program::Boot& boot = program.boot[core];
    if (boot.core != core)
      return fault(FaultKind::malformed, fmt::format("boot program {} is for core {}", core, boot.core));
    if (boot.program.size() > program.chip.program_words) {
      return fault(FaultKind::address, fmt::format("boot program of {} words", boot.program.size()), core);
    }
    if (boot.parameters.size() > program.chip.parameters) {
      return fault(FaultKind::address, fmt::format("{} boot parameters", boot.parameters.size()), core);
    }
  }
  return std::nullopt;
}

std::optional<Fault> image_fault(const program::Program& program) {
  const std::uint64_t memory_words = program.chip.memory_words();
  for (const program::ImageSection& section : program.image) {
    if (section.core >= program.chip.cores())
      return fault(FaultKind::malformed, fmt::format("image section for core {}", section.core));
    if (section.address + std::uint64_t{section.words.size()} > memory_words) {
      return fault(FaultKind::address,
                   fmt::format("image section of {} words at {}", section.words.size(), section.address), section.core);
    }
  }
  std::vector<bool> taken(program.chip.cores() * memory_words);
  for (const program::ImageSection& section : program.image) {
    for (std::size_t i = 0; i < section.words.size(); ++i) {
      auto word = taken[section.core * memory_words + section.address + i];
      if (word)
        return fault(FaultKind::malformed, fmt::format("two image sections at {}", section.address + i), section.core);
      word = true;
    }
  }
  return std::nullopt;
}

std::optional<Fault> frame_fault(const program::Program& program, const program::FrameLayout& layout) {
  return program::frame_fits(layout, program.chip)
             ? std::nullopt
             : fault(FaultKind::address, fmt::format("frame of '{}' reaches beyond the frame buffer", layout.tensor));
}

}  // namespace

std::optional<Fault> program_fault(const program::Program& program) {
  constexpr std::uint64_t longest_run = std::uint64_t{1} << 36;
  if (program.cycles > longest_run)
    return fault(FaultKind::malformed, fmt::format("a run of {} cycles", program.cycles));
  if (auto found = boot_fault(program)) return found;
  if (auto found = image_fault(program)) return found;
  if (auto found = frame_fault(program, program.input)) return found;
  for (const program::FrameLayout& output : program.outputs) {
    if (auto found = frame_fault(program, output)) return found;
  }
  return std::nullopt;
}

}  // namespace northpole::machine::step
