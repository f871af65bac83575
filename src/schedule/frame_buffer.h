// Frames: where their words lie in the frame buffer behind the rows' west edges, and how outputs leave the array.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "program/program.h"
#include "schedule/gather.h"

namespace northpole::schedule {

class FrameBuffer {
 public:
  // `network` is for messages. Groups of `group_rows` rows hold a frame each.
  FrameBuffer(const chip::ChipDescription& chip, std::uint32_t group_rows, std::string network)
      : chip_(chip), group_rows_(group_rows), network_(std::move(network)) {}

  // Sets aside room for `frames` frames after those before: sets the layout's frames, frame_rows, base, split and part
  // (FrameLayout). Throws Error with the lacking words when the frame buffer is full.
  void set_aside(program::FrameLayout& layout, std::uint32_t frames, std::uint32_t part = 0);
  // The rows of a group that hold the frame of wave `wave`, and what each holds.
  std::vector<Piece> pieces(const program::FrameLayout& layout, std::uint32_t wave) const;

 private:
  const chip::ChipDescription& chip_;
  std::uint32_t group_rows_;
  std::string network_;
  std::uint32_t words_ = 0;  // taken behind every row
};

// Sends the words that column 0 has gathered (its regions are the pieces') west to the frame's pieces, row by row as they
// arrive. Returns the cycle of the last arrival.
Cycle leave(const std::vector<Piece>& pieces, Holding& gathered, std::uint16_t frame_tag, Resources& resources,
            RunPlan& plan);

}  // namespace northpole::schedule
