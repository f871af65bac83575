// The vector unit's work in floats, once for all of Highway's targets. PreparedSetup::in_floats says where this is the
// exact rule; elsewhere the exact code runs.
#include <cstring>
#include <type_traits>

#include "machine/fast/highway_targets.h"
#include "machine/fast/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "machine/fast/vector_unit.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

// After Highway, as it is compiled with it once a target.
#include "machine/fast/float_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace northpole::machine::fast {
namespace HWY_NAMESPACE {
namespace {

#if !NORTHPOLE_TARGET_HAS_LANES

VectorUnit vector_unit() { return exact_vector_unit(); }

#else

using isa::VectorOperation;
using isa::VectorSecond;

// F.
template <bool half, bool plain>
HWY_INLINE Floats rounded(Floats value) {
  if constexpr (half && plain) return rounded_to_plain_half(value);
  if constexpr (half) return rounded_to_half(value);
  return value;
}

// Numbers of a setup in registers while rows pass: bytes that are stored might otherwise be the setup's own.
struct Spread {
  // By name, as a constructor of the compiler's own is none of the target's functions.
  HWY_INLINE explicit Spread(const PreparedSetup& setup) {
    const isa::VectorFunction& f = setup.setup.function;
    kx = all(f.kx), ky = all(f.ky);
    middle_lowest = all(setup.middle_lowest), middle_highest = all(setup.middle_highest);
    output_lowest = all(setup.output_lowest), output_highest = all(setup.output_highest);
    NORTHPOLE_EACH_PART {
      bias[part] = hn::LoadU(integers_tag, setup.setup.bias.data() + part * register_lanes);
      scale[part] = hn::LoadU(floats_tag, setup.setup.scale.data() + part * register_lanes);
      constant[part] = hn::LoadU(floats_tag, setup.setup.constant.data() + part * register_lanes);
    }
    second = f.second, second_signed = f.second_signed;
    second_zero = f.second_zero, output_zero = f.output_zero;
  }

