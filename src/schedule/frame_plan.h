// Frames: where their words lie in the frame buffer behind the rows' west edges, and how an output leaves the array.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "program/program.h"
#include "schedule/segment_plan.h"
#include "schedule/transfer.h"

namespace northpole::schedule {

class FramePlan {
 public:
  // `network` is for messages.
  FramePlan(const chip::ChipDescription& chip, std::string network) : chip_(chip), network_(std::move(network)) {}

  // Spreads a frame over the rows, after those before it: sets the layout's base and split, gives the pieces (one for
  // each row that has any). Throws Error with the lacking words when the frame buffer is full.
  std::vector<Piece> spread(program::FrameLayout& layout);

 private:
  const chip::ChipDescription& chip_;
  std::string network_;
  std::uint32_t words_ = 0;  // taken behind every row
};

// Sends the words that column 0 has gathered west to the frame's pieces, from cycle `ready` on.
void leave(const std::vector<Piece>& pieces, const Gathered& gathered, std::uint16_t frame_tag, std::uint64_t ready,
           SegmentPlan& segment, const chip::ChipDescription& chip);

}  // namespace northpole::schedule
