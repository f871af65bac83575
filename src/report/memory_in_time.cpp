#include "report/memory_in_time.h"

#include <algorithm>

#include "report/traffic.h"

namespace northpole::report {
namespace {

// From a first write to the last read before the next first write.
struct Life {
  std::uint64_t first, last;
  std::uint16_t tensor;
};

// The lives of a core's words, by address.
class Lives {
 public:
  explicit Lives(std::uint32_t words) : lives_(words) {}

  void write(std::uint32_t address, std::uint64_t cycle, std::uint16_t tensor) {
    if (address < lives_.size()) lives_[address].push_back({cycle, cycle, tensor});
  }
  // After the last write, before the first read.
  void sort() {
    for (auto& of_word : lives_) {
      std::sort(of_word.begin(), of_word.end(), [](const Life& a, const Life& b) { return a.first < b.first; });
    }
  }
  void read(std::uint32_t address, std::uint64_t cycle) {
    if (address >= lives_.size()) return;
    auto& of_word = lives_[address];
    const auto after = std::lower_bound(of_word.begin(), of_word.end(), cycle,
                                        [](const Life& life, std::uint64_t value) { return life.first < value; });
    if (after != of_word.begin()) std::prev(after)->last = std::max(std::prev(after)->last, cycle);
  }
  template <typename Visit>
  void for_each(const Visit& visit) const {
    for (const auto& of_word : lives_) {
      for (std::size_t i = 0; i < of_word.size(); ++i) {
        Life life = of_word[i];
        // Written again before it was read: another part of the same word, or nobody wanted it.
        while (i + 1 < of_word.size() && of_word[i].last == of_word[i].first && of_word[i + 1].tensor == life.tensor)
          life.last = of_word[++i].last;
        visit(life);
      }
    }
  }

 private:
  std::vector<std::vector<Life>> lives_;
};

}  // namespace

std::vector<std::vector<std::uint32_t>> words_in_use(const RunInstructions& run,
                                                     const std::vector<std::uint64_t>& cycles) {
  const program::Program& program = run.program();
  std::vector<std::uint32_t> image(program.chip.cores(), 0);
  for (const program::ImageSection& section : program.image)
    image[section.core] += static_cast<std::uint32_t>(section.words.size());
  std::vector<std::vector<std::uint32_t>> result;
  for (std::uint32_t core = 0; core < program.chip.cores(); ++core) {
    const CoreInstructions instructions = run.of_core(core);
    Lives lives(program.chip.memory_words());
    for (const isa::Thread writer : {isa::Thread::vector, isa::Thread::memory, isa::Thread::receive})
      for (const PlacedInstruction& placed : instructions[static_cast<std::size_t>(writer)])
        for_each_access(placed, program.chip,
                        [&](std::uint64_t cycle, std::uint32_t address, std::uint16_t tensor, bool write) {
                          if (write) lives.write(address, cycle, tensor);
                        });
    lives.sort();
    for (const ThreadInstructions& of_thread : instructions)
      for (const PlacedInstruction& placed : of_thread)
        for_each_access(placed, program.chip,
                        [&](std::uint64_t cycle, std::uint32_t address, std::uint16_t, bool write) {
                          if (!write) lives.read(address, cycle);
                        });
    std::vector<std::int64_t> changes(cycles.size() + 1, 0);
    lives.for_each([&](const Life& life) {
      const auto begin = std::lower_bound(cycles.begin(), cycles.end(), life.first) - cycles.begin();
      const auto end = std::upper_bound(cycles.begin(), cycles.end(), life.last) - cycles.begin();
      ++changes[static_cast<std::size_t>(begin)];
      --changes[static_cast<std::size_t>(end)];
    });
    std::vector<std::uint32_t>& words = result.emplace_back();
    std::int64_t sum = image[core];
    for (std::size_t i = 0; i < cycles.size(); ++i) words.push_back(static_cast<std::uint32_t>(sum += changes[i]));
  }
  return result;
}

}  // namespace northpole::report
