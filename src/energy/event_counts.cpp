#include "energy/event_counts.h"

#include <algorithm>
#include <bit>

#include "energy/instruction_counts.h"
#include "energy/layer_names.h"
#include "energy/route_links.h"
#include "energy/weight_order.h"
#include "program/image_words.h"
#include "report/instruction_walk.h"

namespace northpole::energy {
namespace {

constexpr std::uint64_t word = chip::word_bytes;
constexpr std::uint64_t sum_bytes = chip::lanes * std::uint64_t{4};
// More loads of constant registers than any program has; keeps damaged ones from running for ever.
constexpr std::uint64_t maximum_constants = std::uint64_t{1} << 26;

class Counter {
 public:
  Counter(const program::Program& program, const report::ProgramSequence& sequence)
      : program_(program),
        chip_(program.chip),
        walk_(program, sequence),
        image_(program),
        names_(program),
        programs_(names_.of_name(programs_name)),
        weights_(chip_.cores()),
        made_(program.tensors.size(), false) {
    result_.frames = program.frames;
    result_.cycles = program.cycles;
    result_.problem = sequence.problem;
  }

  EventCounts run() {
    for (std::uint32_t core = 0; core < chip_.cores(); ++core) look_ahead(core);
    for (WeightOrder& of_core : weights_) of_core.sort();
    for (std::uint32_t core = 0; core < chip_.cores(); ++core) count_core(core);
    for (std::uint32_t row = 0; row < chip_.rows && row < program_.edges.size(); ++row) count_edge(row);
    finish();
    return std::move(result_);
  }

 private:
  // Calls visit(instruction, start, events) for all instructions of a core's thread.
  template <typename Visit>
  void walk(std::uint32_t core, isa::Thread thread, const Visit& visit) {
    walk_.thread(core, thread, result_.problem, parts_for(visit));
  }
  template <typename Visit>
  static auto parts_for(const Visit& visit) {
    return
        [&visit](const report::PlacedInstruction& placed) { visit(placed.instruction, placed.start, placed.events); };
  }

  Counts& counts(std::uint32_t layer, std::uint32_t unit) {
    if (layer >= result_.layers.size()) result_.layers.resize(layer + std::size_t{1});
    LayerCounts& row = result_.layers[layer];
    if (row.units.empty()) row.units.resize(std::size_t{chip_.cores()} + chip_.rows);
    return row.units[unit];
  }

  // Where weights go, and which tensors the vector unit makes.
  void look_ahead(std::uint32_t core) {
    walk(core, isa::Thread::memory,
         [&](const isa::Instruction& instruction, std::uint64_t start, std::uint64_t events) {
           if (instruction.opcode != isa::Opcode::send_weights) return;
           const std::uint32_t layer = names_.of_tag(instruction.tensor[isa::operand_a]);
           const std::uint64_t words = events * isa::decode_lane_range(instruction.flags).count;
           for_each_destination(instruction, [&](std::uint32_t to) {
             weights_[to].arrive(start + 1 + hops_between(chip_, core, to), layer, words);
           });
         });
    walk(core, isa::Thread::vector, [&](const isa::Instruction& instruction, std::uint64_t, std::uint64_t) {
      const std::uint16_t tag = instruction.tensor[isa::operand_d];
      if (instruction.opcode == isa::Opcode::vector && tag < made_.size()) made_[tag] = true;
    });
  }

  template <typename Visit>
  void for_each_destination(const isa::Instruction& instruction, const Visit& visit) const {
    for (std::uint32_t y = 0; y < chip_.rows; ++y)
      for (std::uint32_t x = 0; x < chip_.columns; ++x)
        if ((instruction.immediate[1] >> y & 1) != 0 && (instruction.immediate[0] >> x & 1) != 0)
          visit(y * chip_.columns + x);
  }

