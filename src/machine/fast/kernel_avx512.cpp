// AVX-512 with VNNI: four products of unsigned by signed bytes added into a lane at once.
#if defined(__x86_64__)
// GCC 12 takes the deliberately undefined registers inside its own intrinsics for a mistake.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

#include <cstring>

#include "machine/fast/kernel.h"

#define NORTHPOLE_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define NORTHPOLE_AVX512_INLINE inline __attribute__((always_inline, target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))

namespace northpole::machine::fast {
namespace {

using isa::VectorOperation;
using isa::VectorSecond;

// [lane][input] becomes [group of four inputs][lane][4].
void prepare_groups(const std::uint8_t* lanes, std::int8_t* prepared) {
  for (std::uint32_t group = 0; group < 8; ++group) {
    for (std::uint32_t lane = 0; lane < 32; ++lane) {
      std::memcpy(prepared + (group * 32 + lane) * 4, lanes + lane * 32 + group * 4, 4);
    }
  }
}

NORTHPOLE_AVX512 void pack(const std::uint8_t* arena, const std::uint32_t* slots, std::size_t count, bool is_signed,
                           std::uint8_t* panel) {
  const __m256i flip = _mm256_set1_epi8(is_signed ? static_cast<char>(0x80) : 0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto* word = reinterpret_cast<const __m256i*>(arena + std::size_t{slots[i]} * chip::word_bytes);
    _mm256_store_si256(reinterpret_cast<__m256i*>(panel + i * chip::word_bytes),
                       _mm256_xor_si256(_mm256_load_si256(word), flip));
  }
}

// All sums of the tile stay in registers while the terms pass.
template <int rows>
NORTHPOLE_AVX512 void multiply_rows(const std::uint8_t* panel, const std::uint32_t* blocks, std::uint32_t terms,
                                    const std::int8_t* weights, const std::int32_t* start, std::int32_t* sums) {
  __m512i low[rows], high[rows];
  for (int row = 0; row < rows; ++row) {
    low[row] = _mm512_loadu_si512(start);
    high[row] = _mm512_loadu_si512(start + 16);
  }
  for (std::uint32_t term = 0; term < terms; ++term) {
    const std::int8_t* block = weights + std::size_t{blocks[term]} * block_bytes;
    const std::uint8_t* activations = panel + std::size_t{term} * rows * chip::word_bytes;
#pragma GCC unroll 8
    for (int group = 0; group < 8; ++group) {
      const __m512i low_weights = _mm512_load_si512(block + group * 128);
      const __m512i high_weights = _mm512_load_si512(block + group * 128 + 64);
#pragma GCC unroll 12
      for (int row = 0; row < rows; ++row) {
        std::int32_t four;
        std::memcpy(&four, activations + row * 32 + group * 4, 4);
        const __m512i activation = _mm512_set1_epi32(four);
        low[row] = _mm512_dpbusd_epi32(low[row], activation, low_weights);
        high[row] = _mm512_dpbusd_epi32(high[row], activation, high_weights);
      }
    }
  }
  for (int row = 0; row < rows; ++row) {
    _mm512_storeu_si512(sums + row * 32, low[row]);
    _mm512_storeu_si512(sums + row * 32 + 16, high[row]);
  }
}

using MultiplyRows = void (*)(const std::uint8_t*, const std::uint32_t*, std::uint32_t, const std::int8_t*,
                              const std::int32_t*, std::int32_t*);
constexpr MultiplyRows multiply_of[] = {nullptr,           multiply_rows<1>,  multiply_rows<2>, multiply_rows<3>,
                                        multiply_rows<4>,  multiply_rows<5>,  multiply_rows<6>, multiply_rows<7>,
                                        multiply_rows<8>,  multiply_rows<9>,  multiply_rows<10>, multiply_rows<11>,
                                        multiply_rows<12>};

void multiply(const std::uint8_t* panel, std::uint32_t rows, const std::uint32_t* blocks, std::uint32_t terms,
              const std::int8_t* weights, const std::int32_t* start, std::int32_t* sums) {
  multiply_of[rows](panel, blocks, terms, weights, start, sums);
}

// F
template <bool half>
NORTHPOLE_AVX512_INLINE __m512 rounded(__m512 value) {
  if constexpr (!half) return value;
  return _mm512_cvtph_ps(_mm512_cvtps_ph(value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}

NORTHPOLE_AVX512_INLINE __m512 clamped(__m512 value, float lowest, float highest) {
  const __m512 number = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(value, value, _CMP_ORD_Q), value);
  return _mm512_min_ps(_mm512_max_ps(number, _mm512_set1_ps(lowest)), _mm512_set1_ps(highest));
}

NORTHPOLE_AVX512_INLINE __m512 codes(const std::uint8_t* word, bool is_signed, std::int32_t zero) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(word));
  const __m512i numbers = is_signed ? _mm512_cvtepi8_epi32(bytes) : _mm512_cvtepu8_epi32(bytes);
  return _mm512_cvtepi32_ps(_mm512_sub_epi32(numbers, _mm512_set1_epi32(zero)));
}

template <bool half>
NORTHPOLE_AVX512_INLINE __m512 hard_sigmoid(const isa::VectorFunction& f, __m512 v) {
  const __m512 scaled = rounded<half>(_mm512_mul_ps(_mm512_set1_ps(f.alpha), v));
  const __m512 linear = rounded<half>(_mm512_add_ps(scaled, _mm512_set1_ps(f.beta)));
  return _mm512_min_ps(_mm512_max_ps(linear, _mm512_setzero_ps()), _mm512_set1_ps(1.0f));
}

// Steps 3 to 5 on sixteen lanes; `second`: their codes, or null.
template <bool half, VectorOperation operation>
NORTHPOLE_AVX512_INLINE void operate(const PreparedSetup& setup, __m512 x, const std::uint8_t* second, int part,
                                     std::uint8_t* output) {
  const isa::VectorFunction& f = setup.setup.function;
  const __m512 ky = _mm512_set1_ps(f.ky);
  __m512 r = x;
  if constexpr (operation != VectorOperation::move) {
    const __m512 u = rounded<half>(_mm512_mul_ps(x, _mm512_set1_ps(f.kx)));
    __m512 s = _mm512_setzero_ps();
    if (f.second == VectorSecond::constant) {
      s = _mm512_loadu_ps(setup.setup.constant.data() + 16 * part);
    } else if (f.second == VectorSecond::memory) {
      s = codes(second + 16 * part, f.second_signed, f.second_zero);
      if constexpr (operation != VectorOperation::multiply) s = rounded<half>(_mm512_mul_ps(s, ky));
    }
    if constexpr (operation == VectorOperation::scale) r = u;
    if constexpr (operation == VectorOperation::add) r = rounded<half>(_mm512_add_ps(u, s));
    if constexpr (operation == VectorOperation::subtract) r = rounded<half>(_mm512_sub_ps(u, s));
    if constexpr (operation == VectorOperation::reverse_subtract) r = rounded<half>(_mm512_sub_ps(s, u));
    if constexpr (operation == VectorOperation::multiply)
      r = rounded<half>(_mm512_mul_ps(f.second == VectorSecond::constant ? x : u, s));
    if constexpr (operation == VectorOperation::leaky_relu) {
      const __mmask16 negative = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ);
      r = _mm512_mask_blend_ps(negative, u, rounded<half>(_mm512_mul_ps(x, ky)));
    }
    if constexpr (operation == VectorOperation::hard_sigmoid)
      r = rounded<half>(_mm512_mul_ps(hard_sigmoid<half>(f, u), ky));
    if constexpr (operation == VectorOperation::hard_swish)
      r = rounded<half>(_mm512_mul_ps(rounded<half>(_mm512_mul_ps(u, hard_sigmoid<half>(f, u))), ky));
  }
  const __m512i code = _mm512_add_epi32(_mm512_cvtps_epi32(clamped(r, setup.output_lowest, setup.output_highest)),
                                        _mm512_set1_epi32(f.output_zero));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(output + 16 * part), _mm512_cvtepi32_epi8(code));
}

