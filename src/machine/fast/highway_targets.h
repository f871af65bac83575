// What is asked of Highway, which compiles a file once for every instruction set ("target") that it knows. Such a file
// includes this one before any of Highway's headers. It exports one function, which returns pointers to the others; a
// Kernel keeps them, so nothing is dispatched while a network runs.
#pragma once

#include <cstdint>

#include "machine/fast/kernel.h"

// The target with VNNI (Ice Lake, Zen 4 and later), which is left out unless it is asked for.
#define HWY_WANT_AVX3_DL 1
// Registers whose size shows only at run time cannot be elements of arrays, which is what kernels keep sums in; such
// processors run the next best (NEON on Arm). 32-bit Arm's registers have no subnormal numbers: no exact values.
#define HWY_SCALABLE_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#if defined(__arm__)
#define HWY_DISABLED_TARGETS (HWY_SCALABLE_TARGETS | HWY_NEON)
#else
#define HWY_DISABLED_TARGETS HWY_SCALABLE_TARGETS
#endif

#include <hwy/targets.h>

// Whether the target that is being compiled has registers of several lanes. Without them plain C++ does as well or
// better, and serves as Highway's last resort: portable_products() and exact_vector_unit().
#define NORTHPOLE_TARGET_HAS_LANES (HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128)

// What FUNCTION, exported to Highway's table in this file (HWY_EXPORT), returns on a target. Not HWY_DYNAMIC_DISPATCH:
// that knows only the best target of this processor, and tests force each.
#define NORTHPOLE_ON_TARGET(FUNCTION, target) \
  (::northpole::machine::fast::entry_of(HWY_DISPATCH_TABLE(FUNCTION), target)())

namespace northpole::machine::fast {

template <typename Function, std::size_t entries>
Function entry_of(const Function (&table)[entries], std::int64_t target) {
  if constexpr (entries == 1) return table[0];  // compiled for one target only
  hwy::ChosenTarget chosen;
  chosen.Update(target);
  return table[chosen.GetIndex()];
}

Products products_on(std::int64_t target);
VectorUnit vector_unit_on(std::int64_t target);

}  // namespace northpole::machine::fast
