#include "schedule/run_programs.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <unordered_map>

#include "network/error.h"
#include "schedule/program_cuts.h"

namespace northpole::schedule {

using isa::Thread;

namespace {

std::string layer_at(const std::vector<program::LayerCycles>& layers, std::uint64_t cycle) {
  std::string name = layers.empty() ? "" : layers[0].layer;
  for (const program::LayerCycles& layer : layers)
    if (layer.first_issue <= cycle) name = layer.layer;
  return name;
}

std::vector<isa::Word> edge_words(const std::vector<TimedInstruction>& plan) {
  const auto list = rolled(plan);
  std::vector<isa::Word> words;
  append_words(section_of(list, 0, isa::Opcode::end, list.empty() ? 0 : list.back().last() + 1), words);
  return words;
}

// Writes segments from the last one to the first: a program names the addresses of the next one's words.
class Writer {
 public:
  Writer(const RunThreads& threads, std::vector<Segment>& segments, const chip::ChipDescription& chip,
         MemoryPlan& memory, const ProgramTags& tags)
      : threads_(threads), segments_(segments), chip_(chip), memory_(memory), tags_(tags), parameters_(chip.cores()) {}

  std::vector<program::Boot> write() {
    shorten_boot();
    const auto boot_keeper = [&](std::uint32_t core) { return segments_[0].keepers.own[core].front().core; };
    std::vector<std::uint32_t> boot_addresses;
    for (std::uint32_t core = 0; core < chip_.cores(); ++core) {
      boot_addresses.push_back(memory_.reserve(boot_keeper(core), memory_.static_bank(), tags_.programs,
                                               static_cast<std::uint32_t>(boot_words_[core])));
      addresses_[load_tag(load_own, core)] = boot_addresses.back();
    }
    for (std::size_t s = segments_.size(); s-- > 1;) place(segments_[s]);
    std::vector<program::Boot> boot;
    for (std::size_t s = 0; s < threads_.sets().size(); ++s)
      for (const std::uint32_t core : threads_.sets()[s].cores)
        boot.push_back({core, own_words(segments_[0], core, segments_[0].sets[s]), {}});
    std::sort(boot.begin(), boot.end(), [](const auto& a, const auto& b) { return a.core < b.core; });
    for (program::Boot& of_core : boot) {
      of_core.program.resize(boot_words_[of_core.core], isa::Word{});
      memory_.fill(boot_keeper(of_core.core), boot_addresses[of_core.core], of_core.program);
    }
    return boot;
  }

  // First cycle after the loading of the boot programs and the `end` after it.
  std::uint64_t end() const {
    std::uint64_t result = 0;
    for (const CoreSegment& core : segments_.back().cores) {
      result = std::max(result, core.all_entered() + 1);
      for (const auto* list : {&core.sends, &core.receives})
        if (!list->empty()) result = std::max(result, list->back().last() + 2);
    }
    return result;
  }

 private:
  // The last segment was made to load boot programs of full length: of what it loads only what there is stays. Its own
  // programs keep their place and length, as the segment before loads them.
  void shorten_boot() {
    Segment& last = segments_.back();
    const Segment whole = last;
    bool longer = false;
    // `words` of the instructions that `mine` picks.
    const auto shorten = [](std::vector<TimedInstruction>& list, std::size_t words, const auto& mine) {
      std::vector<TimedInstruction> kept;
      for (TimedInstruction& timed : list) {
        auto& loops = timed.instruction.loops;
        if (mine(timed.instruction)) {
          const std::size_t count = std::min<std::size_t>(loops.empty() ? 1 : loops[0].count, words);
          words -= count;
          if (count == 0) continue;
          if (!loops.empty()) loops[0].count = static_cast<std::uint16_t>(count);
          simplify(timed.instruction);
        }
        kept.push_back(std::move(timed));
      }
      list = std::move(kept);
    };
    boot_words_.resize(chip_.cores());
    for (std::size_t s = 0; s < threads_.sets().size(); ++s)
      for (const std::uint32_t core : threads_.sets()[s].cores) {
        boot_words_[core] = layout_of(segments_[0].cores[core], segments_[0].sets[s]).words;
        const std::uint16_t tag = load_tag(load_own, core);
        shorten(last.cores[segments_[0].keepers.own[core].front().core].sends, boot_words_[core],
                [&](const isa::Instruction& send) { return send.tensor[isa::operand_a] == tag; });
        shorten(last.cores[core].receives, boot_words_[core], [](const isa::Instruction&) { return true; });
      }
    for (std::size_t s = 0; s < threads_.sets().size(); ++s)
      for (const std::uint32_t core : threads_.sets()[s].cores)
        last.cores[core].least_own_words = layout_of(whole.cores[core], whole.sets[s]).own_words;
    close_segment(threads_, last);
    for (std::size_t s = 0; s < threads_.sets().size(); ++s)
      for (const std::uint32_t core : threads_.sets()[s].cores)
        longer |= layout_of(last.cores[core], last.sets[s]).own_words > last.cores[core].least_own_words;
    if (!longer) return;
    // Loops can be taken apart by it.
    last = whole;
    boot_words_.assign(chip_.cores(), chip_.program_words);
  }

