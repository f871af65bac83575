#include "report/core_programs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "isa/bytes.h"
#include "program/image_words.h"
#include "report/events.h"

namespace northpole::report {
namespace {

constexpr std::uint32_t parameters_of_word = 8;
// More events of loading in one segment than any program needs; keeps damaged ones from running for ever.
constexpr std::uint64_t maximum_events = std::uint64_t{1} << 22;

struct Arrival {
  std::uint64_t cycle;
  const isa::Word* word;
};
struct Taken {
  std::uint64_t cycle;
  std::uint16_t index;  // word of the program buffer
};

class Loader {
 public:
  explicit Loader(const program::Program& program)
      : program_(program), image_(program), clocks_(program.chip.cores()) {}

  ProgramSequence run() {
    std::vector<CoreProgram> current;
    for (const program::Boot& boot : program_.boot) current.push_back({shared(boot.program), boot.parameters});
    for (std::size_t segment = 0;; ++segment) {
      result_.programs.push_back(current);
      if (segment + 1 >= program_.segments.size()) return std::move(result_);
      if (!next(current)) {
        problem(fmt::format("segment {} of {} brings no next program", segment, program_.segments.size()));
        return std::move(result_);
      }
    }
  }

 private:
  // Where a thread is in time: the cycle in which its next instruction without delay would start.
  struct Clocks {
    std::uint64_t memory = 0, programs = 0;
  };

  void problem(std::string text) {
    if (result_.problem.empty()) result_.problem = std::move(text);
  }

  std::shared_ptr<const std::vector<isa::Word>> shared(const std::vector<isa::Word>& words) {
    auto& known = known_[std::string(reinterpret_cast<const char*>(words.data()), words.size() * sizeof(isa::Word))];
    if (!known) known = std::make_shared<const std::vector<isa::Word>>(words);
    return known;
  }

  // Runs a section of a thread in time and shows its events of one opcode or two.
  template <typename Visit>
  void walk(std::uint32_t core, const CoreProgram& own, isa::Thread thread, std::uint64_t& clock, const Visit& visit) {
    std::string malformed;
    for (const isa::Instruction& coded : section_of(*own.words, thread, malformed)) {
      const isa::Instruction instruction = resolved(coded, own.parameters);
      const std::uint64_t start = clock + instruction.delay;
      const std::uint64_t count = event_count(instruction);
      if (events_ > maximum_events || count > maximum_events - events_) {
        events_ = maximum_events + 1;
        return problem("loading a segment's programs takes more events than any program should");
      }
      events_ += count;
      clock = 1 + for_each_event(instruction, start,
                                 [&](std::uint64_t cycle, const std::array<std::uint16_t, 4>& operands) {
                                   visit(instruction, cycle, operands);
                                 });
    }
    if (!malformed.empty()) problem(fmt::format("core {}, thread {}: {}", core, isa::name(thread), malformed));
  }

  void deliver(std::uint32_t core, const isa::Instruction& send, std::uint64_t cycle, const isa::Word* word) {
    const auto& chip = program_.chip;
    const std::uint32_t row = core / chip.columns, column = core % chip.columns;
    const auto distance = [](std::uint32_t a, std::uint32_t b) { return a > b ? a - b : b - a; };
    for (std::uint32_t y = 0; y < chip.rows; ++y) {
      if ((send.immediate[1] >> y & 1) == 0) continue;
      for (std::uint32_t x = 0; x < chip.columns; ++x) {
        if ((send.immediate[0] >> x & 1) == 0) continue;
        arrivals_[y * chip.columns + x].push_back(
            {cycle + chip.word_link_cycles + distance(x, column) + distance(y, row), word});
        ++events_;
      }
    }
  }

