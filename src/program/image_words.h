// Words of the memory image by core and address.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "program/program.h"

namespace northpole::program {

class ImageWords {
 public:
  // Keeps pointers into the program.
  explicit ImageWords(const Program& program) : sections_(program.chip.cores()) {
    for (const ImageSection& section : program.image) sections_[section.core].push_back(&section);
    for (auto& of_core : sections_) {
      std::sort(of_core.begin(), of_core.end(),
                [](const auto* left, const auto* right) { return left->address < right->address; });
    }
  }
  // Null for an address without image.
  const isa::Word* word(std::uint32_t core, std::uint32_t address) const {
    const auto& of_core = sections_[core];
    auto after =
        std::upper_bound(of_core.begin(), of_core.end(), address,
                         [](std::uint32_t value, const ImageSection* section) { return value < section->address; });
    if (after == of_core.begin()) return nullptr;
    const ImageSection& section = **--after;
    const std::uint32_t index = address - section.address;
    return index < section.words.size() ? &section.words[index] : nullptr;
  }

 private:
  std::vector<std::vector<const ImageSection*>> sections_;
};

}  // namespace northpole::program
