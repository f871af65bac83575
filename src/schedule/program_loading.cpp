#include "schedule/program_loading.h"

#include <algorithm>
#include <cstring>
#include <tuple>

namespace northpole::schedule {

using isa::Instruction;

namespace {

// `count` events, one a cycle, operand `moving` counting up.
Instruction counted(isa::Opcode opcode, std::uint32_t count, int moving, std::uint32_t first, std::uint16_t tag) {
  Instruction instruction;
  instruction.opcode = opcode;
  instruction.operand[static_cast<std::size_t>(moving)] = static_cast<std::uint16_t>(first);
  instruction.tensor[static_cast<std::size_t>(moving)] = tag;
  isa::Loop loop;
  loop.count = static_cast<std::uint16_t>(count);
  loop.interval = 1;
  loop.stride[static_cast<std::size_t>(moving)] = 1;
  instruction.loops.push_back(loop);
  simplify(instruction);
  return instruction;
}

// The first cycle in which a core's memory thread, the links and the receiving threads are free for a program.
std::uint64_t earliest(SegmentPlan& during, std::uint32_t from, const Route& route, std::uint32_t words) {
  std::uint64_t start = 1;
  for (;;) {
    std::uint64_t later =
        during.idle_from(from, Thread::memory, during.instructions.earliest(route, start, words), words);
    for (const Hop& hop : route.deliveries) {
      const std::uint64_t free = during.free_from(hop.index, Thread::programs);
      if (later + hop.offset < free) later = free - hop.offset;
    }
    if (later == start) return start;
    start = later;
  }
}

void send_program(SegmentPlan& during, std::uint32_t from, std::uint32_t address, std::uint32_t words,
                  const Destination& to, std::uint32_t first, std::uint16_t tag, const chip::ChipDescription& chip) {
  const Route route = route_from_core(from, to, chip);
  const std::uint64_t start = earliest(during, from, route, words);
  during.instructions.take(route, start, words);
  Instruction send = counted(isa::Opcode::send_program, words, isa::operand_a, address, tag);
  send.immediate = {to.columns, to.rows};
  during.insert(from, Thread::memory, start, send);
  for (const Hop& hop : route.deliveries)
    during.add(hop.index, Thread::programs, start + hop.offset,
               counted(isa::Opcode::receive_program, words, isa::operand_b, first, 0));
}

// Of the cores that run a program, the one that can send it soonest; among the emptiest few, that do not send many
// already.
std::uint32_t keeper_of(const SharedWords& program, const std::vector<Destination>& destinations,
                        const std::vector<std::uint32_t>& stored, SegmentPlan& during, const MemoryPlan& memory,
                        const chip::ChipDescription& chip) {
  constexpr std::size_t candidates = 6;
  std::vector<std::uint32_t> order = program.cores;
  const std::size_t few = std::min(candidates, order.size());
  const auto fullness = [&](std::uint32_t core) {
    return std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>(stored[core], memory.static_words(core), core);
  };
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(few), order.end(),
                    [&](std::uint32_t a, std::uint32_t b) { return fullness(a) < fullness(b); });
  std::uint32_t best = order[0];
  std::uint64_t soonest = ~std::uint64_t{0};
  for (std::size_t i = 0; i < few; ++i) {
    const Route route = route_from_core(order[i], destinations[0], chip);
    const std::uint64_t start = earliest(during, order[i], route, static_cast<std::uint32_t>(program.words.size()));
    if (start < soonest) {
      soonest = start;
      best = order[i];
    }
  }
  return best;
}

}  // namespace

void load_programs(const SegmentPrograms& programs, SegmentPlan& during, MemoryPlan& memory, std::uint16_t program_tag,
                   std::uint16_t parameter_tag, const chip::ChipDescription& chip) {
  std::vector<std::uint32_t> stored(chip.cores(), 0);  // programs that a core already sends
  for (const SharedWords& program : programs.shared) {
    std::vector<bool> running(chip.cores(), false);
    for (const std::uint32_t core : program.cores) running[core] = true;
    const auto destinations = products(running, chip);
    const std::uint32_t keeper = keeper_of(program, destinations, stored, during, memory, chip);
    ++stored[keeper];
    const std::uint32_t address = memory.place(keeper, memory.static_bank(), program_tag, program.words);
    for (const Destination& to : destinations)
      send_program(during, keeper, address, static_cast<std::uint32_t>(program.words.size()), to, program.first,
                   program_tag, chip);
  }
  for (std::uint32_t core = 0; core < chip.cores(); ++core) {
    const auto& values = programs.parameters[core];
    if (values.empty()) continue;
    std::vector<isa::Word> words((values.size() + 7) / 8, isa::Word{});
    for (std::size_t i = 0; i < values.size(); ++i) std::memcpy(words[i / 8].data() + i % 8 * 4, &values[i], 4);
    const auto count = static_cast<std::uint32_t>(words.size());
    const std::uint32_t address = memory.place(core, memory.static_bank(), parameter_tag, std::move(words));
    Instruction load = counted(isa::Opcode::parameters, count, isa::operand_a, address, parameter_tag);
    for (isa::Loop& loop : load.loops) loop.stride[isa::operand_b] = 1;
    during.insert(core, Thread::memory, during.idle_from(core, Thread::memory, 1, count), load);
  }
}

std::vector<std::uint32_t> reserve_boot(MemoryPlan& memory, std::uint16_t program_tag, std::uint32_t boot_words,
                                        const chip::ChipDescription& chip) {
  std::vector<std::uint32_t> address;
  for (std::uint32_t core = 0; core < chip.cores(); ++core)
    address.push_back(memory.reserve(core, memory.static_bank(), program_tag, boot_words));
  return address;
}

void load_boot(const std::vector<std::uint32_t>& address, std::uint32_t boot_words, SegmentPlan& during,
               std::uint16_t program_tag, const chip::ChipDescription& chip) {
  for (std::uint32_t core = 0; core < chip.cores(); ++core)
    send_program(during, core, address[core], boot_words,
                 Destination{1U << core % chip.columns, 1U << core / chip.columns}, 0, program_tag, chip);
}

}  // namespace northpole::schedule
