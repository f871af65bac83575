// AVX2: products of pairs of 16-bit numbers, exact.
#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

#include "machine/fast/kernel.h"

#define NORTHPOLE_AVX2 __attribute__((target("avx2")))

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
        const __m256i low =
            _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block + pair * 64)));
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
              const std::int8_t* weights, const std::int32_t* start, std::int32_t* sums) {
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

}  // namespace

const Kernel avx2_kernel{"avx2",    6,        64, false, prepare_pairs, pack_wide, multiply, finish_sums_exactly,
                         finish_words_exactly};

}  // namespace northpole::machine::fast
#endif
