#include "machine/fast/section_cache.h"

#include <xxhash.h>

#include <algorithm>

#include "network/error.h"

namespace northpole::machine::fast {

std::shared_ptr<const step::Section> SectionCache::read(const step::ProgramHalf& half, isa::Thread thread) {
  constexpr std::size_t hashed_words = 4;
  const std::size_t start = isa::decode_directory(half.words[0])[static_cast<std::size_t>(thread)];
  const std::size_t there = start < half.words.size() ? half.words.size() - start : 0;
  const isa::Word* words = half.words.data() + start;
  // Words behind a short section's end are hashed too: then it is decoded more often than needed, no more.
  const std::uint64_t key = XXH3_64bits_withSeed(words, std::min(there, hashed_words) * sizeof(isa::Word),
                                                 static_cast<std::uint64_t>(thread));
  const auto [first, last] = entries_.equal_range(key);
  for (auto at = first; at != last; ++at) {
    const Entry& entry = at->second;
    if (entry.words.size() <= there && std::equal(entry.words.begin(), entry.words.end(), words)) return entry.section;
  }
  step::SectionProblem problem;
  auto section = step::read_section(half, thread, problem);
  if (!section) throw Error("fast engine: the program is not verified: " + problem.what);
  std::size_t length = 0;
  for (const isa::Instruction& instruction : *section) length += isa::encoded_words(instruction);
  entries_.emplace(key, Entry{{words, words + length}, section});
  return section;
}

}  // namespace northpole::machine::fast
