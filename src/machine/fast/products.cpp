// Products of tiles of activation words with weight blocks, once for all of Highway's targets.
//
// A step multiplies `step_inputs` inputs of an activation word with those of 32 lanes and adds them up in each lane:
// four of a byte where the processor has an instruction for it (VNNI), else two of 16 bits, which are exact, too.
#include <cstring>
#include <utility>

#include "machine/fast/highway_targets.h"
#include "machine/fast/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "machine/fast/products.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
#if HWY_TARGET == HWY_AVX3_DL
// Highway 1.0.3 asks the processor for AVX-512's VNNI and the compiler for another, AVX-VNNI, which not every such
// processor has: no loops here that the compiler might make products of bytes of.
HWY_PUSH_ATTRIBUTES("avx512vnni")
#endif
namespace northpole::machine::fast {
namespace HWY_NAMESPACE {
namespace {

#if !NORTHPOLE_TARGET_HAS_LANES

Products products() { return portable_products(); }

#else

namespace hn = hwy::HWY_NAMESPACE;

constexpr hn::ScalableTag<std::int32_t> sums_tag;
using Sums = hn::Vec<decltype(sums_tag)>;
constexpr std::uint32_t register_lanes = hn::MaxLanes(sums_tag);

#if HWY_TARGET == HWY_AVX3_DL

// Highway 1.0.3 has no product of four bytes. The processor's is of unsigned by signed ones: signed activations lie 128
// higher in the panel.
constexpr bool unsigned_panel = true;
constexpr std::uint32_t step_inputs = 4;
constexpr bool sums_in_their_lanes = true;
constexpr hn::ScalableTag<std::int8_t> weights_tag;
using Weights = hn::Vec<decltype(weights_tag)>;

HWY_INLINE Weights load_weights(const std::int8_t* weights) { return hn::Load(weights_tag, weights); }

HWY_INLINE void add_products(Sums& sum, Sums&, Sums activations, Weights weights) {
  sum = Sums{_mm512_dpbusd_epi32(sum.raw, activations.raw, weights.raw)};
}

void pack(const std::uint8_t* arena, const std::uint32_t* slots, std::size_t count, bool is_signed,
          std::uint8_t* panel) {
  constexpr hn::CappedTag<std::uint8_t, chip::word_bytes> tag;
  const auto flip = hn::Set(tag, is_signed ? 0x80 : 0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto word = hn::Load(tag, arena + std::size_t{slots[i]} * chip::word_bytes);
    hn::Store(hn::Xor(word, flip), tag, panel + i * chip::word_bytes);
  }
}

#else

constexpr bool unsigned_panel = false;
constexpr std::uint32_t step_inputs = 2;
constexpr bool sums_in_their_lanes = HWY_ARCH_X86;
constexpr hn::ScalableTag<std::int16_t> wide_tag;
using Weights = hn::Vec<decltype(wide_tag)>;

HWY_INLINE Weights load_weights(const std::int8_t* weights) {
  return hn::PromoteTo(wide_tag, hn::LoadU(hn::Rebind<std::int8_t, decltype(wide_tag)>(), weights));
}

// Elsewhere than on x86 products wait in `other` and in other lanes than theirs until the end.
HWY_INLINE void add_products(Sums& sum, Sums& other, Sums activations, Weights weights) {
  sum = hn::ReorderWidenMulAccumulate(sums_tag, hn::BitCast(wide_tag, activations), weights, sum, other);
}

// Activations become 16 bits wide, whatever their sign.
template <typename Code>
void pack_wide(const std::uint8_t* arena, const std::uint32_t* slots, std::size_t count, std::uint8_t* panel) {
  constexpr std::size_t lanes = hn::MaxLanes(wide_tag);
  for (std::size_t i = 0; i < count; ++i) {
    const auto* word = reinterpret_cast<const Code*>(arena + std::size_t{slots[i]} * chip::word_bytes);
    auto* wide = reinterpret_cast<std::int16_t*>(panel + i * 2 * chip::word_bytes);
    for (std::size_t j = 0; j < chip::word_bytes; j += lanes)
      hn::StoreU(hn::PromoteTo(wide_tag, hn::LoadU(hn::Rebind<Code, decltype(wide_tag)>(), word + j)), wide_tag,
                 wide + j);
  }
}

void pack(const std::uint8_t* arena, const std::uint32_t* slots, std::size_t count, bool is_signed,
          std::uint8_t* panel) {
  if (is_signed) return pack_wide<std::int8_t>(arena, slots, count, panel);
  pack_wide<std::uint8_t>(arena, slots, count, panel);
}

#endif

constexpr std::uint32_t steps = chip::word_bytes / step_inputs;
constexpr std::uint32_t panel_word_bytes = 4 * steps;  // each lane of a register has a step's activations

// [lane][input] becomes [step][lane][input of the step].
void prepare_block(const std::uint8_t* lanes, std::int8_t* prepared) {
  for (std::uint32_t step = 0; step < steps; ++step) {
    for (std::uint32_t lane = 0; lane < chip::lanes; ++lane) {
      std::memcpy(prepared + (step * chip::lanes + lane) * step_inputs,
                  lanes + lane * chip::word_bytes + step * step_inputs, step_inputs);
    }
  }
}

// Two registers of sums a row stay where they are while the terms pass: all lanes of a row, or as many as two hold and
// the others in another round. With 32 registers there is room for 12 rows, with 16 for 6.
constexpr std::uint32_t tile_rows = HWY_CAP_GE512 ? 12 : 6;
constexpr std::uint32_t round_lanes = 2 * register_lanes;
static_assert(chip::lanes % round_lanes == 0);

template <std::uint32_t rows>
void multiply_rows(const std::uint8_t* panel, const std::uint32_t* blocks, std::uint32_t terms,
                   const std::int8_t* weights, const std::int32_t* start, std::int32_t* sums,
                   const std::uint32_t* ahead) {
  for (std::uint32_t lane = 0; lane < chip::lanes; lane += round_lanes, ahead = nullptr) {
    const Sums low_start = hn::LoadU(sums_tag, start + lane);
    const Sums high_start = hn::LoadU(sums_tag, start + lane + register_lanes);
    const Sums zero = hn::Zero(sums_tag);
    Sums low[rows], high[rows], other_low[rows], other_high[rows];
#pragma GCC unroll 12
    for (std::uint32_t row = 0; row < rows; ++row) {
      low[row] = sums_in_their_lanes ? low_start : zero;
      high[row] = sums_in_their_lanes ? high_start : zero;
      other_low[row] = other_high[row] = zero;
    }
    for (std::uint32_t term = 0; term < terms; ++term) {
      const std::int8_t* block = weights + std::size_t{blocks[term]} * block_bytes + lane * step_inputs;
      const std::uint8_t* activations = panel + std::size_t{term} * rows * panel_word_bytes;
      if (ahead != nullptr) {
        const std::int8_t* next = weights + std::size_t{ahead[term]} * block_bytes;
        for (std::size_t line = 0; line < block_bytes; line += 64) __builtin_prefetch(next + line, 0, 2);
      }
#pragma GCC unroll 8
      for (std::uint32_t step = 0; step < steps; ++step) {
        const Weights low_weights = load_weights(block + step * chip::lanes * step_inputs);
        const Weights high_weights = load_weights(block + (step * chip::lanes + register_lanes) * step_inputs);
#pragma GCC unroll 12
        for (std::uint32_t row = 0; row < rows; ++row) {
          std::int32_t one_step;
          std::memcpy(&one_step, activations + row * panel_word_bytes + step * 4, 4);
          const Sums activation = hn::Set(sums_tag, one_step);
          add_products(low[row], other_low[row], activation, low_weights);
          add_products(high[row], other_high[row], activation, high_weights);
        }
      }
    }
#pragma GCC unroll 12
    for (std::uint32_t row = 0; row < rows; ++row) {
      if constexpr (!sums_in_their_lanes) {
        low[row] = hn::Add(hn::RearrangeToOddPlusEven(low[row], other_low[row]), low_start);
        high[row] = hn::Add(hn::RearrangeToOddPlusEven(high[row], other_high[row]), high_start);
      }
      std::int32_t* to = sums + row * chip::lanes + lane;
      hn::StoreU(low[row], sums_tag, to);
      hn::StoreU(high[row], sums_tag, to + register_lanes);
    }
  }
}

template <std::size_t... less_one>
auto multiply_for(std::uint32_t rows, std::index_sequence<less_one...>) {
  static constexpr decltype(&multiply_rows<1>) each[] = {multiply_rows<less_one + 1>...};
  return each[rows - 1];
}

void multiply(const std::uint8_t* panel, std::uint32_t rows, const std::uint32_t* blocks, std::uint32_t terms,
              const std::int8_t* weights, const std::int32_t* start, std::int32_t* sums, const std::uint32_t* ahead) {
  multiply_for(rows, std::make_index_sequence<tile_rows>())(panel, blocks, terms, weights, start, sums, ahead);
}

Products products() { return {tile_rows, panel_word_bytes, unsigned_panel, prepare_block, pack, multiply}; }

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace northpole::machine::fast
#if HWY_TARGET == HWY_AVX3_DL
HWY_POP_ATTRIBUTES
#endif
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace northpole::machine::fast {
namespace {
HWY_EXPORT(products);
}  // namespace
Products products_on(std::int64_t target) { return NORTHPOLE_ON_TARGET(products, target); }
}  // namespace northpole::machine::fast
#endif
