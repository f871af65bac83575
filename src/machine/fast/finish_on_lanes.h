// The vector unit's work in floats, written once for every width of register. No header of its own: a kernel's file
// includes it inside its namespaces, after `Lanes` (what a register of floats can do), NORTHPOLE_TARGET and
// NORTHPOLE_TARGET_INLINE (the instruction set of its functions). Gives finish_sums and finish_words of a Kernel.
// PreparedSetup::in_floats says where this is the exact rule; elsewhere the exact code runs.

using isa::VectorOperation;
using isa::VectorSecond;
using Floats = Lanes::Floats;

// F
template <bool half>
NORTHPOLE_TARGET_INLINE Floats rounded(Floats value) {
  if constexpr (half) return Lanes::to_half(value);
  return value;
}

NORTHPOLE_TARGET_INLINE Floats clamped(Floats value, float lowest, float highest) {
  return Lanes::smaller(Lanes::larger(Lanes::number_or_zero(value), Lanes::all(lowest)), Lanes::all(highest));
}

template <bool half>
NORTHPOLE_TARGET_INLINE Floats hard_sigmoid(const isa::VectorFunction& f, Floats v) {
  const Floats scaled = rounded<half>(Lanes::multiply(Lanes::all(f.alpha), v));
  const Floats linear = rounded<half>(Lanes::add(scaled, Lanes::all(f.beta)));
  return Lanes::smaller(Lanes::larger(linear, Lanes::all(0.0f)), Lanes::all(1.0f));
}

// Steps 3 to 5 on the lanes from `lane` on; `second`: the second operand's word, or null.
template <bool half, VectorOperation operation>
NORTHPOLE_TARGET_INLINE void operate(const PreparedSetup& setup, Floats x, const std::uint8_t* second,
                                     std::uint32_t lane, std::uint8_t* output) {
  const isa::VectorFunction& f = setup.setup.function;
  const Floats ky = Lanes::all(f.ky);
  Floats r = x;
  if constexpr (operation != VectorOperation::move && operation != VectorOperation::offset) {
    const Floats u = rounded<half>(Lanes::multiply(x, Lanes::all(f.kx)));
    Floats s = Lanes::all(0.0f);
    if (f.second == VectorSecond::constant) {
      s = Lanes::load(setup.setup.constant.data() + lane);
    } else if (f.second == VectorSecond::memory) {
      s = Lanes::codes(second + lane, f.second_signed, f.second_zero);
      if constexpr (operation != VectorOperation::multiply) s = rounded<half>(Lanes::multiply(s, ky));
    }
    if constexpr (operation == VectorOperation::scale) r = u;
    if constexpr (operation == VectorOperation::add) r = rounded<half>(Lanes::add(u, s));
    if constexpr (operation == VectorOperation::subtract) r = rounded<half>(Lanes::subtract(u, s));
    if constexpr (operation == VectorOperation::reverse_subtract) r = rounded<half>(Lanes::subtract(s, u));
    if constexpr (operation == VectorOperation::multiply)
      r = rounded<half>(Lanes::multiply(f.second == VectorSecond::constant ? x : u, s));
    if constexpr (operation == VectorOperation::leaky_relu)
      r = Lanes::where_negative(x, rounded<half>(Lanes::multiply(x, ky)), u);
    if constexpr (operation == VectorOperation::hard_sigmoid)
      r = rounded<half>(Lanes::multiply(hard_sigmoid<half>(f, u), ky));
    if constexpr (operation == VectorOperation::hard_swish)
      r = rounded<half>(Lanes::multiply(rounded<half>(Lanes::multiply(u, hard_sigmoid<half>(f, u))), ky));
  }
  Lanes::store(clamped(r, setup.output_lowest, setup.output_highest), f.output_zero, output + lane);
}

template <bool half, VectorOperation operation>
NORTHPOLE_TARGET void sums_rows(const PreparedSetup& setup, const std::int32_t* sums, std::uint32_t rows,
                                const std::uint8_t* arena, const std::uint32_t* seconds, std::uint8_t* output) {
  for (std::uint32_t row = 0; row < rows; ++row, sums += chip::lanes, output += chip::word_bytes) {
    const std::uint8_t* second = seconds ? arena + std::size_t{seconds[row]} * chip::word_bytes : nullptr;
    for (std::uint32_t lane = 0; lane < chip::lanes; lane += Lanes::count) {
      Floats product = Lanes::multiply(Lanes::sum_of(sums + lane, setup.setup.bias.data() + lane),
                                       Lanes::load(setup.setup.scale.data() + lane));
      if constexpr (operation == VectorOperation::offset)
        product = Lanes::add(product, Lanes::load(setup.setup.constant.data() + lane));
      const Floats x = Lanes::to_integer(clamped(product, setup.middle_lowest, setup.middle_highest));
      operate<half, operation>(setup, x, second, lane, output);
    }
  }
}

template <bool half, VectorOperation operation>
NORTHPOLE_TARGET void words_rows(const PreparedSetup& setup, const std::uint32_t* slots, std::uint32_t inputs,
                                 std::uint32_t rows, const std::uint8_t* arena, const std::uint32_t* seconds,
                                 std::uint8_t* output) {
  const isa::VectorFunction& f = setup.setup.function;
  for (std::uint32_t row = 0; row < rows; ++row, slots += inputs, output += chip::word_bytes) {
    const std::uint8_t* second = seconds ? arena + std::size_t{seconds[row]} * chip::word_bytes : nullptr;
    const std::uint8_t* source = arena + std::size_t{slots[0]} * chip::word_bytes;
    alignas(chip::word_bytes) std::uint8_t largest[chip::word_bytes];
    if (inputs > 1) {  // the largest code is the largest number, as all of a window have one zero point
      std::memcpy(largest, source, sizeof largest);
      for (std::uint32_t i = 1; i < inputs; ++i)
        Lanes::largest(arena + std::size_t{slots[i]} * chip::word_bytes, f.source_signed, largest);
      source = largest;
    }
    for (std::uint32_t lane = 0; lane < chip::lanes; lane += Lanes::count) {
      operate<half, operation>(setup, Lanes::codes(source + lane, f.source_signed, f.source_zero), second, lane,
                               output);
    }
  }
}

// Calls `run` with the setup's precision and operation as types; false where floats do not do.
template <typename Run>
bool choose(const PreparedSetup& setup, Run run) {
  if (!setup.in_floats) return false;
  const auto with_operation = [&](auto half) {
    switch (setup.setup.function.operation) {
#define NORTHPOLE_OPERATION(name)                                                \
  case VectorOperation::name:                                                    \
    run(half, std::integral_constant<VectorOperation, VectorOperation::name>()); \
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
      NORTHPOLE_OPERATION(offset)
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
