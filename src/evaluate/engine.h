// Something that answers pictures: an interpreter of a network, or the simulated chip with a program on it.
#pragma once

#include <cstdint>
#include <vector>

#include "data/picture.h"
#include "network/tensor.h"

namespace northpole::evaluate {

struct Answer {
  std::vector<float> scores;  // the network's first output in its shape, as real numbers
  network::Shape shape;
  // Of an engine that counts cycles; 0 otherwise.
  std::uint64_t cycles = 0, events = 0;
};

// For use by one thread at a time.
class Engine {
 public:
  virtual ~Engine() = default;
  // Throws northpole::Error for a picture that does not suit, and when the machine stops with a fault.
  virtual Answer answer(const data::Picture& picture) = 0;
};

}  // namespace northpole::evaluate
