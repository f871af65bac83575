#include "schedule/frame_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "network/error.h"
#include "program/frame_place.h"

namespace northpole::schedule {

using isa::Instruction;

namespace {

// One event a cycle for each word of the region; `operand` follows its place.
void add_loops(Instruction& instruction, const map::Region& region, std::size_t operand, std::uint32_t pitch_y,
               std::uint32_t pitch_x) {
  const std::uint32_t counts[3] = {static_cast<std::uint32_t>(region.height()),
                                   static_cast<std::uint32_t>(region.width()),
                                   static_cast<std::uint32_t>(region.blocks())};
  const std::uint32_t strides[3] = {pitch_y, pitch_x, 1};
  std::uint32_t interval = counts[0] * counts[1] * counts[2];
  for (std::size_t i = 0; i < 3; ++i) {
    interval /= counts[i];
    isa::Loop loop;
    loop.count = static_cast<std::uint16_t>(counts[i]);
    loop.interval = interval;
    loop.stride[operand] = static_cast<std::int16_t>(strides[i]);
    instruction.loops.push_back(loop);
  }
  simplify(instruction);
}

}  // namespace

std::vector<Piece> FramePlan::spread(program::FrameLayout& layout) {
  layout.split_by_block = layout.height < chip_.rows && layout.blocks > layout.height;
  layout.base = words_;
  const std::uint64_t needed = words_ + program::frame_words_of_row(layout, chip_.rows);
  if (needed > chip_.frame_words_per_row)
    throw Error(
        fmt::format("{}: the frame of '{}' does not fit: its rows need {} words of 32 bytes of the frame buffer, {} "
                    "more than there are",
                    network_, layout.tensor, needed, needed - chip_.frame_words_per_row));
  words_ = static_cast<std::uint32_t>(needed);
  std::vector<Piece> result;
  const std::uint32_t size = layout.split_by_block ? layout.blocks : layout.height;
  const auto part = static_cast<std::uint32_t>(program::frame_part(layout, chip_.rows));
  for (std::uint32_t row = 0; row * part < size; ++row) {
    const auto first = static_cast<std::int32_t>(row * part),
               last = static_cast<std::int32_t>(std::min(size, row * part + part));
    Piece piece;
    piece.edge = true;
    piece.place = row;
    piece.base = layout.base;
    piece.region = {0, static_cast<std::int32_t>(layout.height), 0, static_cast<std::int32_t>(layout.width),
                    0, static_cast<std::int32_t>(layout.blocks)};
    piece.pitch_x = layout.split_by_block ? part : layout.blocks;
    piece.pitch_y = piece.pitch_x * layout.width;
    (layout.split_by_block ? piece.region.block0 : piece.region.y0) = first;
    (layout.split_by_block ? piece.region.block1 : piece.region.y1) = last;
    result.push_back(piece);
  }
  return result;
}

void leave(const std::vector<Piece>& pieces, const Gathered& gathered, std::uint16_t frame_tag, std::uint64_t ready,
           SegmentPlan& segment, const chip::ChipDescription& chip) {
  for (const Piece& piece : pieces) {
    const std::uint32_t core = piece.place * chip.columns;
    Instruction send, receive;
    send.opcode = isa::Opcode::send;
    send.flags = isa::send_west_edge;
    send.operand[isa::operand_a] = static_cast<std::uint16_t>(gathered.base);
    send.tensor[isa::operand_a] = gathered.tag;
    add_loops(send, piece.region, isa::operand_a, gathered.pitch_y, gathered.pitch_x);
    receive.opcode = isa::Opcode::receive;
    receive.operand[isa::operand_d] = static_cast<std::uint16_t>(piece.base);
    receive.tensor[isa::operand_d] = frame_tag;
    add_loops(receive, piece.region, isa::operand_d, piece.pitch_y, piece.pitch_x);
    const std::uint64_t start = std::max(ready, segment.free_from(core, Thread::send));
    segment.add(core, Thread::send, start, send);
    segment.edge_receive[piece.place].push_back({start + 2, receive});
    segment.lasts_until(segment.edge_receive[piece.place].back().last() + 1);
  }
}

}  // namespace northpole::schedule