  // From the programs of one segment to those of the next; false when nothing was loaded.
  bool next(std::vector<CoreProgram>& current) {
    const std::uint32_t cores = program_.chip.cores();
    events_ = 0;
    arrivals_.assign(cores, {});
    std::vector<std::vector<Taken>> taken(cores);
    std::vector<std::vector<std::uint32_t>> parameters(cores);
    for (std::uint32_t core = 0; core < cores; ++core) {
      walk(core, current[core], isa::Thread::memory, clocks_[core].memory,
           [&](const auto& instruction, std::uint64_t cycle, const auto& operands) {
             const isa::Word* word = image_.word(core, operands[isa::operand_a]);
             if (instruction.opcode == isa::Opcode::send_program) {
               if (!word)
                 return problem(fmt::format("core {} sends an instruction from address {}, which is not of the image",
                                            core, operands[isa::operand_a]));
               deliver(core, instruction, cycle, word);
             } else if (instruction.opcode == isa::Opcode::parameters && word) {
               const std::size_t first = std::size_t{operands[isa::operand_b]} * parameters_of_word;
               if (first + parameters_of_word > program_.chip.parameters) return;
               if (parameters[core].size() < first + parameters_of_word)
                 parameters[core].resize(first + parameters_of_word);
               for (std::uint32_t i = 0; i < parameters_of_word; ++i)
                 parameters[core][first + i] = isa::get32(*word, 4 * i);
             }
           });
      walk(core, current[core], isa::Thread::programs, clocks_[core].programs,
           [&](const auto& instruction, std::uint64_t cycle, const auto& operands) {
             if (instruction.opcode == isa::Opcode::receive_program)
               taken[core].push_back({cycle, operands[isa::operand_b]});
           });
      if (events_ > maximum_events) return false;
    }
    bool any = false;
    for (std::uint32_t core = 0; core < cores; ++core) {
      current[core] = {shared(received(core, arrivals_[core], taken[core])), std::move(parameters[core])};
      any = any || !current[core].words->empty();
    }
    return any;
  }

  std::vector<isa::Word> received(std::uint32_t core, std::vector<Arrival>& arrivals, const std::vector<Taken>& taken) {
    std::sort(arrivals.begin(), arrivals.end(),
              [](const Arrival& left, const Arrival& right) { return left.cycle < right.cycle; });
    std::vector<isa::Word> words;
    for (const Taken& take : taken) {
      const auto found =
          std::lower_bound(arrivals.begin(), arrivals.end(), take.cycle,
                           [](const Arrival& arrival, std::uint64_t cycle) { return arrival.cycle < cycle; });
      if (take.index >= program_.chip.program_words || found == arrivals.end() || found->cycle != take.cycle) {
        problem(fmt::format("core {} takes an instruction word in cycle {} that nobody sent", core, take.cycle));
        continue;
      }
      if (words.size() <= take.index) words.resize(take.index + std::size_t{1});
      words[take.index] = *found->word;
    }
    return words;
  }

  const program::Program& program_;
  program::ImageWords image_;
  ProgramSequence result_;
  std::vector<Clocks> clocks_;                  // by core
  std::vector<std::vector<Arrival>> arrivals_;  // by core, of the segment at hand
  std::map<std::string, std::shared_ptr<const std::vector<isa::Word>>> known_;
  std::uint64_t events_ = 0;
};

}  // namespace

ProgramSequence program_sequence(const program::Program& program) { return Loader(program).run(); }

std::vector<isa::Instruction> section_of(const std::vector<isa::Word>& words, isa::Thread thread,
                                         std::string& problem) {
  std::vector<isa::Instruction> instructions;
  if (words.empty()) return instructions;
  std::size_t index = isa::decode_directory(words[0])[static_cast<std::size_t>(thread)];
  while (index > 0 && index < words.size()) {
    auto instruction = isa::decode(words.data(), words.size(), index, problem);
    if (!instruction) return instructions;
    instructions.push_back(std::move(*instruction));
    const isa::Opcode opcode = instructions.back().opcode;
    if (opcode == isa::Opcode::end || opcode == isa::Opcode::switch_program) break;
  }
  return instructions;
}

isa::Instruction resolved(const isa::Instruction& instruction, const std::vector<std::uint32_t>& parameters) {
  isa::Instruction result = instruction;
  const auto value = [&](std::uint32_t index) { return index < parameters.size() ? parameters[index] : 0; };
  const auto replace = [&](auto& field, bool is_parameter) {
    using Field = std::remove_reference_t<decltype(field)>;
    if (is_parameter) field = static_cast<Field>(value(static_cast<std::make_unsigned_t<Field>>(field)));
  };
  const std::uint8_t mask = instruction.parameter_mask;
  replace(result.delay, (mask & isa::parameter_delay) != 0);
  for (std::size_t i = 0; i < result.operand.size(); ++i)
    replace(result.operand[i], (mask & (isa::parameter_a << i)) != 0);
  for (std::size_t i = 0; i < result.immediate.size(); ++i)
    replace(result.immediate[i], (mask & (isa::parameter_immediate0 << i)) != 0);
  for (isa::Loop& loop : result.loops) {
    replace(loop.count, (loop.parameter_mask & 1) != 0);
    replace(loop.interval, (loop.parameter_mask & 2) != 0);
    for (std::size_t i = 0; i < loop.stride.size(); ++i)
      replace(loop.stride[i], (loop.parameter_mask >> (2 + i) & 1) != 0);
  }
  return result;
}

}  // namespace northpole::report
