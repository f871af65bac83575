#include "chip/chip_description_text.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

namespace northpole::chip {
namespace {

constexpr const char* published = "published";
constexpr const char* derived = "derived";
constexpr const char* chosen = "chosen";

// In the order of to_json. docs/machine.md has the reasons.
constexpr std::array<KeyNote, 18> lines = {{
    {"rows", "", published, "of the array of cores"},
    {"columns", "", published, "of the array of cores: 16 x 16 = 256"},
    {"operations_per_multiply_accumulate", "", chosen, "multiply and add; no source defines an operation"},
    {"banks", "", chosen, "of a core's memory, one access a cycle each: 128 bytes a cycle, which is derived"},
    {"bank_words", "words of 32 bytes", derived, "4 banks of 192 KiB are the published 768 KiB a core"},
    {"weight_blocks", "blocks of 1 KiB", chosen, "weight buffer, 2 x 32"},
    {"partial_sums", "vectors of 32 x 32 bit", chosen, "partial-sum buffer"},
    {"program_words", "words of 32 bytes", chosen, "one half of the program buffer"},
    {"parameters", "of 32 bit", chosen, "one half of the parameter registers"},
    {"constant_words", "words of 32 bytes", chosen, "constant registers of the vector unit"},
    {"vmm_latency", "cycles", chosen, "from a multiply's issue until its partial sum may be read"},
    {"vector_latency", "cycles", chosen, "from a vector issue until its output word is written"},
    {"partial_sum_link_cycles", "cycles", chosen, "a vector of 1,024 bit over a link of 512"},
    {"word_link_cycles", "cycles", chosen, "a word of 256 bit over a link of the activation or instruction network"},
    {"model_lanes", "words of 256 bit", chosen, "of a model network link"},
    {"frame_words_per_row", "words of 32 bytes", derived, "16 rows of 2 MiB are the published 32 MiB"},
    {"clock_megahertz", "MHz", published, "clock of everything"},
    {"vector_precision", "", published, "fp16; fp32 is a switch of this project"},
}};

const KeyNote& line_of(const std::string& key) {
  for (const KeyNote& line : lines) {
    if (key == line.key) return line;
  }
  static constexpr KeyNote unknown = {"", "", chosen, ""};
  return unknown;
}

}  // namespace

std::span<const KeyNote> key_notes() { return lines; }

std::string to_text(const ChipDescription& description) {
  const auto value = nlohmann::ordered_json::parse(to_json(description));
  const auto standard = nlohmann::ordered_json::parse(to_json({}));
  std::string text =
      "// A chip description: JSON with comments. Keys that are left out have the published chip's values.\n{\n";
  std::size_t left = value.size();
  for (const auto& [key, member] : value.items()) {
    const KeyNote& line = line_of(key);
    const std::string pair = fmt::format("\"{}\": {}{}", key, member.dump(), --left == 0 ? "" : ",");
    const bool changed = member != standard[key];
    text += fmt::format("  {:<44} // {}: {}{}{}{}\n", pair, changed ? "changed" : line.status, line.unit,
                        *line.unit == '\0' ? "" : ", ", line.comment,
                        changed ? fmt::format(" (published chip: {}, {})", standard[key].dump(), line.status) : "");
  }
  return text + "}\n";
}

}  // namespace northpole::chip
