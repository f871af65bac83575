// A range of random networks taken the whole way, and what became of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "support/random_network.h"

namespace northpole::tests {

struct Tally {
  std::int64_t compiled = 0, refused = 0, tensors = 0, elements = 0;
  std::map<std::string, int> operators;  // how many of the compiled networks' nodes
};

// Seeds first .. first + count - 1, lowered with every set of options in turn. Fails the running test for every network
// that comes out wrong, and for refusals that name no node; prints each refusal.
// every_kernel: with all kernels of the fast engine that this processor runs, not only the fastest.
Tally run_random_networks(std::uint64_t first, std::uint64_t count, Bits bits = Bits::eight, bool every_kernel = false);
// The same with batches of 2, 3, 4, ... 32 frames, of those that the array has rows for or multiples of that.
Tally run_random_batches(std::uint64_t first, std::uint64_t count, Bits bits = Bits::eight);

}  // namespace northpole::tests