template <bool half, VectorOperation operation>
NORTHPOLE_AVX512 void sums_rows(const PreparedSetup& setup, const std::int32_t* sums, std::uint32_t rows,
                                const std::uint8_t* arena, const std::uint32_t* seconds, std::uint8_t* output) {
  for (std::uint32_t row = 0; row < rows; ++row, sums += 32, output += 32) {
    const std::uint8_t* second = seconds ? arena + std::size_t{seconds[row]} * 32 : nullptr;
    for (int part = 0; part < 2; ++part) {
      const __m512i total = _mm512_add_epi32(_mm512_loadu_si512(sums + 16 * part),
                                             _mm512_loadu_si512(setup.setup.bias.data() + 16 * part));
      const __m512 product =
          _mm512_mul_ps(_mm512_cvtepi32_ps(total), _mm512_loadu_ps(setup.setup.scale.data() + 16 * part));
      const __m512 x = _mm512_roundscale_ps(clamped(product, setup.middle_lowest, setup.middle_highest),
                                            _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
      operate<half, operation>(setup, x, second, part, output);
    }
  }
}

NORTHPOLE_AVX512_INLINE __m256i word(const std::uint8_t* arena, std::uint32_t slot) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(arena + std::size_t{slot} * chip::word_bytes));
}

template <bool half, VectorOperation operation>
NORTHPOLE_AVX512 void words_rows(const PreparedSetup& setup, const std::uint32_t* slots, std::uint32_t inputs,
                                 std::uint32_t rows, const std::uint8_t* arena, const std::uint32_t* seconds,
                                 std::uint8_t* output) {
  const isa::VectorFunction& f = setup.setup.function;
  for (std::uint32_t row = 0; row < rows; ++row, slots += inputs, output += 32) {
    const std::uint8_t* second = seconds ? arena + std::size_t{seconds[row]} * 32 : nullptr;
    __m256i largest = word(arena, slots[0]);
    for (std::uint32_t i = 1; i < inputs; ++i) {
      const __m256i other = word(arena, slots[i]);
      largest = f.source_signed ? _mm256_max_epi8(largest, other) : _mm256_max_epu8(largest, other);
    }
    alignas(32) std::uint8_t source[32];
    _mm256_store_si256(reinterpret_cast<__m256i*>(source), largest);
    for (int part = 0; part < 2; ++part) {
      operate<half, operation>(setup, codes(source + 16 * part, f.source_signed, f.source_zero), second, part, output);
    }
  }
}