  void count_core(std::uint32_t core) {
    count_products(core);
    count_vectors(core);
    for (const isa::Thread thread :
         {isa::Thread::memory, isa::Thread::send, isa::Thread::receive, isa::Thread::weights, isa::Thread::programs}) {
      walk(core, thread, [&](const isa::Instruction& instruction, std::uint64_t start, std::uint64_t events) {
        count_movement(core, instruction, start, events);
      });
    }
  }

  // An instruction that is fetched, and its events.
  Counts& issue(std::uint32_t layer, std::uint32_t unit, const isa::Instruction& instruction, std::uint64_t events) {
    Counts& to = counts(layer, unit);
    of(to, Event::instruction_issue) += events;
    of(to, Event::program_buffer_read) += isa::encoded_words(instruction) * word;
    return to;
  }
  // ... of those that every thread has; false for others.
  bool ends(std::uint32_t unit, const isa::Instruction& instruction, std::uint64_t events) {
    if (!report::ends_a_program(instruction.opcode)) return false;
    issue(programs_, unit, instruction, events);
    return true;
  }

  // VMM and the partial sums' network.
  void count_products(std::uint32_t core) {
    struct Issue {
      std::uint64_t start;
      std::uint32_t layer;
    };
    std::vector<Issue> issues;
    WeightOrder& order = weights_[core];
    walk(core, isa::Thread::vmm, [&](const isa::Instruction& instruction, std::uint64_t start, std::uint64_t events) {
      if (ends(core, instruction, events)) return;
      const isa::MultiplyMode mode = isa::decode_multiply_mode(instruction.immediate[0]);
      if (instruction.opcode != isa::Opcode::multiply || !known(mode)) {
        result_.problem = "it has a multiply of unknown widths";
        return;
      }
      // A tensor that no vector unit makes was brought for the layer that reads it.
      const std::uint16_t tag = instruction.tensor[isa::operand_a];
      const bool brought = tag < made_.size() && !made_[tag];
      const std::uint32_t layer = brought ? names_.of_tag(tag) : order.next(names_.at(start));
      order.use(layer, released_words(instruction, mode));
      count_operation(instruction, events, issue(layer, core, instruction, events));
      issues.push_back({start, layer});
    });
    walk(core, isa::Thread::partial_sums,
         [&](const isa::Instruction& instruction, std::uint64_t start, std::uint64_t events) {
           if (ends(core, instruction, events)) return;
           const auto after = std::upper_bound(issues.begin(), issues.end(), start,
                                               [](std::uint64_t value, const Issue& one) { return value < one.start; });
           const std::uint32_t layer = after == issues.begin() ? names_.at(start) : std::prev(after)->layer;
           count_operation(instruction, events, issue(layer, core, instruction, events));
           const isa::Direction out = isa::decode_pass_mode(instruction.immediate[0]).out;
           if (out == isa::Direction::none || out > isa::Direction::west) return;
           const auto direction = static_cast<Compass>(static_cast<std::uint32_t>(out) - 1);
           add_traffic(layer, core, Network::partial_sum, link_of(core, direction), events * sum_bytes);
         });
  }

  static bool known(const isa::MultiplyMode& mode) {
    const auto width = [](std::uint32_t bits) { return bits == 8 || bits == 4 || bits == 2; };
    return width(mode.activation_bits) && width(mode.weight_bits) && mode.weight_bits <= mode.activation_bits;
  }

  static std::uint64_t released_words(const isa::Instruction& instruction, const isa::MultiplyMode& mode) {
    if ((instruction.flags & isa::multiply_release) == 0) return 0;
    std::uint64_t releases = 1;
    for (std::size_t level = 0; level < instruction.loops.size(); ++level)
      if ((mode.release_mask >> level & 1) == 0) releases *= instruction.loops[level].count;
    return releases * (std::uint64_t{chip::block_words} * mode.weight_bits / mode.activation_bits);
  }

