#include "machine/fast/sequence_table.h"

#include <xxhash.h>

#include <algorithm>

namespace northpole::machine::fast {

std::uint32_t SequenceTable::number(std::span<const std::uint32_t> sequence) {
  const std::uint64_t hash = XXH3_64bits(sequence.data(), sequence.size_bytes());
  const std::size_t mask = buckets_.size() - 1;
  std::size_t bucket = hash & mask;
  for (; buckets_[bucket] != 0; bucket = (bucket + 1) & mask) {
    const std::uint32_t candidate = buckets_[bucket] - 1;
    if (hashes_[candidate] == hash && std::ranges::equal((*this)[candidate], sequence)) return candidate;
  }
  const std::uint32_t result = size();
  buckets_[bucket] = result + 1;
  hashes_.push_back(hash);
  pool_.insert(pool_.end(), sequence.begin(), sequence.end());
  ends_.push_back(pool_.size());
  if (std::size_t{size()} * 2 > buckets_.size()) grow();
  return result;
}

void SequenceTable::grow() {
  buckets_.assign(buckets_.size() * 4, 0);
  const std::size_t mask = buckets_.size() - 1;
  for (std::uint32_t i = 0; i < size(); ++i) {
    std::size_t bucket = hashes_[i] & mask;
    while (buckets_[bucket] != 0) bucket = (bucket + 1) & mask;
    buckets_[bucket] = i + 1;
  }
}

}  // namespace northpole::machine::fast
