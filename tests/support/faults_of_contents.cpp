// Parameters, directories, constants and weights in the memory image, boot programs, frames.
#include <fmt/format.h>

#include "support/planted_faults.h"

namespace northpole::tests {

namespace {

using Plant = decltype(FaultKind::plant);
using Outcome = std::optional<std::string>;

std::uint32_t get32(const isa::Word& word, std::size_t at) {
  return word[at] | static_cast<std::uint32_t>(word[at + 1]) << 8 | static_cast<std::uint32_t>(word[at + 2]) << 16 |
         static_cast<std::uint32_t>(word[at + 3]) << 24;
}
void put32(isa::Word& word, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) word[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

Plant parameter(std::uint32_t more) {
  return [=](program::Program& program, const FaultSites& sites, std::mt19937& random) -> Outcome {
    const auto sections = sites.sections("parameters");
    if (sections.empty()) return std::nullopt;
    auto& section = program.image[sections[random() % sections.size()]];
    const std::size_t word = random() % section.words.size(), at = random() % 8 * 4;
    put32(section.words[word], at, get32(section.words[word], at) + more);
    return fmt::format("parameter {} of core {}, image address {}", word * 8 + at / 4, section.core, section.address);
  };
}

// Some bit of a word of the sections called so.
Plant flipped_bit(std::string name, bool prefix, std::size_t first_word, std::size_t words) {
  return [=](program::Program& program, const FaultSites& sites, std::mt19937& random) -> Outcome {
    const auto sections = sites.sections(name, prefix);
    if (sections.empty()) return std::nullopt;
    const std::size_t index = sections[random() % sections.size()];
    auto& section = program.image[index];
    if (section.words.size() <= first_word) return std::nullopt;
    const std::size_t word = first_word + random() % std::min(words, section.words.size() - first_word);
    isa::Word changed = section.words[word];
    const std::size_t byte = random() % 32, bit = random() % 8;
    changed[byte] ^= static_cast<std::uint8_t>(1U << bit);
    overwrite(program, Holder::image, index, word, {changed});
    return fmt::format("bit {} of byte {}, word {} of the section at {} of core {}", bit, byte, word, section.address,
                       section.core);
  };
}

Outcome bit_of_instruction(program::Program& program, const FaultSites& sites, std::mt19937& random) {
  const FaultSite* site = sites.any(random, [](const FaultSite&) { return true; });
  if (site == nullptr) return std::nullopt;
  const std::size_t word = site->word + random() % site->words, byte = random() % 32, bit = random() % 8;
  isa::Word changed = words_of(program, site->holder, site->index)[word];
  changed[byte] ^= static_cast<std::uint8_t>(1U << bit);
  overwrite(program, site->holder, site->index, word, {changed});
  return fmt::format("bit {} of byte {}, word {}: {}", bit, byte, word, described(program, *site));
}

Outcome directory(program::Program& program, const FaultSites& sites, std::mt19937& random) {
  if (sites.directories().empty()) return std::nullopt;
  const DirectorySite site = sites.directories()[random() % sites.directories().size()];
  auto starts = isa::decode_directory(program.image[site.section].words[site.word]);
  const std::size_t thread = random() % isa::thread_count;
  if (random() % 4 == 0)
    std::swap(starts[thread], starts[(thread + 1) % isa::thread_count]);
  else
    starts[thread] = static_cast<std::uint16_t>(random() % 5 == 0 ? 0 : starts[thread] + (random() % 2 == 0 ? 1 : -1));
  overwrite(program, Holder::image, site.section, site.word, {isa::encode_directory(starts)});
  return fmt::format("thread {} of the directory in core {}", thread, program.image[site.section].core);
}

Outcome boot_alone(program::Program& program, const FaultSites&, std::mt19937& random) {
  auto& words = program.boot[random() % program.boot.size()].program;
  const std::size_t word = random() % words.size(), byte = random() % 32;
  words[word][byte] ^= static_cast<std::uint8_t>(1U << random() % 8);
  return fmt::format("byte {} of word {}", byte, word);
}

Outcome boot_parameters(program::Program& program, const FaultSites&, std::mt19937& random) {
  auto& parameters = program.boot[random() % program.boot.size()].parameters;
  if (parameters.empty() || random() % 2 == 0)
    parameters.push_back(random() % 100);
  else
    ++parameters[random() % parameters.size()];
  return "parameters of a boot program";
}

Outcome section_gone(program::Program& program, const FaultSites&, std::mt19937& random) {
  const std::size_t index = random() % program.image.size();
  const std::string what = fmt::format("section of '{}' in core {}", program.tensors[program.image[index].tensor].name,
                                       program.image[index].core);
  program.image.erase(program.image.begin() + static_cast<std::ptrdiff_t>(index));
  return what;
}

Outcome section_tag(program::Program& program, const FaultSites&, std::mt19937& random) {
  auto& section = program.image[random() % program.image.size()];
  section.tensor = static_cast<std::uint16_t>(section.tensor + (random() % 2 == 0 ? 1 : -1));
  return fmt::format("section at {} of core {}", section.address, section.core);
}

Outcome section_moved(program::Program& program, const FaultSites&, std::mt19937& random) {
  auto& section = program.image[random() % program.image.size()];
  section.address += random() % 2 == 0 ? 1U : ~0U;
  return fmt::format("section to {} of core {}", section.address, section.core);
}

Outcome frame(program::Program& program, const FaultSites&, std::mt19937& random) {
  auto& layout =
      random() % 2 == 0 || program.outputs.empty() ? program.input : program.outputs[random() % program.outputs.size()];
  switch (random() % 3) {
    case 0:
      layout.base += 1;
      break;
    case 1:
      layout.tag = static_cast<std::uint16_t>(layout.tag + 1);
      break;
    case 2:
      if (layout.width < 2) return std::nullopt;
      layout.width -= 1;
      break;
  }
  return "frame of '" + layout.tensor + "'";
}

}  // namespace

std::vector<FaultKind> faults_of_contents() {
  return {
      {"parameter one more", parameter(1)},
      {"parameter one less", parameter(~0U)},
      {"bit of an instruction word", bit_of_instruction},
      {"directory entry wrong", directory},
      {"boot program unlike its copy", boot_alone},
      {"boot parameters changed", boot_parameters},
      {"bit of a vector function", flipped_bit("constants of ", true, 0, 2)},
      {"bit of a bias, scale or constant", flipped_bit("constants of ", true, 2, 1000)},
      {"bit of a weight", flipped_bit("weights of ", true, 0, 1000)},
      {"bit of padding", flipped_bit("padding", false, 0, 1000)},
      {"image section missing", section_gone},
      {"image section under another tag", section_tag},
      {"image section at another address", section_moved},
      {"frame elsewhere", frame},
  };
}

}  // namespace northpole::tests