  void count_vectors(std::uint32_t core) {
    std::vector<const isa::Word*> registers(chip_.constant_words + std::size_t{1}, nullptr);
    walk(core, isa::Thread::vector,
         [&](const isa::Instruction& instruction, std::uint64_t start, std::uint64_t events) {
           if (ends(core, instruction, events)) return;
           if (instruction.opcode == isa::Opcode::constants) {
             const std::uint32_t layer = names_.of_tag(instruction.tensor[isa::operand_a]);
             count_operation(instruction, events, issue(layer, core, instruction, events));
             load(core, instruction, start, events, registers);
             return;
           }
           const std::size_t index = isa::decode_vector_mode(instruction.immediate[0]).function_register;
           const isa::Word* first = index + 1 < registers.size() ? registers[index] : nullptr;
           const isa::Word* second = index + 1 < registers.size() ? registers[index + 1] : nullptr;
           const auto function =
               first != nullptr && second != nullptr ? isa::decode_vector_function(*first, *second) : std::nullopt;
           if (!function) {
             result_.problem = "it has a vector instruction whose function is not in the memory image";
             return;
           }
           const std::uint32_t layer = names_.of_tag(instruction.tensor[isa::operand_d]);
           count_vector(instruction, *function, events, issue(layer, core, instruction, events));
         });
  }

  void load(std::uint32_t core, const isa::Instruction& instruction, std::uint64_t start, std::uint64_t events,
            std::vector<const isa::Word*>& registers) {
    if (events > maximum_constants || (constants_ += events) > maximum_constants) {
      result_.problem = "it loads constants more often than any program should";
      return;
    }
    report::for_each_event(instruction, start, [&](std::uint64_t, const std::array<std::uint16_t, 4>& operands) {
      if (operands[isa::operand_c] < registers.size())
        registers[operands[isa::operand_c]] = image_.word(core, operands[isa::operand_a]);
    });
  }

  void count_movement(std::uint32_t core, const isa::Instruction& instruction, std::uint64_t start,
                      std::uint64_t events) {
    if (ends(core, instruction, events)) return;
    const auto tagged = [&](isa::Operand operand) { return names_.of_tag(instruction.tensor[operand]); };
    std::uint32_t layer = programs_;
    switch (instruction.opcode) {
      case isa::Opcode::send_weights:
      case isa::Opcode::send:
        layer = tagged(isa::operand_a);
        break;
      case isa::Opcode::copy:
        layer = tagged(isa::operand_b);
        break;
      case isa::Opcode::receive:
        layer = tagged(isa::operand_d);
        break;
      case isa::Opcode::receive_weights:
        layer = weights_[core].arriving(start, names_.at(start));
        break;
      default:
        break;
    }
    count_operation(instruction, events, issue(layer, core, instruction, events));
    count_way(layer, core, instruction, events);
  }

  void count_way(std::uint32_t layer, std::uint32_t core, const isa::Instruction& instruction, std::uint64_t events) {
    const std::uint32_t row = core / chip_.columns, column = core % chip_.columns;
    const auto send = [&](Network network, std::uint64_t bytes) {
      for_each_link(chip_, row, column, instruction.immediate[0], instruction.immediate[1],
                    [&](std::uint32_t link) { add_traffic(layer, core, network, link, bytes); });
    };
    switch (instruction.opcode) {
      case isa::Opcode::send:
        if ((instruction.flags & isa::send_west_edge) == 0) return send(Network::activation, events * word);
        for (std::uint32_t x = 0; x <= column; ++x)
          add_traffic(layer, core, Network::activation, link_of(row * chip_.columns + x, west), events * word);
        return;
      case isa::Opcode::send_program:
        return send(Network::instruction, events * word);
      case isa::Opcode::send_weights: {
        const std::uint64_t bytes = events * isa::decode_lane_range(instruction.flags).count * word;
        send(Network::model, bytes);
        for_each_destination(instruction,
                             [&](std::uint32_t to) { of(counts(layer, to), Event::weight_buffer_write) += bytes; });
        return;
      }
      default:
        return;
    }
  }

