#include "schedule/frame_buffer.h"

#include <fmt/format.h>

#include <algorithm>

#include "network/error.h"
#include "program/frame_place.h"
#include "schedule/job.h"

namespace northpole::schedule {

void FrameBuffer::set_aside(program::FrameLayout& layout, std::uint32_t frames, std::uint32_t part) {
  layout.frames = frames;
  layout.frame_rows = group_rows_;
  layout.split_by_block = layout.height < group_rows_ && layout.blocks > layout.height;
  layout.part = part;
  layout.base = words_;
  const std::uint64_t needed = words_ + program::frame_words_of_row(layout, chip_.rows);
  if (needed > chip_.frame_words_per_row)
    throw Error(
        fmt::format("{}: the frame of '{}' does not fit: its rows need {} words of 32 bytes of the frame buffer, {} "
                    "more than there are",
                    network_, layout.tensor, needed, needed - chip_.frame_words_per_row));
  words_ = static_cast<std::uint32_t>(needed);
}

std::vector<Piece> FrameBuffer::pieces(const program::FrameLayout& layout, std::uint32_t wave) const {
  std::vector<Piece> result;
  const auto size = static_cast<std::uint32_t>(program::frame_size(layout));
  const std::uint32_t last_row = program::rows_of_frame(layout, chip_.rows) - 1;
  const auto part = static_cast<std::uint32_t>(program::frame_part(layout, chip_.rows));
  for (std::uint32_t row = 0; row * part < size && row <= last_row; ++row) {
    const auto first = static_cast<std::int32_t>(row * part),
               last = static_cast<std::int32_t>(row == last_row ? size : std::min(size, row * part + part));
    Piece piece;
    piece.edge = true;
    piece.place = row;
    piece.base = layout.base + static_cast<std::uint32_t>(wave * program::words_of_frame_in_row(layout, chip_.rows));
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

Cycle leave(const std::vector<Piece>& pieces, Holding& gathered, std::uint16_t frame_tag, Resources& resources,
            RunPlan& plan) {
  Cycle end = 0;
  for (const Piece& piece : pieces) {
    const std::uint32_t core = piece.place * resources.chip.columns;
    const Route route = route_to_edge(core, resources.group_chip);
    const Cycle hops = route.deliveries[0].offset, step = resources.chip.word_link_cycles;
    for (std::int32_t y = piece.region.y0; y < piece.region.y1; ++y) {
      const Cycle words = static_cast<Cycle>(piece.region.width()) * static_cast<Cycle>(piece.region.blocks());
      Cycle floor = 1, k = 0;
      for (std::int32_t x = piece.region.x0; x < piece.region.x1; ++x)
        for (std::int32_t block = piece.region.block0; block < piece.region.block1; ++block, ++k) {
          const Cycle there = gathered.when(core, y, x, block) + 1;
          if (there > k * step) floor = std::max(floor, there - k * step);
        }
      const Cycle span = (words - 1) * step + 1;
      std::vector<Need> needs = {{&resources.send[core], 0, span + 1},
                                 {&resources.bank(core, resources.bank_of(gathered.base)), 0, words, step},
                                 {&resources.edges[piece.place], hops, words, step}};
      resources.activations.need(route, words, false, needs, step);
      const Cycle start = earliest(needs, floor);
      take(needs, start);
      const auto interval = static_cast<std::int64_t>(step);
      isa::Instruction send, receive;
      send.opcode = isa::Opcode::send;
      send.flags = isa::send_west_edge;
      send.operand[isa::operand_a] =
          static_cast<std::uint16_t>(gathered.address(core, y, piece.region.x0, piece.region.block0));
      send.tensor[isa::operand_a] = gathered.tag;
      send.loops = {loop_of(piece.region.width(), interval * piece.region.blocks(), {gathered.pitch_x, 0, 0, 0}),
                    loop_of(piece.region.blocks(), interval, {1, 0, 0, 0})};
      simplify(send);
      receive.opcode = isa::Opcode::receive;
      receive.operand[isa::operand_d] =
          static_cast<std::uint16_t>(piece.address(y, piece.region.x0, piece.region.block0));
      receive.tensor[isa::operand_d] = frame_tag;
      receive.loops = {loop_of(piece.region.width(), interval * piece.region.blocks(), {0, 0, 0, piece.pitch_x}),
                       loop_of(piece.region.blocks(), interval, {0, 0, 0, 1})};
      simplify(receive);
      plan.add(core, isa::Thread::send, start, std::move(send));
      plan.add_edge(piece.place, false, start + hops, std::move(receive));
      gathered.used(start + span - 1);
      end = std::max(end, start + hops + span - 1);
    }
  }
  plan.lasts_until(end + 1);
  return end;
}

}  // namespace northpole::schedule
