// Registers of floats, one a lane of the vector unit: what its functions are made of. Included once a target.
#if defined(NORTHPOLE_FLOAT_LANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef NORTHPOLE_FLOAT_LANES_INL_H
#undef NORTHPOLE_FLOAT_LANES_INL_H
#else
#define NORTHPOLE_FLOAT_LANES_INL_H
#endif

#include <hwy/highway.h>

#include "machine/fast/highway_targets.h"

#if NORTHPOLE_TARGET_HAS_LANES

HWY_BEFORE_NAMESPACE();
namespace northpole::machine::fast {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr hn::ScalableTag<float> floats_tag;
constexpr hn::ScalableTag<std::int32_t> integers_tag;
constexpr hn::ScalableTag<std::uint32_t> bits_tag;
constexpr hn::ScalableTag<std::uint8_t> bytes_tag;
using Floats = hn::Vec<decltype(floats_tag)>;
using Integers = hn::Vec<decltype(integers_tag)>;
constexpr std::uint32_t register_lanes = hn::MaxLanes(floats_tag);
constexpr std::uint32_t parts = chip::lanes / register_lanes;  // registers of a word's lanes
// Unrolled, the address sanitizer's build compiles for minutes.
#ifdef __SANITIZE_ADDRESS__
#define NORTHPOLE_EACH_PART for (std::uint32_t part = 0; part < parts; ++part)
#else
#define NORTHPOLE_EACH_PART _Pragma("GCC unroll 8") for (std::uint32_t part = 0; part < parts; ++part)
#endif

HWY_INLINE Floats all(float value) { return hn::Set(floats_tag, value); }

HWY_INLINE Floats number_or_zero(Floats value) { return hn::IfThenElseZero(hn::Eq(value, value), value); }

// To half precision and back, to nearest even. Highway's own conversions cut off what does not fit where the processor
// has none. What is no number is what arithmetic makes of numbers, 0x7fc00000, and stays so.
HWY_INLINE Floats rounded_to_half(Floats value) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
  return hn::PromoteTo(floats_tag, hn::DemoteTo(hn::Rebind<hwy::float16_t, decltype(floats_tag)>(), value));
#else
  const auto bits = hn::BitCast(bits_tag, value);
  const auto sign = hn::And(bits, hn::Set(bits_tag, 0x80000000u));
  const auto magnitude_bits = hn::Xor(bits, sign);
  const Floats magnitude = hn::BitCast(floats_tag, magnitude_bits);
  const auto last_kept = hn::And(hn::ShiftRight<13>(magnitude_bits), hn::Set(bits_tag, 1u));
  const auto up = hn::Add(magnitude_bits, hn::Add(hn::Set(bits_tag, 0xfffu), last_kept));
  Floats half = hn::BitCast(floats_tag, hn::And(up, hn::Set(bits_tag, ~0x1fffu)));
  // Halves below 2^-14 are the multiples of 2^-24, which is what floats in [0.5, 1) are.
  const Floats subnormal = hn::Sub(hn::Add(magnitude, all(0.5f)), all(0.5f));
  half = hn::IfThenElse(hn::Lt(magnitude, all(0x1p-14f)), subnormal, half);
  half = hn::IfThenElse(hn::Ge(magnitude, all(65520.0f)), all(std::numeric_limits<float>::infinity()), half);
  return hn::Or(half, hn::BitCast(floats_tag, sign));
#endif
}

// The same where PreparedSetup::plain: a half is then what is left of a float when ten bits stay behind its first, and
// adding and subtracting 2^13 times its power of two leaves them, rounded to even as floats are.
HWY_INLINE Floats rounded_to_plain_half(Floats value) {
  const auto power = hn::And(hn::BitCast(bits_tag, value), hn::Set(bits_tag, 0xff800000u));
  const Floats large = hn::BitCast(floats_tag, hn::Add(power, hn::Set(bits_tag, 13u << 23)));
  return hn::Sub(hn::Add(value, large), large);
}

