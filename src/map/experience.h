// What layers took in schedules that have been made: a search that knows it no longer needs to guess.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "lower/layer.h"
#include "map/mapping.h"

namespace northpole::map {

class Experience {
 public:
  explicit Experience(const lower::LayerGraph& graph);

  // By layer: its mapping's number (TransferTable), the mapping, and the cycles from the end of the last issue before
  // it to the end of its own.
  void learn(const std::vector<std::uint32_t>& numbers, const std::vector<Mapping>& mappings,
             const std::vector<std::uint64_t>& took);

  // Cycles that a layer like this one took on average behind a layer like the one before it, both so mapped. `before`
  // means nothing for the first layer.
  std::optional<std::uint64_t> took(std::size_t layer, std::uint32_t before, std::uint32_t number) const;
  // Equal for layers alike.
  std::uint32_t form(std::size_t layer) const { return form_[layer]; }
  // Mappings in which layers like this one were tried, the quickest first.
  std::vector<Mapping> tried(std::size_t layer) const;

 private:
  struct Mean {
    std::uint64_t sum = 0, count = 0;
    std::uint64_t value() const { return sum / count; }
  };
  struct Tried {
    Mapping mapping;
    std::uint64_t least = 0;
  };
  using Key =
      std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>;  // forms and numbers of both layers
  Key key(std::size_t layer, std::uint32_t before, std::uint32_t number) const;

  std::vector<std::uint32_t>
      form_;  // by layer: equal for layers of the same shape with inputs from the same layers before
  std::map<Key, Mean> known_;
  std::map<std::uint32_t, std::map<std::uint32_t, Tried>> tried_;  // by form and number
};

}  // namespace northpole::map
