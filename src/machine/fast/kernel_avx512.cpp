// AVX-512 with VNNI: four products of unsigned by signed bytes added into a lane at once.
#if defined(__x86_64__)
// GCC 12 takes the deliberately undefined registers inside its own intrinsics for a mistake.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

#include <cstring>

#include "machine/fast/kernel.h"

#define NORTHPOLE_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define NORTHPOLE_AVX512_INLINE \
  inline __attribute__((always_inline, target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))

namespace northpole::machine::fast {
namespace {

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
                                    const std::int8_t* weights, const std::int32_t* start, std::int32_t* sums,
                                    const std::uint32_t* ahead) {
  __m512i low[rows], high[rows];
#pragma GCC unroll 12
  for (int row = 0; row < rows; ++row) {
    low[row] = _mm512_loadu_si512(start);
    high[row] = _mm512_loadu_si512(start + 16);
  }
  for (std::uint32_t term = 0; term < terms; ++term) {
    const std::int8_t* block = weights + std::size_t{blocks[term]} * block_bytes;
    const std::uint8_t* activations = panel + std::size_t{term} * rows * chip::word_bytes;
    if (ahead != nullptr) {
      const auto* next = reinterpret_cast<const char*>(weights + std::size_t{ahead[term]} * block_bytes);
      for (std::size_t line = 0; line < block_bytes; line += 64) _mm_prefetch(next + line, _MM_HINT_T1);
    }
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
#pragma GCC unroll 12
  for (int row = 0; row < rows; ++row) {
    _mm512_storeu_si512(sums + row * 32, low[row]);
    _mm512_storeu_si512(sums + row * 32 + 16, high[row]);
  }
}

using MultiplyRows = void (*)(const std::uint8_t*, const std::uint32_t*, std::uint32_t, const std::int8_t*,
                              const std::int32_t*, std::int32_t*, const std::uint32_t*);
constexpr MultiplyRows multiply_of[] = {nullptr,          multiply_rows<1>, multiply_rows<2>,  multiply_rows<3>,
                                        multiply_rows<4>, multiply_rows<5>, multiply_rows<6>,  multiply_rows<7>,
                                        multiply_rows<8>, multiply_rows<9>, multiply_rows<10>, multiply_rows<11>,
                                        multiply_rows<12>};

void multiply(const std::uint8_t* panel, std::uint32_t rows, const std::uint32_t* blocks, std::uint32_t terms,
              const std::int8_t* weights, const std::int32_t* start, std::int32_t* sums, const std::uint32_t* ahead) {
  multiply_of[rows](panel, blocks, terms, weights, start, sums, ahead);
}

// Sixteen lanes, for finish_on_lanes.h.
struct Lanes {
  static constexpr std::uint32_t count = 16;
  using Floats = __m512;
  using Integers = __m512i;

  NORTHPOLE_AVX512_INLINE static Floats all(float value) { return _mm512_set1_ps(value); }
  NORTHPOLE_AVX512_INLINE static Floats load(const float* values) { return _mm512_loadu_ps(values); }
  NORTHPOLE_AVX512_INLINE static Integers load(const std::int32_t* values) { return _mm512_loadu_si512(values); }
  NORTHPOLE_AVX512_INLINE static Floats sum_of(const std::int32_t* left, Integers right) {
    return _mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_loadu_si512(left), right));
  }
  NORTHPOLE_AVX512_INLINE static Floats add(Floats left, Floats right) { return _mm512_add_ps(left, right); }
  NORTHPOLE_AVX512_INLINE static Floats subtract(Floats left, Floats right) { return _mm512_sub_ps(left, right); }
  NORTHPOLE_AVX512_INLINE static Floats multiply(Floats left, Floats right) { return _mm512_mul_ps(left, right); }
  // The second where either is no number.
  NORTHPOLE_AVX512_INLINE static Floats smaller(Floats left, Floats right) { return _mm512_min_ps(left, right); }
  NORTHPOLE_AVX512_INLINE static Floats larger(Floats left, Floats right) { return _mm512_max_ps(left, right); }
  NORTHPOLE_AVX512_INLINE static Floats number_or_zero(Floats value) {
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(value, value, _CMP_ORD_Q), value);
  }
  NORTHPOLE_AVX512_INLINE static Floats where_negative(Floats value, Floats then, Floats otherwise) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(value, _mm512_setzero_ps(), _CMP_LT_OQ), otherwise, then);
  }
  NORTHPOLE_AVX512_INLINE static Floats to_half(Floats value) {
    return _mm512_cvtph_ps(_mm512_cvtps_ph(value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }
  // 2^13 times the largest power of two in it, with its sign.
  NORTHPOLE_AVX512_INLINE static Floats power_times_8192(Floats value) {
    const __m512i power = _mm512_and_si512(_mm512_castps_si512(value), _mm512_set1_epi32(static_cast<int>(0xff800000)));
    return _mm512_castsi512_ps(_mm512_add_epi32(power, _mm512_set1_epi32(13 << 23)));
  }
  NORTHPOLE_AVX512_INLINE static Floats to_integer(Floats value) {
    return _mm512_roundscale_ps(value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  NORTHPOLE_AVX512_INLINE static Floats codes(const std::uint8_t* word, bool is_signed, std::int32_t zero) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(word));
    const __m512i numbers = is_signed ? _mm512_cvtepi8_epi32(bytes) : _mm512_cvtepu8_epi32(bytes);
    return _mm512_cvtepi32_ps(_mm512_sub_epi32(numbers, _mm512_set1_epi32(zero)));
  }
  // The low bytes of rne(values) + zero; the values are at most 2^14.
  NORTHPOLE_AVX512_INLINE static void store_word(const Floats (&values)[2], std::int32_t zero, std::uint8_t* word) {
    const __m512i pairs = _mm512_packs_epi32(_mm512_cvtps_epi32(values[0]), _mm512_cvtps_epi32(values[1]));
    // In each quarter four lanes of the one and four of the other.
    const __m512i in_order = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), pairs);
    const __m512i codes = _mm512_add_epi16(in_order, _mm512_set1_epi16(static_cast<short>(zero)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(word), _mm512_cvtepi16_epi8(codes));
  }
  NORTHPOLE_AVX512_INLINE static void largest(const std::uint8_t* word, bool is_signed, std::uint8_t* largest) {
    const __m256i other = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(word));
    auto* target = reinterpret_cast<__m256i*>(largest);
    const __m256i own = _mm256_loadu_si256(target);
    _mm256_storeu_si256(target, is_signed ? _mm256_max_epi8(own, other) : _mm256_max_epu8(own, other));
  }
};

#define NORTHPOLE_TARGET NORTHPOLE_AVX512
#define NORTHPOLE_TARGET_INLINE NORTHPOLE_AVX512_INLINE
#include "machine/fast/finish_on_lanes.h"

}  // namespace

const Kernel avx512_kernel{"avx512 vnni", 12, 32, true, prepare_groups, pack, multiply, finish_sums, finish_words};

}  // namespace northpole::machine::fast
#endif