// Calls `run` with the setup's precision and operation as types; false where floats do not do.
template <typename Run>
bool choose(const PreparedSetup& setup, Run run) {
  if (!setup.in_floats) return false;
  const auto with_operation = [&]<bool half>(std::bool_constant<half> precision) {
    switch (setup.setup.function.operation) {
#define NORTHPOLE_OPERATION(name)                                                                  \
  case VectorOperation::name:                                                                      \
    run(precision, std::integral_constant<VectorOperation, VectorOperation::name>());              \
    return true;
      NORTHPOLE_OPERATION(move)
      NORTHPOLE_OPERATION(scale)
      NORTHPOLE_OPERATION(add)
      NORTHPOLE_OPERATION(subtract)
      NORTHPOLE_OPERATION(reverse_subtract)
      NORTHPOLE_OPERATION(multiply)
      NORTHPOLE_OPERATION(leaky_relu)
      NORTHPOLE_OPERATION(hard_sigmoid)
      NORTHPOLE_OPERATION(hard_swish)
#undef NORTHPOLE_OPERATION
      case VectorOperation::sigmoid:
        return false;
    }
    return false;
  };
  return setup.precision == chip::VectorPrecision::fp16 ? with_operation(std::true_type())
                                                        : with_operation(std::false_type());
}

void finish_sums(const PreparedSetup& setup, const std::int32_t* sums, std::uint32_t rows, const std::uint8_t* arena,
                 const std::uint32_t* seconds, std::uint8_t* output) {
  const bool done = choose(setup, [&](auto half, auto operation) {
    sums_rows<half.value, operation.value>(setup, sums, rows, arena, seconds, output);
  });
  if (!done) finish_sums_exactly(setup, sums, rows, arena, seconds, output);
}

void finish_words(const PreparedSetup& setup, const std::uint32_t* slots, std::uint32_t inputs, std::uint32_t rows,
                  const std::uint8_t* arena, const std::uint32_t* seconds, std::uint8_t* output) {
  const bool done = choose(setup, [&](auto half, auto operation) {
    words_rows<half.value, operation.value>(setup, slots, inputs, rows, arena, seconds, output);
  });
  if (!done) finish_words_exactly(setup, slots, inputs, rows, arena, seconds, output);
}

}  // namespace

const Kernel avx512_kernel{"avx512 vnni", 12, 32, true, prepare_groups, pack, multiply, finish_sums, finish_words};

}  // namespace northpole::machine::fast
#endif
