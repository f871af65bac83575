#include <algorithm>

#include "machine/fast/highway_targets.h"
#include "machine/fast/kernel.h"

namespace northpole::machine::fast {

std::vector<const Kernel*> kernels() {
  static const std::vector<Kernel> all = [] {
    std::vector<Kernel> result;
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets())  // the best first
      result.push_back({products_on(target), vector_unit_on(target), hwy::TargetName(target)});
    std::ranges::reverse(result);
    return result;
  }();
  std::vector<const Kernel*> result;
  for (const Kernel& kernel : all) result.push_back(&kernel);
  return result;
}

const Kernel& best_kernel() {
  static const Kernel& best = *kernels().back();
  return best;
}

}  // namespace northpole::machine::fast
