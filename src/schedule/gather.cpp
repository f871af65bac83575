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
  Cycle step = 1;  // cycles from word to word
  StreamNeeds needs;
  Cycle span() const { return (stream.words() - 1) * step + 1; }
};

Placing placing_of(const Stream& stream, const Holding& to, Resources& resources) {
  Placing result;
  result.stream = stream;
  const Route& route = result.route =
      stream.from->edge
          ? route_from_edge(stream.from->place, stream.to, resources.group_chip)
          : route_from_core(stream.from->place, stream.to, resources.group_chip, resources.chip.word_link_cycles);
  const Cycle words = stream.words();
  // A row may lie in another segment in each of the cores.
  const auto bank = [&](std::uint32_t core) {
    return resources.bank_of(to.address(core, stream.first[0], stream.first[1], stream.first[2]));
  };
  result.step = resources.chip.word_link_cycles;
  // A core that sends to itself writes a word some cycles after it has read it: within a bank, that is between two
  // reads.
  for (const Hop& hop : route.deliveries)
    if (!stream.from->edge && hop.index == stream.from->place &&
        bank(hop.index) == resources.bank_of(stream.from->base))
      while (words > 1 && hop.offset % result.step == 0) ++result.step;
  const Cycle step = result.step, span = result.span();
  auto& needs = result.needs.needs;
  // An idle cycle after each instruction leaves room for changing programs.
  if (stream.from->edge) {
    needs.push_back({&resources.edges[stream.from->place], 0, span});
  } else {
    needs.push_back({&resources.send[stream.from->place], 0, span + 1});
    needs.push_back({&resources.bank(stream.from->place, resources.bank_of(stream.from->base)), 0, words, step});
  }
  resources.activations.need(route, words, true, needs, step);
  Cycle floor = std::max<Cycle>(stream.soonest, 1);
  for (const Hop& hop : route.deliveries) {
    needs.push_back({&resources.receive[hop.index], hop.offset, span + 1});
    needs.push_back({&resources.bank(hop.index, bank(hop.index)), hop.offset, words, step});
    const Cycle free = to.free_from(stream.first[0] - to.regions[hop.index].y0);
    if (free > hop.offset) floor = std::max(floor, free - hop.offset);
    result.needs.tail = std::max(result.needs.tail, hop.offset + span - 1);
  }
  result.needs.floor = floor;
  return result;
}

void place(const Placing& placing, Holding& to, RunPlan& plan, std::vector<Cycle>& received,
           Brought& result) {
  const Stream& stream = placing.stream;
  const Cycle step = placing.step, span = placing.span();
  const Cycle start = earliest(placing.needs.needs, placing.needs.floor);
  take(placing.needs.needs, start);
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
  // What goes to rows that are filled early has its cycles first.
  const auto late = [&](const Stream& stream) {
    for (const map::Region& region : to.regions)
      if (!region.empty() && stream.first[0] >= region.y0 && stream.first[0] < region.y1)
        if (const std::int32_t segment = to.segment_of(stream.first[0] - region.y0); segment >= 0)
          return to.segments[static_cast<std::size_t>(segment)].late;
    return false;
  };
  const auto middle = std::stable_partition(streams.begin(), streams.end(), [&](const Stream& s) { return !late(s); });
  for (const auto& [begin, end] : {std::pair(streams.begin(), middle), std::pair(middle, streams.end())}) {
    std::vector<Placing> placings;
    std::vector<StreamNeeds> needs;
    bool from_frame = false;  // then the order is that of the rows
    for (auto stream = begin; stream != end; ++stream) {
      placings.push_back(placing_of(*stream, to, resources));
      needs.push_back(placings.back().needs);
      from_frame = from_frame || stream->from->edge;
    }
    for (const std::size_t i : order_of_streams(needs, from_frame ? 1 : orders_tried))
      place(placings[i], to, plan, received, result);
  }
  return result;
}

}  // namespace northpole::schedule
