#include "machine/block_product.h"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace northpole::machine {
namespace {

constexpr int lanes = 32;
constexpr int inputs = 32;

void keep(WeightBlock&) {}

void product_portable(const std::uint8_t* activation, bool is_signed, const WeightBlock& block, bool initialize,
                      std::int32_t* sum) {
  std::int16_t wide[inputs];
  for (int i = 0; i < inputs; ++i) wide[i] = is_signed ? static_cast<std::int8_t>(activation[i]) : activation[i];
  for (int lane = 0; lane < lanes; ++lane) {
    const std::int8_t* weights = block.weights + lane * inputs;
    std::int32_t total = 0;
    for (int i = 0; i < inputs; ++i) total += wide[i] * weights[i];
    sum[lane] = static_cast<std::int32_t>(static_cast<std::uint32_t>(initialize ? 0 : sum[lane]) +
                                          static_cast<std::uint32_t>(total));
  }
}

#if defined(__x86_64__)

// [lane][input] becomes [group of 4 inputs][lane][4 inputs]: the order in which four products are added into a lane at
// once.
void prepare_groups(WeightBlock& block) {
  std::int8_t grouped[lanes * inputs];
  for (int group = 0; group < inputs / 4; ++group) {
    for (int lane = 0; lane < lanes; ++lane) {
      std::memcpy(grouped + (group * lanes + lane) * 4, block.weights + lane * inputs + group * 4, 4);
    }
  }
  std::memcpy(block.weights, grouped, sizeof grouped);
}

void restore_lanes(WeightBlock& block) {
  std::int8_t by_lane[lanes * inputs];
  for (int group = 0; group < inputs / 4; ++group) {
    for (int lane = 0; lane < lanes; ++lane) {
      std::memcpy(by_lane + lane * inputs + group * 4, block.weights + (group * lanes + lane) * 4, 4);
    }
  }
  std::memcpy(block.weights, by_lane, sizeof by_lane);
}

// The dot-product instruction takes unsigned activations: a signed a goes in as a + 128, which is 128 times the weights
// too much.
void prepare_groups_and_correction(WeightBlock& block) {
  for (int lane = 0; lane < lanes; ++lane) {
    std::int32_t total = 0;
    for (int i = 0; i < inputs; ++i) total += block.weights[lane * inputs + i];
    block.correction[lane] = -128 * total;
  }
  prepare_groups(block);
}

__attribute__((target("avx2"))) void product_avx2(const std::uint8_t* activation, bool is_signed,
                                                  const WeightBlock& block, bool initialize, std::int32_t* sum) {
  alignas(32) std::int16_t wide[inputs];
  for (int half = 0; half < 2; ++half) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(activation + 16 * half));
    const __m256i words = is_signed ? _mm256_cvtepi8_epi16(bytes) : _mm256_cvtepu8_epi16(bytes);
    _mm256_store_si256(reinterpret_cast<__m256i*>(wide + 16 * half), words);
  }
  __m256i total[8];  // four lanes each, two sums of two products a lane
  for (auto& part : total) part = _mm256_setzero_si256();
  for (int group = 0; group < inputs / 4; ++group) {
    std::int64_t four;
    std::memcpy(&four, wide + 4 * group, 8);
    const __m256i activations = _mm256_set1_epi64x(four);
    const std::int8_t* weights = block.weights + group * lanes * 4;
    for (int part = 0; part < 8; ++part) {
      const __m128i bytes = _mm_load_si128(reinterpret_cast<const __m128i*>(weights + 16 * part));
      total[part] = _mm256_add_epi32(total[part], _mm256_madd_epi16(_mm256_cvtepi8_epi16(bytes), activations));
    }
  }
  for (int part = 0; part < 4; ++part) {
    const __m256i pairs = _mm256_hadd_epi32(total[2 * part], total[2 * part + 1]);  // lanes 0 1 4 5 2 3 6 7
    __m256i result = _mm256_permute4x64_epi64(pairs, 0b11011000);
    auto* target = reinterpret_cast<__m256i*>(sum + 8 * part);
    if (!initialize) result = _mm256_add_epi32(result, _mm256_loadu_si256(target));
    _mm256_storeu_si256(target, result);
  }
}

__attribute__((target("avx512f,avx512bw,avx512vnni"))) void product_avx512(const std::uint8_t* activation,
                                                                           bool is_signed, const WeightBlock& block,
                                                                           bool initialize, std::int32_t* sum) {
  __m512i low = initialize ? _mm512_setzero_si512() : _mm512_loadu_si512(sum);
  __m512i high = initialize ? _mm512_setzero_si512() : _mm512_loadu_si512(sum + 16);
  std::uint32_t flip = 0;
  if (is_signed) {
    low = _mm512_add_epi32(low, _mm512_load_si512(block.correction));
    high = _mm512_add_epi32(high, _mm512_load_si512(block.correction + 16));
    flip = 0x80808080u;
  }
  __m512i low_odd = _mm512_setzero_si512(), high_odd = _mm512_setzero_si512();
  for (int group = 0; group < inputs / 4; group += 2) {
    std::uint32_t four[2];
    std::memcpy(four, activation + 4 * group, 8);
    const __m512i even = _mm512_set1_epi32(static_cast<int>(four[0] ^ flip));
    const __m512i odd = _mm512_set1_epi32(static_cast<int>(four[1] ^ flip));
    const std::int8_t* weights = block.weights + group * lanes * 4;
    low = _mm512_dpbusd_epi32(low, even, _mm512_load_si512(weights));
    high = _mm512_dpbusd_epi32(high, even, _mm512_load_si512(weights + 64));
    low_odd = _mm512_dpbusd_epi32(low_odd, odd, _mm512_load_si512(weights + 128));
    high_odd = _mm512_dpbusd_epi32(high_odd, odd, _mm512_load_si512(weights + 192));
  }
  _mm512_storeu_si512(sum, _mm512_add_epi32(low, low_odd));
  _mm512_storeu_si512(sum + 16, _mm512_add_epi32(high, high_odd));
}

#endif

}  // namespace

std::vector<BlockKernel> block_kernels() {
  std::vector<BlockKernel> kernels{{"portable", keep, keep, product_portable}};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) kernels.push_back({"avx2", prepare_groups, restore_lanes, product_avx2});
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni")) {
    kernels.push_back({"avx512 vnni", prepare_groups_and_correction, restore_lanes, product_avx512});
  }
#endif
  return kernels;
}

const BlockKernel& block_kernel() {
  static const BlockKernel best = block_kernels().back();
  return best;
}

}  // namespace northpole::machine
