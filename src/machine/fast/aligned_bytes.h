// Zeroed bytes that start at a page, large pages where the system has them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "machine/step/zeroed_array.h"

namespace northpole::machine::fast {

class AlignedBytes {
 public:
  AlignedBytes() = default;
  explicit AlignedBytes(std::size_t size) : bytes_(size), start_(bytes_.data()) {}
  std::uint8_t* data() { return start_; }
  const std::uint8_t* data() const { return start_; }

 private:
  step::ZeroedArray<std::uint8_t> bytes_;
  std::uint8_t* start_ = nullptr;
};

}  // namespace northpole::machine::fast
