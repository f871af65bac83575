#include "machine/vector_arithmetic.h"

#include <bit>
#include <cmath>
#include <limits>

namespace northpole::machine {
namespace {

using isa::VectorFunction;
using isa::VectorOperation;
using isa::VectorSecond;

#define NORTHPOLE_INLINE inline __attribute__((always_inline))

constexpr std::uint32_t lanes = chip::lanes;

// Without branches, so that the loops over lanes become vector code.
NORTHPOLE_INLINE double half(double value) {
  constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;
  constexpr int dropped = 52 - 10;  // fraction bits of a double that a half does not have
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(value);
  const std::uint64_t kept = bits & ~sign_bit;
  const double magnitude = std::bit_cast<double>(kept);
  const std::uint64_t up =
      (kept + ((std::uint64_t{1} << (dropped - 1)) - 1) + ((kept >> dropped) & 1)) & (~std::uint64_t{0} << dropped);
  // Halves below 2^-14 are the multiples of 2^-24, which is what doubles in [2^28, 2^29) are.
  const double subnormal = (magnitude + 0x1p28) - 0x1p28;
  double result = magnitude < 0x1p-14 ? subnormal : std::bit_cast<double>(up);
  result = magnitude >= 65520.0 ? std::numeric_limits<double>::infinity() : result;
  result = magnitude == magnitude ? result : value;
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(result) | (bits & sign_bit));
}

template <chip::VectorPrecision precision>
NORTHPOLE_INLINE double rounded(double value) {
  if constexpr (precision == chip::VectorPrecision::fp16) return half(value);
  return static_cast<double>(static_cast<float>(value));
}

// rne after a clamp to integers: the same as before it, because rounding is monotone. NaN counts as 0.
NORTHPOLE_INLINE double clamped_integer(double value, double lowest, double highest) {
  constexpr double shift = 0x1.8p52;  // doubles around it are the integers
  double result = value == value ? value : 0.0;
  result = result < lowest ? lowest : result;
  result = result > highest ? highest : result;
  return (result + shift) - shift;
}

template <chip::VectorPrecision precision>
NORTHPOLE_INLINE double hard_sigmoid(const VectorFunction& function, double v) {
  const double linear = rounded<precision>(rounded<precision>(double{function.alpha} * v) + double{function.beta});
  const double positive = linear > 0.0 ? linear : 0.0;
  return positive < 1.0 ? positive : 1.0;
}

// The second operand as the operation takes it: F(y ky), or the lane's constant, or for multiply y itself.
template <chip::VectorPrecision precision>
NORTHPOLE_INLINE void second_operand(const VectorFunction& function, const std::int32_t* y, const float* constant,
                                     double* second) {
  if (function.second == VectorSecond::constant) {
    for (std::uint32_t l = 0; l < lanes; ++l) second[l] = constant[l];
  } else if (function.operation == VectorOperation::multiply) {
    for (std::uint32_t l = 0; l < lanes; ++l) second[l] = y[l];
  } else {
    for (std::uint32_t l = 0; l < lanes; ++l)
      second[l] = rounded<precision>(static_cast<double>(y[l]) * double{function.ky});
  }
}

template <chip::VectorPrecision precision>
NORTHPOLE_INLINE void operate(const VectorFunction& function, const std::int32_t* x, const std::int32_t* y,
                              const float* constant, double* r) {
  double u[lanes];  // F(x kx)
  double second[lanes];
  const double kx = function.kx, ky = function.ky;
  for (std::uint32_t l = 0; l < lanes; ++l) u[l] = rounded<precision>(static_cast<double>(x[l]) * kx);
  if (function.second != VectorSecond::none) second_operand<precision>(function, y, constant, second);
  switch (function.operation) {
    case VectorOperation::move:
    case VectorOperation::offset:
      for (std::uint32_t l = 0; l < lanes; ++l) r[l] = x[l];
      return;
    case VectorOperation::scale:
      for (std::uint32_t l = 0; l < lanes; ++l) r[l] = u[l];
      return;
    case VectorOperation::add:
      for (std::uint32_t l = 0; l < lanes; ++l) r[l] = rounded<precision>(u[l] + second[l]);
      return;
    case VectorOperation::subtract:
      for (std::uint32_t l = 0; l < lanes; ++l) r[l] = rounded<precision>(u[l] - second[l]);
      return;
    case VectorOperation::reverse_subtract:
      for (std::uint32_t l = 0; l < lanes; ++l) r[l] = rounded<precision>(second[l] - u[l]);
      return;
    case VectorOperation::multiply:
      // With a constant there is one rounding: r = F(x constant).
      if (function.second == VectorSecond::constant) {
        for (std::uint32_t l = 0; l < lanes; ++l) r[l] = rounded<precision>(static_cast<double>(x[l]) * second[l]);
      } else {
        for (std::uint32_t l = 0; l < lanes; ++l) r[l] = rounded<precision>(u[l] * second[l]);
      }
      return;
    case VectorOperation::leaky_relu:
      for (std::uint32_t l = 0; l < lanes; ++l)
        r[l] = rounded<precision>(static_cast<double>(x[l]) * (x[l] >= 0 ? kx : ky));
      return;
    case VectorOperation::sigmoid:
      for (std::uint32_t l = 0; l < lanes; ++l)
        r[l] = rounded<precision>(rounded<precision>(1.0 / (1.0 + std::exp(-u[l]))) * ky);
      return;
    case VectorOperation::hard_sigmoid:
      for (std::uint32_t l = 0; l < lanes; ++l) r[l] = rounded<precision>(hard_sigmoid<precision>(function, u[l]) * ky);
      return;
    case VectorOperation::hard_swish:
      for (std::uint32_t l = 0; l < lanes; ++l) {
        r[l] = rounded<precision>(rounded<precision>(u[l] * hard_sigmoid<precision>(function, u[l])) * ky);
      }
      return;
  }
}

template <chip::VectorPrecision precision>
NORTHPOLE_INLINE void apply_body(const VectorFunction& function, const std::int32_t* x, const std::int32_t* y,
                                 const float* constant, std::uint8_t* codes) {
  double r[lanes];
  operate<precision>(function, x, y, constant, r);
  const double zero = function.output_zero;
  const double lowest = function.output_lowest - zero, highest = function.output_highest - zero;
  for (std::uint32_t l = 0; l < lanes; ++l) {
    codes[l] = static_cast<std::uint8_t>(static_cast<std::int32_t>(clamped_integer(r[l], lowest, highest) + zero));
  }
}

NORTHPOLE_INLINE void requantize_body(const std::int32_t* sum, const std::int32_t* bias, const float* scale,
                                      const float* offset, std::int32_t lowest, std::int32_t highest, std::int32_t* x) {
  const float none[lanes] = {};  // adding zero changes no number that is rounded afterwards
  if (offset == nullptr) offset = none;
  for (std::uint32_t l = 0; l < lanes; ++l) {
    const auto total =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(sum[l]) + static_cast<std::uint32_t>(bias[l]));
    const float product = static_cast<float>(total) * scale[l] + offset[l];
    x[l] = static_cast<std::int32_t>(clamped_integer(product, lowest, highest));
  }
}