  Floats kx, ky, middle_lowest, middle_highest, output_lowest, output_highest;
  Integers bias[parts];
  Floats scale[parts], constant[parts];
  VectorSecond second;
  bool second_signed;
  std::int32_t second_zero, output_zero;
};

template <bool plain>
HWY_INLINE Floats clamped(Floats value, Floats lowest, Floats highest) {
  if constexpr (!plain) value = number_or_zero(value);
  return hn::Min(hn::Max(value, lowest), highest);
}

template <bool half>
HWY_INLINE Floats hard_sigmoid(const isa::VectorFunction& f, Floats v) {
  const Floats scaled = rounded<half, false>(hn::Mul(all(f.alpha), v));
  const Floats linear = rounded<half, false>(hn::Add(scaled, all(f.beta)));
  // Zero for what is no number.
  const Floats positive = hn::IfThenElseZero(hn::Gt(linear, hn::Zero(floats_tag)), linear);
  return hn::Min(positive, all(1.0f));
}

// Step 4 on a register of lanes; `second`: the second operand's word, or null.
template <bool half, bool plain, VectorOperation operation>
HWY_INLINE Floats operate(const Spread& own, const isa::VectorFunction& f, Floats x, const std::uint8_t* second,
                          std::uint32_t part) {
  if constexpr (operation == VectorOperation::move || operation == VectorOperation::offset) {
    return x;
  } else {
    const Floats u = rounded<half, plain>(hn::Mul(x, own.kx));
    Floats s = all(0.0f);
    if (own.second == VectorSecond::constant) {
      s = own.constant[part];
    } else if (own.second == VectorSecond::memory) {
      s = load_codes(second + part * register_lanes, own.second_signed, own.second_zero);
      if constexpr (operation != VectorOperation::multiply) s = rounded<half, plain>(hn::Mul(s, own.ky));
    }
    if constexpr (operation == VectorOperation::scale) return u;
    if constexpr (operation == VectorOperation::add) return rounded<half, plain>(hn::Add(u, s));
    if constexpr (operation == VectorOperation::subtract) return rounded<half, plain>(hn::Sub(u, s));
    if constexpr (operation == VectorOperation::reverse_subtract) return rounded<half, plain>(hn::Sub(s, u));
    if constexpr (operation == VectorOperation::multiply)
      return rounded<half, plain>(hn::Mul(own.second == VectorSecond::constant ? x : u, s));
    if constexpr (operation == VectorOperation::leaky_relu)
      return hn::IfThenElse(hn::Lt(x, hn::Zero(floats_tag)), rounded<half, plain>(hn::Mul(x, own.ky)), u);
    if constexpr (operation == VectorOperation::hard_sigmoid)
      return rounded<half, plain>(hn::Mul(hard_sigmoid<half>(f, u), own.ky));
    if constexpr (operation == VectorOperation::hard_swish) {
      const Floats swish = rounded<half, plain>(hn::Mul(u, hard_sigmoid<half>(f, u)));
      return rounded<half, plain>(hn::Mul(swish, own.ky));
    }
    return u;
  }
}

// Step 5.
template <bool plain>
HWY_INLINE void store(const Spread& own, Floats (&r)[parts], std::uint8_t* output) {
  NORTHPOLE_EACH_PART r[part] = clamped<plain>(r[part], own.output_lowest, own.output_highest);
  store_word(r, own.output_zero, output);
}

template <bool half, bool plain, VectorOperation operation>
void sums_rows(const PreparedSetup& setup, const std::int32_t* sums, std::uint32_t rows, const std::uint8_t* arena,
               const std::uint32_t* seconds, std::uint8_t* output) {
  constexpr bool moves = operation == VectorOperation::move || operation == VectorOperation::offset;
  const Spread own(setup);
  for (std::uint32_t row = 0; row < rows; ++row, sums += chip::lanes, output += chip::word_bytes) {
    const std::uint8_t* second = seconds ? arena + std::size_t{seconds[row]} * chip::word_bytes : nullptr;
    Floats r[parts];
    NORTHPOLE_EACH_PART {
      Floats x = hn::Mul(
          hn::ConvertTo(floats_tag, hn::Add(hn::LoadU(integers_tag, sums + part * register_lanes), own.bias[part])),
          own.scale[part]);
      if constexpr (operation == VectorOperation::offset) x = hn::Add(x, own.constant[part]);
      x = clamped<plain>(x, own.middle_lowest, own.middle_highest);
      // What is only stored is rounded there: between two clamps to integers it makes no difference when.
      if constexpr (!moves) x = hn::Round(x);
      r[part] = operate<half, plain, operation>(own, setup.setup.function, x, second, part);
    }
    store<plain || moves>(own, r, output);
  }
}

template <bool half, bool plain, VectorOperation operation>
void words_rows(const PreparedSetup& setup, const std::uint32_t* slots, std::uint32_t inputs, std::uint32_t rows,
                const std::uint8_t* arena, const std::uint32_t* seconds, std::uint8_t* output) {
  const isa::VectorFunction& f = setup.setup.function;
  const Spread own(setup);
  for (std::uint32_t row = 0; row < rows; ++row, slots += inputs, output += chip::word_bytes) {
    const std::uint8_t* second = seconds ? arena + std::size_t{seconds[row]} * chip::word_bytes : nullptr;
    const std::uint8_t* source = arena + std::size_t{slots[0]} * chip::word_bytes;
    alignas(chip::word_bytes) std::uint8_t largest[chip::word_bytes];
    if (inputs > 1) {  // the largest code is the largest number, as all of a window have one zero point
      std::memcpy(largest, source, sizeof largest);
      for (std::uint32_t i = 1; i < inputs; ++i) {
        const std::uint8_t* other = arena + std::size_t{slots[i]} * chip::word_bytes;
        f.source_signed ? take_larger<std::int8_t>(other, largest) : take_larger<std::uint8_t>(other, largest);
      }
      source = largest;
    }
    Floats r[parts];
    NORTHPOLE_EACH_PART {
      const Floats x = load_codes(source + part * register_lanes, f.source_signed, f.source_zero);
      r[part] = operate<half, plain, operation>(own, f, x, second, part);
    }
    store<plain>(own, r, output);
  }
}

// Calls `run` with the setup's precision, plainness and operation as types; false where floats do not do.
template <typename Run>
bool choose(const PreparedSetup& setup, Run run) {
  if (!setup.in_floats) return false;
  const auto with_operation = [&](auto half, auto plain) {
    switch (setup.setup.function.operation) {
#define NORTHPOLE_OPERATION(name)                                                       \
  case VectorOperation::name:                                                           \
    run(half, plain, std::integral_constant<VectorOperation, VectorOperation::name>()); \
    return true;
      NORTHPOLE_OPERATION(move)
      NORTHPOLE_OPERATION(scale)
      NORTHPOLE_OPERATION(add)
      NORTHPOLE_OPERATION(subtract)
      NORTHPOLE_OPERATION(reverse_subtract)
      NORTHPOLE_OPERATION(leaky_relu)
      NORTHPOLE_OPERATION(offset)
      default:
        break;
    }
    if constexpr (!plain.value) {
      switch (setup.setup.function.operation) {
        NORTHPOLE_OPERATION(multiply)
        NORTHPOLE_OPERATION(hard_sigmoid)
        NORTHPOLE_OPERATION(hard_swish)
        default:
          break;
      }
    }
#undef NORTHPOLE_OPERATION
    return false;
  };
  const auto with_plain = [&](auto half) {
    return setup.plain ? with_operation(half, std::true_type()) : with_operation(half, std::false_type());
  };
  return setup.precision == chip::VectorPrecision::fp16 ? with_plain(std::true_type()) : with_plain(std::false_type());
}

void finish_sums(const PreparedSetup& setup, const std::int32_t* sums, std::uint32_t rows, const std::uint8_t* arena,
                 const std::uint32_t* seconds, std::uint8_t* output) {
  const bool done = choose(setup, [&](auto half, auto plain, auto operation) {
    sums_rows<half.value, plain.value, operation.value>(setup, sums, rows, arena, seconds, output);
  });
  if (!done) exact_vector_unit().finish_sums(setup, sums, rows, arena, seconds, output);
}

void finish_words(const PreparedSetup& setup, const std::uint32_t* slots, std::uint32_t inputs, std::uint32_t rows,
                  const std::uint8_t* arena, const std::uint32_t* seconds, std::uint8_t* output) {
  const bool done = choose(setup, [&](auto half, auto plain, auto operation) {
    words_rows<half.value, plain.value, operation.value>(setup, slots, inputs, rows, arena, seconds, output);
  });
  if (!done) exact_vector_unit().finish_words(setup, slots, inputs, rows, arena, seconds, output);
}

VectorUnit vector_unit() { return {finish_sums, finish_words}; }

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace northpole::machine::fast
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace northpole::machine::fast {
namespace {
HWY_EXPORT(vector_unit);
}  // namespace
VectorUnit vector_unit_on(std::int64_t target) { return NORTHPOLE_ON_TARGET(vector_unit, target); }
}  // namespace northpole::machine::fast
#endif
