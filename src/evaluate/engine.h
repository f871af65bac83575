// Something that answers pictures: an interpreter of a network, or the simulated chip with a program on it.
#pragma once

#include <cstdint>
#include <vector>

#include "data/picture.h"
#include "network/tensor.h"

namespace northpole::evaluate {

enum class EngineKind {
  fast,       // the simulated chip at the host's speed: proves the program, then runs it as matrix products (program)
  step,       // the simulated chip, cycle by cycle (program)
  reference,  // the integer interpreter (quantized network)
  floats,     // the float interpreter (float network)
};
const char* name(EngineKind kind);  // "fast", "step", "reference", "float"

struct Answer {
  std::vector<float> scores;  // the network's first output in its shape, as real numbers
  network::Shape shape;
  // Of an engine that counts cycles, the whole run that answered this picture and maybe others; 0 otherwise.
  std::uint64_t cycles = 0, events = 0;
};

// For use by one thread at a time.
class Engine {
 public:
  virtual ~Engine() = default;
  // What really answers: a chip asked for `fast` runs the few programs that are not for it by `step`.
  virtual EngineKind kind() const = 0;
  // One answer for each of at least one and at most Model::frames pictures, in their order. What lacks of a run's
  // frames is filled with the last picture again. Throws northpole::Error for a picture that does not suit, and when
  // the machine stops with a fault.
  virtual std::vector<Answer> answers(const std::vector<data::Picture>& pictures) = 0;
};

}  // namespace northpole::evaluate
