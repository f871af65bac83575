// How the host packs the pixels that the first convolution reads into words.
#pragma once

#include <cstdint>
#include <vector>

namespace northpole::lower {

// A convolution over a picture of few channels.
struct PackingProblem {
  std::int32_t channels = 0, block_channels = 32;  // of the picture; of a word
  std::int32_t picture_height = 0, picture_width = 0;
  std::int32_t output_height = 0, output_width = 0, lane_groups = 1;
  std::int32_t window_height = 1, window_width = 1, stride_y = 1, stride_x = 1, dilation_y = 1, dilation_x = 1;
  std::int32_t weight_block_words = 32;
  std::int32_t array_rows = 16, cores = 256;
  bool phases = false;  // whether a word may serve several output columns
};

// Word (i, j) holds `pixels` consecutive pixels from column j * phases * stride_x on (before padding), of picture row i
// alone or, with fold_rows, of `rows` rows: those of the window, or as many from row i * stride_y on (before padding).
// A row of the window lies in `taps` words, `dilation` apart; output column x reads them from word x / phases on. Its
// rows lie in `row_taps` words, `row_dilation` apart; with fold_rows output row y reads them from word y on.
struct Packing {
  bool fold_rows = false;
  std::int32_t rows = 1, row_taps = 1, row_dilation = 1;
  std::int32_t phases = 1, pixels = 1, taps = 1, dilation = 1;

  // The tap and the pixel in its word of window column `column`, for output columns of phase `phase`.
  struct Place {
    std::int32_t tap, pixel;
  };
  Place place(const PackingProblem& problem, std::int32_t phase, std::int32_t column) const;
  std::int64_t cycles(const PackingProblem& problem) const;  // an estimate
};

// The same estimate for a picture with a pixel in each word.
std::int64_t cycles_unpacked(const PackingProblem& problem);

// Every packing that holds each window; none where a word has no room for a pixel.
std::vector<Packing> packings(const PackingProblem& problem);

}  // namespace northpole::lower
