#include "schedule/gather.h"

#include <algorithm>

#include "schedule/stream_order.h"

namespace northpole::schedule {

namespace {

using isa::Instruction;
using isa::Opcode;
using isa::Thread;

// An event every `step` cycles over rows, columns and blocks.
void add_loops(Instruction& instruction, const Stream& stream, Cycle step, std::size_t operand,
               const std::int64_t (&strides)[3]) {
  auto interval = static_cast<std::int64_t>(stream.words() * step);
  for (std::size_t i = 0; i < 3; ++i) {
    interval /= stream.count[i];
    isa::Loop loop;
    loop.count = static_cast<std::uint16_t>(stream.count[i]);
    loop.interval = static_cast<std::uint32_t>(interval);
    loop.stride[operand] = static_cast<std::int16_t>(strides[i]);
    instruction.loops.push_back(loop);
  }
  simplify(instruction);
}

Instruction sending(const Stream& stream, Cycle step) {
  Instruction send;
  send.opcode = Opcode::send;
  send.operand[isa::operand_a] =
      static_cast<std::uint16_t>(stream.from->address(stream.stored[0], stream.stored[1], stream.stored[2]));
  send.tensor[isa::operand_a] = stream.source->tag;
  send.immediate = {stream.to.columns, stream.to.rows};
  add_loops(
      send, stream, step, isa::operand_a,
      {std::int64_t{stream.step[0]} * stream.from->pitch_y, std::int64_t{stream.step[1]} * stream.from->pitch_x, 1});
  return send;
}

Instruction receiving(const Stream& stream, Cycle step, const Holding& to, std::uint32_t core) {
  Instruction receive;
  receive.opcode = Opcode::receive;
  receive.operand[isa::operand_d] =
      static_cast<std::uint16_t>(to.address(core, stream.first[0], stream.first[1], stream.first[2]));
  receive.tensor[isa::operand_d] = to.tag;
  add_loops(receive, stream, step, isa::operand_d, {to.pitch_y, to.pitch_x, 1});
  return receive;
}

template <typename Visit>
void for_each_word(const Stream& stream, Visit visit) {
  Cycle k = 0;
  for (std::int32_t y = 0; y < stream.count[0]; ++y)
    for (std::int32_t x = 0; x < stream.count[1]; ++x)
      for (std::int32_t block = 0; block < stream.count[2]; ++block) visit(y, x, block, k++);
}

// A stream with all that it needs, wherever in time it goes.
struct Placing {
  Stream stream;
  Route route;
  // By way: cycles from word to word, and what it takes.
  std::vector<Cycle> steps;
  std::vector<StreamNeeds> ways;
};

// Adds a way of a word every `step` cycles, or less often.
void add_way(Placing& placing, Cycle step, Cycle soonest, const Holding& to, Resources& resources) {
  const Stream& stream = placing.stream;
  const Route& route = placing.route;
  const Cycle words = stream.words();
  // A row or a column may lie in another segment in each of the cores.
  const auto bank = [&](std::uint32_t core) {
    return resources.bank_of(to.address(core, stream.first[0], stream.first[1], stream.first[2]));
  };
  // A core that sends to itself writes a word some cycles after it has read it: within a bank, that is between two
  // reads.
  for (const Hop& hop : route.deliveries)
    if (!stream.from->edge && hop.index == stream.from->place &&
        bank(hop.index) == resources.bank_of(stream.from->base))
      while (words > 1 && hop.offset % step == 0) ++step;
  const Cycle span = (words - 1) * step + 1;
  StreamNeeds way;
  auto& needs = way.needs;
  if (stream.from->edge) {
    needs.push_back({&resources.edges[stream.from->place], 0, span});
  } else {
    needs.push_back({&resources.send[stream.from->place], 0, span});
    needs.push_back({&resources.bank(stream.from->place, resources.bank_of(stream.from->base)), 0, words, step});
  }
  resources.activations.need(route, words, true, needs, step);
  way.floor = std::max<Cycle>(soonest, 1);
  for (const Hop& hop : route.deliveries) {
    needs.push_back({&resources.receive[hop.index], hop.offset, span});
    needs.push_back({&resources.bank(hop.index, bank(hop.index)), hop.offset, words, step});
    const Cycle free =
        to.free_from(stream.first[0] - to.regions[hop.index].y0, stream.first[1] - to.regions[hop.index].x0);
    if (free > hop.offset) way.floor = std::max(way.floor, free - hop.offset);
    way.tail = std::max(way.tail, hop.offset + span - 1);
  }
  placing.steps.push_back(step);
  placing.ways.push_back(std::move(way));
}

Placing placing_of(const Stream& stream, const Holding& to, Resources& resources) {
  Placing result;
  result.stream = stream;
  result.route =
      stream.from->edge
          ? route_from_edge(stream.from->place, stream.to, resources.group_chip)
          : route_from_core(stream.from->place, stream.to, resources.group_chip, resources.chip.word_link_cycles);
  const Cycle step = resources.chip.word_link_cycles;
  add_way(result, step, stream.soonest, to, resources);
  // Words may be read between those that the vector unit writes to the bank in every second cycle.
  if (!stream.from->edge && stream.words() > 1) add_way(result, 2 * step, stream.soonest_spaced, to, resources);
  return result;
}

void place(const Placing& placing, Holding& to, RunPlan& plan, std::vector<Cycle>& received,
           Brought& result) {
  const Stream& stream = placing.stream;
  const auto [way, start] = soonest_way(placing.ways);
  const Cycle step = placing.steps[way], span = (stream.words() - 1) * step + 1;
  take(placing.ways[way].needs, start);
  if (stream.from->edge) {
    plan.add_edge(stream.from->place, true, start, sending(stream, step));
  } else {
    plan.add(stream.from->place, Thread::send, start, sending(stream, step));
    stream.source->holding->used(start + span - 1);
  }
  for (const Hop& hop : placing.route.deliveries) {
    plan.add(hop.index, Thread::receive, start + hop.offset, receiving(stream, step, to, hop.index));
    for_each_word(stream, [&](std::int32_t y, std::int32_t x, std::int32_t block, Cycle k) {
      to.when(hop.index, stream.first[0] + y, stream.first[1] + x, stream.first[2] + block) =
          start + hop.offset + k * step;
    });
    to.used(start + hop.offset + span - 1);
    received[hop.index] += stream.words();
    result.received = std::max(result.received, received[hop.index]);
  }
  result.first = result.first == 0 ? start : std::min(result.first, start);
}

}  // namespace

Brought gather(const lower::View& view, Holding& to, const std::vector<Places>& places, bool own, Resources& resources,
               RunPlan& plan) {
  auto streams = streams_for(view, to, places, own, resources.group_chip);
  // All cores go in step: what is there goes to the first rows of all of them first.
  std::stable_sort(streams.begin(), streams.end(), [](const Stream& a, const Stream& b) {
    return a.soonest != b.soonest ? a.soonest < b.soonest : a.rank < b.rank;
  });
  Brought result;
  std::vector<Cycle> received(resources.group_chip.cores(), 0);
  constexpr std::size_t orders_tried = 4;  // eight brought ResNet-50 one cycle in 4,000
  // What goes to segments that are filled early has its cycles first.
  const auto late = [&](const Stream& stream) {
    for (const map::Region& region : to.regions)
      if (!region.empty() && stream.first[0] >= region.y0 && stream.first[0] < region.y1 &&
          stream.first[1] >= region.x0 && stream.first[1] < region.x1)
        if (const std::int32_t segment = to.segment_of(stream.first[0] - region.y0, stream.first[1] - region.x0);
            segment >= 0)
          return to.segments[static_cast<std::size_t>(segment)].late;
    return false;
  };
  const auto middle = std::stable_partition(streams.begin(), streams.end(), [&](const Stream& s) { return !late(s); });
  for (const auto& [begin, end] : {std::pair(streams.begin(), middle), std::pair(middle, streams.end())}) {
    std::vector<Placing> placings;
    std::vector<std::vector<StreamNeeds>> needs;
    bool from_frame = false;  // then the order is that of the rows
    for (auto stream = begin; stream != end; ++stream) {
      placings.push_back(placing_of(*stream, to, resources));
      needs.push_back(placings.back().ways);
      from_frame = from_frame || stream->from->edge;
    }
    for (const std::size_t i : order_of_streams(needs, from_frame ? 1 : orders_tried))
      place(placings[i], to, plan, received, result);
  }
  return result;
}

}  // namespace northpole::schedule
