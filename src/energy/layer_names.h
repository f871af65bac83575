// Rows of layers by name: those of Program::layers in the order of their last issues, then others as they are met.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "program/program.h"

namespace northpole::energy {

class LayerNames {
 public:
  explicit LayerNames(const program::Program& program);

  std::uint32_t count() const { return static_cast<std::uint32_t>(names_.size()); }
  const std::string& name(std::uint32_t layer) const { return names_[layer]; }
  // The row of a tensor's layer.
  std::uint32_t of_tag(std::uint16_t tag);
  std::uint32_t of_name(const std::string& name);
  // The layer of Program::layers that issues in this cycle, or the next one to do so; that of programs if there is
  // none.
  std::uint32_t at(std::uint64_t cycle) const;

 private:
  struct Span {
    std::uint64_t last_issue;
    std::uint32_t layer;
  };
  const program::Program& program_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::int64_t> of_tag_;  // -1: not asked for yet
  std::vector<Span> spans_;           // by last issue
};

}  // namespace northpole::energy