// The same code for machines with wider vectors, chosen at run time. Nothing here may contract to fused operations
// (-ffp-contract=off), so all give the same bits.
struct Kernels {
  void (*apply_half)(const VectorFunction&, const std::int32_t*, const std::int32_t*, const float*, std::uint8_t*);
  void (*apply_single)(const VectorFunction&, const std::int32_t*, const std::int32_t*, const float*, std::uint8_t*);
  void (*requantize)(const std::int32_t*, const std::int32_t*, const float*, const float*, std::int32_t, std::int32_t,
                     std::int32_t*);
};

#define NORTHPOLE_VECTOR_KERNELS(name, attributes)                                                           \
  attributes void apply_half_##name(const VectorFunction& f, const std::int32_t* x, const std::int32_t* y,   \
                                    const float* c, std::uint8_t* codes) {                                   \
    apply_body<chip::VectorPrecision::fp16>(f, x, y, c, codes);                                              \
  }                                                                                                          \
  attributes void apply_single_##name(const VectorFunction& f, const std::int32_t* x, const std::int32_t* y, \
                                      const float* c, std::uint8_t* codes) {                                 \
    apply_body<chip::VectorPrecision::fp32>(f, x, y, c, codes);                                              \
  }                                                                                                          \
  attributes void requantize_##name(const std::int32_t* sum, const std::int32_t* bias, const float* scale,   \
                                    const float* offset, std::int32_t lowest, std::int32_t highest, std::int32_t* x) {            \
    requantize_body(sum, bias, scale, offset, lowest, highest, x);                                                   \
  }                                                                                                          \
  constexpr Kernels kernels_##name{apply_half_##name, apply_single_##name, requantize_##name};

NORTHPOLE_VECTOR_KERNELS(portable, )
#if defined(__x86_64__)
NORTHPOLE_VECTOR_KERNELS(avx2, __attribute__((target("avx2"))))
#endif

const Kernels& kernels() {
#if defined(__x86_64__)
  static const Kernels& chosen = __builtin_cpu_supports("avx2") ? kernels_avx2 : kernels_portable;
  return chosen;
#else
  return kernels_portable;
#endif
}

}  // namespace

double round_to_half(double value) { return half(value); }

double round_to(chip::VectorPrecision precision, double value) {
  return precision == chip::VectorPrecision::fp16 ? half(value) : static_cast<double>(static_cast<float>(value));
}

void requantize(const std::int32_t* sum, const std::int32_t* bias, const float* scale, const float* offset,
                std::int32_t lowest, std::int32_t highest, std::int32_t* x) {
  kernels().requantize(sum, bias, scale, offset, lowest, highest, x);
}

void load_codes(const std::uint8_t* codes, bool is_signed, std::int32_t zero, std::int32_t* x) {
  for (std::uint32_t l = 0; l < lanes; ++l) {
    const std::int32_t code = is_signed ? static_cast<std::int8_t>(codes[l]) : codes[l];
    x[l] = static_cast<std::int32_t>(static_cast<std::uint32_t>(code) - static_cast<std::uint32_t>(zero));
  }
}

void apply(const VectorFunction& function, chip::VectorPrecision precision, const std::int32_t* x,
           const std::int32_t* y, const float* constant, std::uint8_t* codes) {
  if (precision == chip::VectorPrecision::fp16) {
    kernels().apply_half(function, x, y, constant, codes);
  } else {
    kernels().apply_single(function, x, y, constant, codes);
  }
}

}  // namespace northpole::machine
