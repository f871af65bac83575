// Numbers for sequences of numbers: equal sequences get the same one, in the order in which they first appear.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace northpole::machine::fast {

class SequenceTable {
 public:
  SequenceTable() : buckets_(1024) {}

  std::uint32_t number(std::span<const std::uint32_t> sequence);
  std::span<const std::uint32_t> operator[](std::uint32_t number) const {
    return {pool_.data() + ends_[number], ends_[number + 1] - ends_[number]};
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(ends_.size() - 1); }

 private:
  void grow();

  std::vector<std::uint32_t> pool_;
  std::vector<std::size_t> ends_{0};
  std::vector<std::uint64_t> hashes_;   // by number
  std::vector<std::uint32_t> buckets_;  // open addressing: number + 1, 0 is free
};

}  // namespace northpole::machine::fast