// Codes of a register's lanes, less their zero point.
template <typename Code>
HWY_INLINE Integers numbers(const std::uint8_t* codes) {
  const hn::Rebind<Code, decltype(integers_tag)> tag;
  return hn::PromoteTo(integers_tag, hn::LoadU(tag, reinterpret_cast<const Code*>(codes)));
}
HWY_INLINE Floats load_codes(const std::uint8_t* codes, bool is_signed, std::int32_t zero) {
  const Integers loaded = is_signed ? numbers<std::int8_t>(codes) : numbers<std::uint8_t>(codes);
  return hn::ConvertTo(floats_tag, hn::Sub(loaded, hn::Set(integers_tag, zero)));
}

// Bytes of four registers' lanes (or two, twice) in the order that `in_order` takes: of each block of 16 bytes the
// lowest byte of each lane of the first register, then of the second and so on.
alignas(16) constexpr std::uint8_t by_register[16] = {0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15};

// Lanes of four bytes, block after block, become the first register's, then the second's and so on.
HWY_INLINE auto in_order(hn::Vec<decltype(bits_tag)> quads) {
  constexpr std::uint32_t blocks = register_lanes / 4;
  if constexpr (blocks == 1) return quads;
  alignas(64) std::int32_t order[register_lanes];
  for (std::uint32_t i = 0; i < register_lanes; ++i) order[i] = static_cast<std::int32_t>(i % blocks * 4 + i / blocks);
  return hn::TableLookupLanes(quads, hn::SetTableIndices(bits_tag, order));
}

// The low bytes of rne(values) + zero; the values are at most 2^14.
HWY_INLINE void store_word(const Floats (&values)[parts], std::int32_t zero, std::uint8_t* word) {
  const hn::ScalableTag<std::uint16_t> halves_tag;
  // A float between 2^23 and 2^24 is an integer, its last bits are the integer's.
  const Floats shift = all(0x1.8p23f);
  const auto integer = [&](std::uint32_t part) HWY_ATTR { return hn::BitCast(bits_tag, hn::Add(values[part], shift)); };
  const auto pair = [&](std::uint32_t part) HWY_ATTR {
    return hn::OddEven(hn::BitCast(halves_tag, hn::ShiftLeft<16>(integer(part + 1))),
                       hn::BitCast(halves_tag, integer(part)));
  };
  const auto zeros = hn::Set(bytes_tag, static_cast<std::uint8_t>(zero));
  const auto lookup = hn::LoadDup128(bytes_tag, by_register);
  const auto bytes = [&](auto two_bytes) HWY_ATTR {
    const auto quads = hn::TableLookupBytes(hn::BitCast(bytes_tag, two_bytes), lookup);
    return hn::Add(hn::BitCast(bytes_tag, in_order(hn::BitCast(bits_tag, quads))), zeros);
  };
  if constexpr (parts == 2) {
    const hn::Half<decltype(bytes_tag)> word_tag;
    hn::StoreU(hn::LowerHalf(word_tag, bytes(pair(0))), word_tag, word);
  } else {
#pragma GCC unroll 2
    for (std::uint32_t part = 0; part < parts; part += 4) {
      const auto low = hn::And(pair(part), hn::Set(halves_tag, 0xff));
      hn::StoreU(bytes(hn::Or(low, hn::ShiftLeft<8>(pair(part + 2)))), bytes_tag, word + part * register_lanes);
    }
  }
}

// The larger of two words' codes.
template <typename Code>
HWY_INLINE void take_larger(const std::uint8_t* word, std::uint8_t* largest) {
  const hn::CappedTag<Code, chip::word_bytes> tag;
  auto* codes = reinterpret_cast<Code*>(largest);
  for (std::uint32_t i = 0; i < chip::word_bytes; i += hn::MaxLanes(tag))
    hn::StoreU(hn::Max(hn::LoadU(tag, codes + i), hn::LoadU(tag, reinterpret_cast<const Code*>(word) + i)), tag,
               codes + i);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace northpole::machine::fast
HWY_AFTER_NAMESPACE();

#endif  // NORTHPOLE_TARGET_HAS_LANES
#endif  // per target
