// AVX2: products of pairs of 16-bit numbers, exact.
#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

#include "machine/fast/kernel.h"

#define NORTHPOLE_AVX2 __attribute__((target("avx2,f16c")))
#define NORTHPOLE_AVX2_INLINE inline __attribute__((always_inline, target("avx2,f16c")))

namespace northpole::machine::fast {
namespace {

// [lane][input] becomes [pair of inputs][lane][2].
void prepare_pairs(const std::uint8_t* lanes, std::int8_t* prepared) {
  for (std::uint32_t pair = 0; pair < 16; ++pair) {
    for (std::uint32_t lane = 0; lane < 32; ++lane) {
      std::memcpy(prepared + (pair * 32 + lane) * 2, lanes + lane * 32 + pair * 2, 2);
    }
  }
}

template <int rows>
NORTHPOLE_AVX2 void multiply_rows(const std::uint8_t* panel, const std::uint32_t* blocks, std::uint32_t terms,
                                  const std::int8_t* weights, const std::int32_t* start, std::int32_t* sums) {
  // Sixteen lanes at a time: two registers of sums a row.
  for (int half = 0; half < 2; ++half) {
    __m256i sum[rows][2];
#pragma GCC unroll 6
    for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 2
      for (int part = 0; part < 2; ++part) {
        sum[row][part] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(start + 16 * half + 8 * part));
      }
    }
    for (std::uint32_t term = 0; term < terms; ++term) {
      const std::int8_t* block = weights + blocks[term] * block_bytes + 32 * half;
      const std::uint8_t* activations = panel + std::size_t{term} * rows * 64;
      for (int pair = 0; pair < 16; ++pair) {
        const __m256i low = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block + pair * 64)));
        const __m256i high =
            _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block + pair * 64 + 16)));
#pragma GCC unroll 6
        for (int row = 0; row < rows; ++row) {
          std::int32_t two;
          std::memcpy(&two, activations + row * 64 + pair * 4, 4);
          const __m256i activation = _mm256_set1_epi32(two);
          sum[row][0] = _mm256_add_epi32(sum[row][0], _mm256_madd_epi16(low, activation));
          sum[row][1] = _mm256_add_epi32(sum[row][1], _mm256_madd_epi16(high, activation));
        }
      }
    }
#pragma GCC unroll 6
    for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 2
      for (int part = 0; part < 2; ++part) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + row * 32 + 16 * half + 8 * part), sum[row][part]);
      }
    }
  }
}

void multiply(const std::uint8_t* panel, std::uint32_t rows, const std::uint32_t* blocks, std::uint32_t terms,
              const std::int8_t* weights, const std::int32_t* start, std::int32_t* sums, const std::uint32_t*) {
  switch (rows) {
    case 1:
      return multiply_rows<1>(panel, blocks, terms, weights, start, sums);
    case 2:
      return multiply_rows<2>(panel, blocks, terms, weights, start, sums);
    case 3:
      return multiply_rows<3>(panel, blocks, terms, weights, start, sums);
    case 4:
      return multiply_rows<4>(panel, blocks, terms, weights, start, sums);
    case 5:
      return multiply_rows<5>(panel, blocks, terms, weights, start, sums);
    default:
      return multiply_rows<6>(panel, blocks, terms, weights, start, sums);
  }
}

// Activations become 16 bits wide, whatever their sign.
NORTHPOLE_AVX2 void pack(const std::uint8_t* arena, const std::uint32_t* slots, std::size_t count, bool is_signed,
                         std::uint8_t* panel) {
  for (std::size_t i = 0; i < count; ++i) {
    for (int half = 0; half < 2; ++half) {
      const __m128i bytes = _mm_loadu_si128(
          reinterpret_cast<const __m128i*>(arena + std::size_t{slots[i]} * chip::word_bytes + 16 * half));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(panel + i * 64 + 32 * half),
                          is_signed ? _mm256_cvtepi8_epi16(bytes) : _mm256_cvtepu8_epi16(bytes));
    }
  }
}

// Eight lanes, for finish_on_lanes.h.
struct Lanes {
  static constexpr std::uint32_t count = 8;
  using Floats = __m256;
  using Integers = __m256i;