  void count_edge(std::uint32_t row) {
    const std::uint32_t unit = chip_.cores() + row;
    const program::Edge& edge = program_.edges[row];
    const auto sent = [&](const isa::Instruction& instruction, std::uint64_t, std::uint64_t events) {
      if (ends(unit, instruction, events)) return;
      const std::uint32_t layer = names_.of_tag(instruction.tensor[isa::operand_a]);
      of(issue(layer, unit, instruction, events), Event::frame_buffer_read) += events * word;
      add_traffic(layer, unit, Network::activation, edge_link(chip_, row), events * word);
      for_each_link(chip_, row, 0, instruction.immediate[0], instruction.immediate[1],
                    [&](std::uint32_t link) { add_traffic(layer, unit, Network::activation, link, events * word); });
    };
    const auto received = [&](const isa::Instruction& instruction, std::uint64_t, std::uint64_t events) {
      if (ends(unit, instruction, events)) return;
      const std::uint32_t layer = names_.of_tag(instruction.tensor[isa::operand_d]);
      of(issue(layer, unit, instruction, events), Event::frame_buffer_write) += events * word;
    };
    walk_.edge(edge.send, result_.problem, parts_for(sent));
    walk_.edge(edge.receive, result_.problem, parts_for(received));
  }

  void add_traffic(std::uint32_t layer, std::uint32_t unit, Network network, std::uint32_t link, std::uint64_t bytes) {
    constexpr std::array events = {Event::activation_network, Event::partial_sum_network, Event::model_network,
                                   Event::instruction_network};
    const auto number = static_cast<std::size_t>(network);
    of(counts(layer, unit), events[number]) += bytes;
    auto& links = result_.layers[layer].links[number];
    if (links.empty()) links.resize(std::size_t{chip_.cores()} * 4 + chip_.rows);
    links[link] += bytes;
  }

  void finish() {
    result_.layers.resize(names_.count());
    for (std::uint32_t layer = 0; layer < names_.count(); ++layer) {
      result_.layers[layer].name = names_.name(layer);
      add(result_.total, result_.layers[layer].total());
    }
    for (const program::LayerCycles& cycles : program_.layers)
      result_.layers[names_.of_name(cycles.layer)].useful_multiply_accumulates += cycles.multiply_accumulates;
    std::erase_if(result_.layers, [](const LayerCounts& layer) { return layer.units.empty(); });
    of(result_.total, Event::host_input) = tensor_bytes(program_.input) * program_.frames;
    for (const program::FrameLayout& output : program_.outputs)
      of(result_.total, Event::host_output) += tensor_bytes(output) * program_.frames;
  }

  const program::Program& program_;
  const chip::ChipDescription& chip_;
  report::InstructionWalk walk_;
  program::ImageWords image_;
  LayerNames names_;
  std::uint32_t programs_;
  std::vector<WeightOrder> weights_;  // by core
  std::vector<bool> made_;            // by tag: vector units write it
  std::uint64_t constants_ = 0;
  EventCounts result_;
};

}  // namespace

std::uint64_t tensor_bytes(const program::FrameLayout& layout) {
  return (std::uint64_t{layout.channels} * layout.tensor_height * layout.tensor_width * layout.bits + 7) / 8;
}

Counts LayerCounts::total() const {
  Counts sum{};
  for (const Counts& unit : units) add(sum, unit);
  return sum;
}

Counts EventCounts::of_unit(std::size_t unit) const {
  Counts sum{};
  for (const LayerCounts& layer : layers) add(sum, layer.units[unit]);
  return sum;
}

std::vector<std::uint64_t> EventCounts::of_links(Network network) const {
  std::vector<std::uint64_t> sum;
  for (const LayerCounts& layer : layers) {
    const auto& links = layer.links[static_cast<std::size_t>(network)];
    if (sum.size() < links.size()) sum.resize(links.size());
    for (std::size_t i = 0; i < links.size(); ++i) sum[i] += links[i];
  }
  return sum;
}

EventCounts count_events(const program::Program& program) {
  return count_events(program, report::program_sequence(program));
}

EventCounts count_events(const program::Program& program, const report::ProgramSequence& sequence) {
  return Counter(program, sequence).run();
}

}  // namespace northpole::energy
