#include "generate/random_weights.h"

#include <cmath>
#include <vector>

namespace northpole::generate {

namespace {

// The sum of four even 16-bit numbers, about its mean: close to normal, within +-3.46 deviations, and exact.
std::int32_t bell(std::mt19937_64& generator) {
  const std::uint64_t bits = generator();
  std::int32_t sum = -2 * 65535;
  for (int part = 0; part < 4; ++part) sum += static_cast<std::int32_t>((bits >> (16 * part)) & 0xFFFF);
  return sum;
}

// Of bell(): each even number from 0 to 65535 has the variance (65536^2 - 1) / 12.
double bell_deviation() { return std::sqrt(4 * (65536.0 * 65536.0 - 1) / 12); }

}  // namespace

std::mt19937_64 generator_for(std::uint64_t seed, std::string_view tensor) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;  // FNV-1a, as fixed everywhere; std::hash is not
  for (const char letter : tensor) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001B3ULL;
  return std::mt19937_64(hash ^ (seed * 0x9E3779B97F4A7C15ULL));
}

network::Tensor random_tensor(std::uint64_t seed, std::string_view name, network::Shape shape, double deviation,
                              bool balanced) {
  network::Tensor tensor = network::Tensor::zeros(network::ElementType::float32, std::move(shape));
  const std::int64_t rows = tensor.shape.empty() ? 1 : tensor.shape[0];
  const std::int64_t length = rows == 0 ? 0 : tensor.size() / rows;
  std::mt19937_64 generator = generator_for(seed, name);
  const double scale = deviation / bell_deviation();
  std::vector<std::int32_t> row(static_cast<std::size_t>(length));
  float* values = tensor.data<float>();
  for (std::int64_t index = 0; index < rows; ++index) {
    std::int64_t sum = 0;
    for (std::int32_t& value : row) sum += value = bell(generator);
    const double mean = balanced ? static_cast<double>(sum) / static_cast<double>(length) : 0;
    for (const std::int32_t value : row) *values++ = static_cast<float>((value - mean) * scale);
  }
  return tensor;
}

}  // namespace northpole::generate
