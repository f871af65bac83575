// What lowered layers compute, word by word, as lower/layer.h defines them: no mapping, no schedule, no instructions.
// With it lowering can be asked about by itself.
#pragma once

#include <cstdint>
#include <vector>

#include "chip/chip_description.h"
#include "isa/instruction.h"
#include "lower/layer.h"

namespace northpole::tests {

class LayerEvaluation {
 public:
  LayerEvaluation(const lower::LayerGraph& graph, chip::VectorPrecision precision)
      : graph_(graph), precision_(precision), words_(graph.tensors.size()) {}

  // Codes of the network's input, channel by channel, row by row. Throws std::logic_error for a layer that reads what
  // no layer before it made.
  void run(const std::vector<std::int32_t>& input);
  // Codes of a stored tensor likewise.
  std::vector<std::int32_t> codes(std::size_t tensor) const;

 private:
  using Words = std::vector<isa::Word>;

  void pack(const std::vector<std::int32_t>& input);
  void linear(const lower::Layer& layer);
  void vector_unit(const lower::Layer& layer);
  // Lanes of one lane group of a word of the view.
  std::vector<std::int32_t> group(const lower::View& view, std::int32_t lane_group, std::int32_t y,
                                  std::int32_t x) const;
  isa::Word word(const lower::View& view, std::int32_t block, std::int32_t y, std::int32_t x) const;
  void finish(const lower::Layer& layer, std::int32_t lane_group, std::int32_t y, std::int32_t x,
              const std::vector<std::int32_t>& lanes, const std::vector<std::int32_t>* second);

  const lower::LayerGraph& graph_;
  chip::VectorPrecision precision_;
  std::vector<Words> words_;  // by tensor; word (block, y, x) at (block * height + y) * width + x
};

}  // namespace northpole::tests
