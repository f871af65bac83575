// The vector-matrix unit's product of one activation word with one weight block, exact in 32-bit two's complement, in
// several versions for what the host's processor can do. All give the same numbers.
#pragma once

#include <cstdint>
#include <vector>

namespace northpole::machine {

// A weight block as a kernel likes it: `prepare` reorders the 32 lanes x 32 bytes in place, once, when the block is
// complete; `restore` brings the words' own order back.
struct alignas(64) WeightBlock {
  std::int8_t weights[1024];
  std::int32_t correction[32];  // what signed activations need, by lane; the kernel's business
};

struct BlockKernel {
  const char* name;
  void (*prepare)(WeightBlock& block);
  void (*restore)(WeightBlock& block);
  // sum[l] (+)= sum over i of activation[i] * weight[l][i]; starts from 0 with `initialize`.
  void (*product)(const std::uint8_t* activation, bool is_signed, const WeightBlock& block, bool initialize,
                  std::int32_t* sum);
};

// The fastest that this processor runs.
const BlockKernel& block_kernel();
// All that this processor runs, for tests.
std::vector<BlockKernel> block_kernels();

}  // namespace northpole::machine