  NORTHPOLE_AVX2_INLINE static Floats all(float value) { return _mm256_set1_ps(value); }
  NORTHPOLE_AVX2_INLINE static Floats load(const float* values) { return _mm256_loadu_ps(values); }
  NORTHPOLE_AVX2_INLINE static Integers load(const std::int32_t* values) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values));
  }
  NORTHPOLE_AVX2_INLINE static Floats sum_of(const std::int32_t* left, Integers right) {
    return _mm256_cvtepi32_ps(_mm256_add_epi32(load(left), right));
  }
  NORTHPOLE_AVX2_INLINE static Floats add(Floats left, Floats right) { return _mm256_add_ps(left, right); }
  NORTHPOLE_AVX2_INLINE static Floats subtract(Floats left, Floats right) { return _mm256_sub_ps(left, right); }
  NORTHPOLE_AVX2_INLINE static Floats multiply(Floats left, Floats right) { return _mm256_mul_ps(left, right); }
  // The second where either is no number.
  NORTHPOLE_AVX2_INLINE static Floats smaller(Floats left, Floats right) { return _mm256_min_ps(left, right); }
  NORTHPOLE_AVX2_INLINE static Floats larger(Floats left, Floats right) { return _mm256_max_ps(left, right); }
  NORTHPOLE_AVX2_INLINE static Floats number_or_zero(Floats value) {
    return _mm256_and_ps(value, _mm256_cmp_ps(value, value, _CMP_ORD_Q));
  }
  NORTHPOLE_AVX2_INLINE static Floats where_negative(Floats value, Floats then, Floats otherwise) {
    return _mm256_blendv_ps(otherwise, then, _mm256_cmp_ps(value, _mm256_setzero_ps(), _CMP_LT_OQ));
  }
  NORTHPOLE_AVX2_INLINE static Floats to_half(Floats value) {
    return _mm256_cvtph_ps(_mm256_cvtps_ph(value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }
  // 2^13 times the largest power of two in it, with its sign.
  NORTHPOLE_AVX2_INLINE static Floats power_times_8192(Floats value) {
    const __m256i power = _mm256_and_si256(_mm256_castps_si256(value), _mm256_set1_epi32(static_cast<int>(0xff800000)));
    return _mm256_castsi256_ps(_mm256_add_epi32(power, _mm256_set1_epi32(13 << 23)));
  }
  NORTHPOLE_AVX2_INLINE static Floats to_integer(Floats value) {
    return _mm256_round_ps(value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  NORTHPOLE_AVX2_INLINE static Floats codes(const std::uint8_t* word, bool is_signed, std::int32_t zero) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(word));
    const __m256i numbers = is_signed ? _mm256_cvtepi8_epi32(bytes) : _mm256_cvtepu8_epi32(bytes);
    return _mm256_cvtepi32_ps(_mm256_sub_epi32(numbers, _mm256_set1_epi32(zero)));
  }
  // The low bytes of rne(values) + zero; the values are at most 2^14.
  NORTHPOLE_AVX2_INLINE static void store_word(const Floats (&values)[4], std::int32_t zero, std::uint8_t* word) {
    const auto codes = [&](Floats left, Floats right) __attribute__((target("avx2,f16c"))) {
      const __m256i pairs = _mm256_packs_epi32(_mm256_cvtps_epi32(left), _mm256_cvtps_epi32(right));
      return _mm256_and_si256(_mm256_add_epi16(pairs, _mm256_set1_epi16(static_cast<short>(zero))),
                              _mm256_set1_epi16(0xff));
    };
    const __m256i bytes = _mm256_packus_epi16(codes(values[0], values[1]), codes(values[2], values[3]));
    // In each half four lanes of each of the four.
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(word),
                        _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)));
  }
  NORTHPOLE_AVX2_INLINE static void largest(const std::uint8_t* word, bool is_signed, std::uint8_t* largest) {
    const __m256i other = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(word));
    auto* target = reinterpret_cast<__m256i*>(largest);
    const __m256i own = _mm256_loadu_si256(target);
    _mm256_storeu_si256(target, is_signed ? _mm256_max_epi8(own, other) : _mm256_max_epu8(own, other));
  }
};

#define NORTHPOLE_TARGET NORTHPOLE_AVX2
#define NORTHPOLE_TARGET_INLINE NORTHPOLE_AVX2_INLINE
#include "machine/fast/finish_on_lanes.h"

}  // namespace

const Kernel avx2_kernel{"avx2", 6, 64, false, prepare_pairs, pack, multiply, finish_sums, finish_words};

}  // namespace northpole::machine::fast
#endif