  std::vector<isa::Word> own_words(const Segment& segment, std::uint32_t number, const SetSegment& set) {
    const CoreSegment& core = segment.cores[number];
    const ProgramLayout layout = layout_of(core, set);
    std::vector<isa::Word> words = {isa::encode_directory(layout.start)};
    for (const Thread thread : layout.own_order) {
      Section section = core.sections[static_cast<std::size_t>(thread)];
      if (thread == Thread::memory)
        for (isa::Instruction& instruction : section) name_address(instruction);
      append_words(section, words);
    }
    words.resize(layout.own_words, isa::Word{});
    return words;
  }

  void name_address(isa::Instruction& instruction) const {
    if (instruction.opcode != isa::Opcode::send_program && instruction.opcode != isa::Opcode::parameters) return;
    const std::uint16_t tag = instruction.tensor[isa::operand_a];
    const LoadSource source = source_of_tag(tag);
    instruction.operand[isa::operand_a] =
        static_cast<std::uint16_t>(instruction.operand[isa::operand_a] + addresses_.at(tag));
    instruction.tensor[isa::operand_a] = source == load_parameters ? tags_.parameters : tags_.programs;
  }

  // Puts a segment's words into memory, for the segment before to name.
  void place(const Segment& segment) {
    std::unordered_map<std::uint16_t, std::uint32_t> addresses;
    for (std::size_t s = 0; s < segment.sets.size(); ++s) {
      const SetSegment& set = segment.sets[s];
      for (const std::uint32_t core : threads_.sets()[s].cores) {
        const std::vector<isa::Word> words = own_words(segment, core, set);
        const auto& parts = segment.keepers.own[core];
        for (std::size_t p = 0; p < parts.size(); ++p) {
          const auto first = words.begin() + parts[p].first;
          addresses[load_tag(load_own, core, p)] = memory_.place(parts[p].core, memory_.static_bank(), tags_.programs,
                                                                 std::vector<isa::Word>(first, first + parts[p].words));
        }
        if (!segment.cores[core].parameters.empty())
          addresses[load_tag(load_parameters, core)] = place_parameters(core, segment.cores[core].parameters);
      }
      if (set.words == 0) continue;
      std::vector<isa::Word> words;
      const std::uint32_t first = threads_.sets()[s].cores[0];
      for (const Thread thread : layout_of(segment.cores[first], set).shared_order)
        append_words(set.sections[static_cast<std::size_t>(thread)], words);
      const std::uint32_t keeper = segment.keepers.set[s];
      addresses[load_tag(load_shared, keeper)] =
          memory_.place(keeper, memory_.static_bank(), tags_.programs, std::move(words));
    }
    addresses_ = std::move(addresses);
  }

  // Segments often have the same parameters.
  std::uint32_t place_parameters(std::uint32_t core, const std::vector<std::uint32_t>& values) {
    const auto [known, fresh] = parameters_[core].try_emplace(values, 0);
    if (fresh) {
      std::vector<isa::Word> words((values.size() + 7) / 8, isa::Word{});
      for (std::size_t i = 0; i < values.size(); ++i)
        for (std::size_t byte = 0; byte < 4; ++byte)
          words[i / 8][i % 8 * 4 + byte] = static_cast<std::uint8_t>(values[i] >> (8 * byte));
      known->second = memory_.place(core, memory_.static_bank(), tags_.parameters, std::move(words));
    }
    return known->second;
  }

  const RunThreads& threads_;
  std::vector<Segment>& segments_;
  const chip::ChipDescription& chip_;
  MemoryPlan& memory_;
  const ProgramTags& tags_;
  std::unordered_map<std::uint16_t, std::uint32_t> addresses_;  // of the next segment, by load_tag()
  std::vector<std::size_t> boot_words_;                  // by core
  std::vector<std::map<std::vector<std::uint32_t>, std::uint32_t>> parameters_;  // what a core stores, and where
};

}  // namespace

void write_programs(const RunPlan& plan, MemoryPlan& memory, program::Program& program, const ProgramTags& tags) {
  const chip::ChipDescription& chip = program.chip;
  const RunThreads threads(plan, chip);
  std::vector<std::uint64_t> stored;
  for (std::uint32_t core = 0; core < chip.cores(); ++core) stored.push_back(memory.static_words(core));
  std::vector<Segment> segments;
  try {
    segments = cut_run(threads, std::move(stored), chip);
  } catch (NeedsPause& pause) {
    pause.layer = layer_at(program.layers, pause.cycle);
    throw;
  }
  Writer writer(threads, segments, chip, memory, tags);
  program.boot = writer.write();
  program.edges.clear();
  std::uint64_t last = threads.last();  // cycle of the plan's last event
  for (std::uint32_t row = 0; row < chip.rows; ++row) {
    const auto send = plan.edge(row, true), receive = plan.edge(row, false);
    for (const auto* list : {&send, &receive})
      if (!list->empty()) last = std::max(last, list->back().last());
    program.edges.push_back({edge_words(send), edge_words(receive)});
  }
  program.cycles = std::max({plan.end(), last + 2, writer.end()});
  program.segments.clear();
  for (std::size_t s = 0; s < segments.size(); ++s) {
    program::Segment named;
    named.first_cycle = segments[s].cut;
    named.last_cycle = (s + 1 < segments.size() ? segments[s + 1].cut : program.cycles) - 1;
    named.layer = layer_at(program.layers, named.first_cycle + (named.last_cycle - named.first_cycle) / 2);
    program.segments.push_back(std::move(named));
  }
}

}  // namespace northpole::schedule
