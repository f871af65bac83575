#include "schedule/transfer.h"

#include <algorithm>
#include <queue>
#include <set>

#include "network/error.h"

namespace northpole::schedule {

namespace {

using isa::Instruction;
using isa::Loop;
using isa::Opcode;
using map::Region;

struct Run {
  std::int32_t first, last;  // half open
};

// Cuts [0, size) where `cuts` says so or where neighbours do not continue each other.
template <typename Continues>
std::vector<Run> runs_of(std::int32_t size, const std::set<std::int32_t>& cuts, Continues continues) {
  std::vector<Run> runs;
  for (std::int32_t i = 0; i < size; ++i) {
    if (!runs.empty() && runs.back().last == i && cuts.count(i) == 0 && continues(runs.back().first, i))
      ++runs.back().last;
    else
      runs.push_back({i, i + 1});
  }
  return runs;
}

std::vector<bool> cores_where(const Gathered& gathered, const auto& condition) {
  std::vector<bool> result(gathered.regions.size());
  for (std::size_t core = 0; core < result.size(); ++core)
    result[core] = !gathered.regions[core].empty() && condition(gathered.regions[core]);
  return result;
}

// Stored positions of rows or columns, cut also at the borders of the pieces that hold them.
std::vector<Run> axis_runs(const std::vector<std::int32_t>& stored, std::set<std::int32_t> cuts,
                           const std::set<std::int32_t>& borders) {
  return runs_of(static_cast<std::int32_t>(stored.size()), cuts, [&](std::int32_t first, std::int32_t next) {
    const auto at = [&](std::int32_t i) { return stored[static_cast<std::size_t>(i)]; };
    if (at(next) < 0 || at(first) < 0) return at(next) < 0 && at(first) < 0;
    if (next - first >= 2 && at(next) - at(next - 1) != at(first + 1) - at(first)) return false;
    if (at(next) < at(next - 1)) return false;
    return borders.upper_bound(at(first)) == borders.upper_bound(at(next));
  });
}

Loop loop(std::uint32_t count, std::uint32_t interval, int operand, std::int32_t stride) {
  Loop result;
  result.count = static_cast<std::uint16_t>(count);
  result.interval = interval;
  result.stride[static_cast<std::size_t>(operand)] = static_cast<std::int16_t>(stride);
  return result;
}

// One event a cycle over y, x and block.
void add_loops(Instruction& instruction, const Stream& stream, int operand, const std::int32_t (&strides)[3]) {
  const std::uint32_t row = stream.count[1] * stream.count[2];
  instruction.loops = {loop(stream.count[0], row, operand, strides[0]),
                       loop(stream.count[1], stream.count[2], operand, strides[1]),
                       loop(stream.count[2], 1, operand, strides[2])};
  simplify(instruction);
}

Instruction sending(const Stream& stream) {
  Instruction send;
  send.opcode = Opcode::send;
  send.operand[isa::operand_a] = static_cast<std::uint16_t>(stream.source);
  send.tensor[isa::operand_a] = stream.source_tag;
  send.immediate = {stream.to.columns, stream.to.rows};
  add_loops(send, stream, isa::operand_a, stream.source_stride);
  return send;
}

Instruction receiving(const Stream& stream, const Gathered& gathered, const Region& region) {
  Instruction receive;
  receive.opcode = Opcode::receive;
  const std::int64_t address = static_cast<std::int64_t>(gathered.base) +
                               static_cast<std::int64_t>(stream.first_y - region.y0) * gathered.pitch_y +
                               static_cast<std::int64_t>(stream.first_x - region.x0) * gathered.pitch_x +
                               (stream.first_block - region.block0);
  receive.operand[isa::operand_d] = static_cast<std::uint16_t>(address);
  receive.tensor[isa::operand_d] = gathered.tag;
  const std::int32_t strides[3] = {static_cast<std::int32_t>(gathered.pitch_y),
                                   static_cast<std::int32_t>(gathered.pitch_x), 1};
  add_loops(receive, stream, isa::operand_d, strides);
  return receive;
}

}  // namespace

std::vector<Stream> streams_for(const lower::View& view, const Gathered& gathered,
                                const std::vector<std::vector<Piece>>& pieces, const std::vector<std::uint16_t>& tags,
                                const chip::ChipDescription& chip) {
  std::set<std::int32_t> y_cuts, x_cuts, block_cuts;
  for (const Region& region : gathered.regions) {
    if (region.empty()) continue;
    y_cuts.insert({region.y0, region.y1});
    x_cuts.insert({region.x0, region.x1});
    block_cuts.insert({region.block0, region.block1});
  }
  const auto block_runs =
      runs_of(static_cast<std::int32_t>(view.blocks.size()), block_cuts, [&](std::int32_t first, std::int32_t next) {
        const auto &a = view.blocks[static_cast<std::size_t>(first)], &b = view.blocks[static_cast<std::size_t>(next)];
        if (a.tensor != b.tensor || a.map != b.map || b.block - a.block != next - first) return false;
        for (const Piece& piece : pieces[static_cast<std::size_t>(a.tensor)])
          if (a.block < piece.region.block1 && b.block >= piece.region.block1) return false;
        return true;
      });

  std::vector<Stream> streams;
  for (const Run& block_run : block_runs) {
    const auto& view_block = view.blocks[static_cast<std::size_t>(block_run.first)];
    const auto& spatial = view.maps[static_cast<std::size_t>(view_block.map)];
    const auto& held = pieces[static_cast<std::size_t>(view_block.tensor)];
    std::set<std::int32_t> y_borders, x_borders;
    for (const Piece& piece : held) {
      y_borders.insert({piece.region.y0, piece.region.y1});
      x_borders.insert({piece.region.x0, piece.region.x1});
    }
    const auto y_runs = axis_runs(spatial.row, y_cuts, y_borders),
               x_runs = axis_runs(spatial.column, x_cuts, x_borders);
    const auto block_cores = cores_where(
        gathered, [&](const Region& r) { return r.block0 <= block_run.first && block_run.last <= r.block1; });
    std::vector<std::vector<bool>> x_cores;
    for (const Run& x : x_runs)
      x_cores.push_back(cores_where(gathered, [&](const Region& r) { return r.x0 <= x.first && x.last <= r.x1; }));
    for (const Run& y : y_runs) {
      const std::int32_t row = spatial.row[static_cast<std::size_t>(y.first)];
      if (row < 0) continue;
      auto row_cores = cores_where(gathered, [&](const Region& r) { return r.y0 <= y.first && y.last <= r.y1; });
      for (std::size_t core = 0; core < row_cores.size(); ++core)
        row_cores[core] = row_cores[core] && block_cores[core];
      for (std::size_t i = 0; i < x_runs.size(); ++i) {
        const Run& x = x_runs[i];
        const std::int32_t column = spatial.column[static_cast<std::size_t>(x.first)];
        if (column < 0) continue;
        std::vector<bool> needing(row_cores.size());
        for (std::size_t core = 0; core < needing.size(); ++core) needing[core] = row_cores[core] && x_cores[i][core];
        const auto destinations = products(needing, chip);
        if (destinations.empty()) continue;
        const auto holder = std::find_if(held.begin(), held.end(), [&](const Piece& p) {
          const Region& r = p.region;
          return r.y0 <= row && row < r.y1 && r.x0 <= column && column < r.x1 && r.block0 <= view_block.block &&
                 view_block.block < r.block1;
        });
        if (holder == held.end()) throw Error("internal: a tensor is not where it should be");
        const auto step = [](const std::vector<std::int32_t>& stored, const Run& run) {
          return run.last - run.first > 1
                     ? stored[static_cast<std::size_t>(run.first + 1)] - stored[static_cast<std::size_t>(run.first)]
                     : 0;
        };
        for (const Destination& to : destinations) {
          Stream stream;
          stream.from_edge = holder->edge;
          stream.place = holder->place;
          stream.to = to;
          stream.source_tag = tags[static_cast<std::size_t>(view_block.tensor)];
          stream.source = holder->base + static_cast<std::uint32_t>(row - holder->region.y0) * holder->pitch_y +
                          static_cast<std::uint32_t>(column - holder->region.x0) * holder->pitch_x +
                          static_cast<std::uint32_t>(view_block.block - holder->region.block0);
          stream.count[0] = static_cast<std::uint32_t>(y.last - y.first);
          stream.count[1] = static_cast<std::uint32_t>(x.last - x.first);
          stream.count[2] = static_cast<std::uint32_t>(block_run.last - block_run.first);
          stream.source_stride[0] = step(spatial.row, y) * static_cast<std::int32_t>(holder->pitch_y);
          stream.source_stride[1] = step(spatial.column, x) * static_cast<std::int32_t>(holder->pitch_x);
          stream.source_stride[2] = 1;
          stream.first_y = y.first;
          stream.first_x = x.first;
          stream.first_block = block_run.first;
          streams.push_back(stream);
        }
      }
    }
  }
  return streams;
}

std::uint64_t place_streams(std::vector<Stream>& streams, const Gathered& gathered, SegmentPlan& segment,
                            std::uint64_t not_before, std::size_t word_limit, const chip::ChipDescription& chip) {
  std::vector<Route> routes;
  routes.reserve(streams.size());
  for (const Stream& stream : streams)
    routes.push_back(stream.from_edge ? route_from_edge(stream.place, stream.to, chip)
                                      : route_from_core(stream.place, stream.to, chip));
  // Always the stream that can start soonest; a bound is the cycle found last time, and only grows.
  struct Waiting {
    std::uint64_t bound;
    std::size_t stream;
    bool operator>(const Waiting& other) const {
      return bound != other.bound ? bound > other.bound : stream > other.stream;
    }
  };
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting;
  for (std::size_t i = 0; i < streams.size(); ++i) waiting.push({0, i});
  std::vector<std::size_t> send_words(chip.cores(), 0), receive_words(chip.cores(), 0);
  std::size_t longest_send = 0, longest_receive = 0;
  std::vector<bool> placed(streams.size(), false);
  std::uint64_t end = not_before;
  // The sender's own thread is a link like others: sends may go into its gaps, too.
  const auto earliest = [&](const Stream& stream, const Route& route) {
    auto& sends = stream.from_edge ? segment.edge_send[stream.place] : segment.thread(stream.place, Thread::send);
    std::uint64_t start = not_before;
    for (;;) {
      const std::uint64_t later =
          first_idle(sends, segment.activations.earliest(route, start, stream.words()), stream.words());
      if (later == start) return start;
      start = later;
    }
  };
  while (!waiting.empty()) {
    const auto [bound, index] = waiting.top();
    waiting.pop();
    const Stream& stream = streams[index];
    const Route& route = routes[index];
    const std::uint64_t start = earliest(stream, route);
    if (start > bound && !waiting.empty() && waiting.top().bound < start) {
      waiting.push({start, index});
      continue;
    }
    const Instruction send = sending(stream);
    // Would the programs grow too long?
    std::size_t sending_words = 0, receiving_words = 0;
    if (!stream.from_edge) sending_words = send_words[stream.place] + isa::encoded_words(send);
    for (const Hop& hop : route.deliveries) receiving_words = std::max(receiving_words, receive_words[hop.index] + 3);
    if (std::max(longest_send, sending_words) + std::max(longest_receive, receiving_words) > word_limit) continue;
    longest_send = std::max(longest_send, sending_words);
    if (!stream.from_edge) send_words[stream.place] = sending_words;
    segment.activations.take(route, start, stream.words());
    for (const Hop& hop : route.deliveries) {
      const Instruction receive = receiving(stream, gathered, gathered.regions[hop.index]);
      receive_words[hop.index] += isa::encoded_words(receive);
      longest_receive = std::max(longest_receive, receive_words[hop.index]);
      segment.insert(hop.index, Thread::receive, start + hop.offset, receive);
      end = std::max(end, start + hop.offset + stream.words());
    }
    if (stream.from_edge)
      insert_in_time(segment.edge_send[stream.place], {start, send});
    else
      segment.insert(stream.place, Thread::send, start, send);
    placed[index] = true;
  }
  std::vector<Stream> left;
  for (std::size_t i = 0; i < streams.size(); ++i)
    if (!placed[i]) left.push_back(streams[i]);
  streams = std::move(left);
  segment.lasts_until(end);
  return end;
}

}  // namespace northpole::schedule
