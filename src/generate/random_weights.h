// Seeded random numbers that are the same on every machine: integers only, then one multiplication by a scale.
#pragma once

#include <cstdint>
#include <random>
#include <string_view>

#include "network/tensor.h"

namespace northpole::generate {

// A generator for one tensor: it depends on the seed and the tensor's name, so no tensor depends on another's size.
std::mt19937_64 generator_for(std::uint64_t seed, std::string_view tensor);

// A float32 tensor of roughly normal numbers of mean 0 and the given standard deviation. With `balanced`, the numbers of
// each row (all that share the first index) add up to zero but for rounding.
network::Tensor random_tensor(std::uint64_t seed, std::string_view name, network::Shape shape, double deviation,
                              bool balanced = false);

}  // namespace northpole::generate
