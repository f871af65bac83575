#include "lower/choose_packing.h"

#include <algorithm>

namespace northpole::lower {

namespace {

std::int32_t divide_up(std::int32_t a, std::int32_t b) { return (a + b - 1) / b; }

// Columns of the picture that the output columns of one word need.
std::int32_t span(const PackingProblem& problem, std::int32_t phases) {
  return (phases - 1) * problem.stride_x + (problem.window_width - 1) * problem.dilation_x + 1;
}

// Words of the frame arrive at one a cycle and row of the array; passes, so many for each lane group of outputs, spread
// over all cores, or wait for their weights.
std::int64_t estimate(const PackingProblem& problem, std::int64_t words, std::int64_t passes, std::int64_t phases) {
  constexpr std::int64_t lanes_of_model_network = 4;
  const std::int64_t outputs = std::int64_t{problem.output_height} * problem.output_width;
  const std::int64_t blocks = phases * problem.lane_groups * passes;
  return words / problem.array_rows + std::max(outputs * problem.lane_groups * passes / problem.cores,
                                               blocks * problem.weight_block_words / lanes_of_model_network);
}

}  // namespace

Packing::Place Packing::place(const PackingProblem& problem, std::int32_t phase, std::int32_t column) const {
  const std::int32_t step = phases * problem.stride_x * dilation;  // columns from one tap to the next
  const std::int32_t at = phase * problem.stride_x + column * problem.dilation_x;
  const std::int32_t tap = std::min(taps - 1, at / step);
  return {tap, at - tap * step};
}

std::int64_t Packing::cycles(const PackingProblem& problem) const {
  const std::int64_t width = divide_up(problem.output_width, phases) + (taps - 1) * dilation;
  const std::int64_t height =
      fold_rows ? problem.output_height + (row_taps - 1) * row_dilation : problem.picture_height;
  return estimate(problem, width * height, std::int64_t{taps} * row_taps, phases);
}

std::int64_t cycles_unpacked(const PackingProblem& problem) {
  return estimate(problem, std::int64_t{problem.picture_height} * problem.picture_width,
                  problem.window_height * problem.window_width, 1);
}

std::vector<Packing> packings(const PackingProblem& problem) {
  std::vector<Packing> result;
  const std::int32_t most_phases = problem.phases ? std::min(problem.output_width, problem.block_channels) : 1;
  std::vector<Packing> ways;  // to hold rows
  ways.push_back({.row_taps = problem.window_height});
  ways.push_back({.fold_rows = true, .rows = problem.window_height});
  for (std::int32_t of = 1; problem.dilation_y == 1 && of * problem.stride_y < problem.window_height; ++of) {
    const std::int32_t rows = of * problem.stride_y;
    ways.push_back(
        {.fold_rows = true, .rows = rows, .row_taps = divide_up(problem.window_height, rows), .row_dilation = of});
  }
  for (const Packing& way : ways) {
    const std::int32_t room = problem.block_channels / (problem.channels * way.rows);
    for (std::int32_t phases = 1; phases <= most_phases; ++phases) {
      const std::int32_t needed = span(problem, phases), step = phases * problem.stride_x;
      Packing packing = way;
      packing.phases = phases;
      packing.pixels = std::min(room, needed);
      if (packing.pixels == 0) break;
      if (packing.pixels < needed) {  // several words a row, as far apart as leaves no gap
        packing.dilation = packing.pixels / step;
        if (packing.dilation == 0) break;
        packing.taps = divide_up(needed - packing.pixels, packing.dilation * step) + 1;
      }
      result.push_back(packing);
    }
  }
  return result;
}

}  // namespace northpole::lower
