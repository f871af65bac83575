#include "verify/check_whole.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "network/error.h"
#include "program/frame_place.h"

namespace northpole::verify {
namespace {

void check_image(const program::Program& program, Reporter& reporter) {
  const chip::ChipDescription& chip = program.chip;
  std::vector<std::vector<const program::ImageSection*>> by_core(chip.cores());
  for (const program::ImageSection& section : program.image) {
    if (section.core >= chip.cores()) {
      reporter.report_state(FaultKind::malformed, 0, false, section.core, "memory image",
                            "a section for a core that does not exist");
    } else if (section.address > chip.memory_words() || section.words.size() > chip.memory_words() - section.address) {
      reporter.report_state(FaultKind::address, 0, false, section.core, fmt::format("word {}", section.address),
                            "a section of the memory image reaches beyond the memory");
    } else {
      by_core[section.core].push_back(&section);
    }
  }
  for (auto& sections : by_core) {
    std::sort(sections.begin(), sections.end(),
              [](const auto* left, const auto* right) { return left->address < right->address; });
    std::size_t end = 0;
    for (const program::ImageSection* section : sections) {
      if (section->address < end && !section->words.empty()) {
        reporter.report_state(FaultKind::malformed, 0, false, section->core, fmt::format("word {}", section->address),
                              "two sections of the memory image overlap");
      }
      end = std::max(end, section->address + section->words.size());
    }
  }
}

void check_frame(const program::Program& program, const program::FrameLayout& layout, Reporter& reporter) {
  if (!program::frame_fits(layout, program.chip)) {
    reporter.report_state(FaultKind::address, 0, true, 0, fmt::format("frame of {}", layout.tensor),
                          "it reaches beyond the frame buffer");
  }
}

}  // namespace

void check_whole(const program::Program& program, Reporter& reporter) {
  const auto malformed = [&](std::uint32_t place, const char* resource, std::string message) {
    reporter.report_state(FaultKind::malformed, 0, false, place, resource, std::move(message));
  };
  const chip::ChipDescription& chip = program.chip;
  try {
    chip::check(chip, "program");
  } catch (const Error& error) {
    malformed(0, "chip description", error.what());
    return;  // nothing below makes sense without it
  }
  if (program.cycles > longest_run)
    malformed(0, "cycles", fmt::format("a run of {} cycles is too long", program.cycles));
  if (program.boot.size() != chip.cores()) {
    malformed(0, "boot programs", fmt::format("{} of them for {} cores", program.boot.size(), chip.cores()));
  }
  if (program.edges.size() != chip.rows)
    malformed(0, "edge units", fmt::format("{} of them for {} rows", program.edges.size(), chip.rows));
  for (std::uint32_t i = 0; i < program.boot.size(); ++i) {
    const program::Boot& boot = program.boot[i];
    if (boot.core != i) malformed(i, "boot program", fmt::format("boot program {} is core {}'s", i, boot.core));
    if (boot.program.size() > chip.program_words || boot.parameters.size() > chip.parameters) {
      reporter.report_state(FaultKind::address, 0, false, i, "boot program",
                            "the program or its parameters do not fit into their half");
    }
  }
  check_image(program, reporter);
  check_frame(program, program.input, reporter);
  for (const program::FrameLayout& output : program.outputs) check_frame(program, output, reporter);
}

}  // namespace northpole::verify
