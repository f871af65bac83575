#pragma once

#include <memory>

#include "machine/fast/aligned_bytes.h"
#include "machine/fast/plan.h"

namespace northpole::machine::fast {

struct Translation {
  std::shared_ptr<const program::Program> program;
  const Kernel* kernel = nullptr;
  Plan plan;             // its blocks are gone into `weights`
  AlignedBytes weights;  // prepared for the kernel
};

}  // namespace northpole::machine::fast
