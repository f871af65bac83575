// The vector unit's work in floats, written once for every width of register. No header of its own: a kernel's file
// includes it inside its namespaces, after `Lanes` (what a register of floats can do), NORTHPOLE_TARGET and
// NORTHPOLE_TARGET_INLINE (the instruction set of its functions). Gives finish_sums and finish_words of a Kernel.
// PreparedSetup::in_floats says where this is the exact rule; elsewhere the exact code runs.

using isa::VectorOperation;
using isa::VectorSecond;
using Floats = Lanes::Floats;

constexpr std::uint32_t parts = chip::lanes / Lanes::count;  // registers of a word's lanes

// F. Plain: see PreparedSetup; a half is then what is left of a float when ten bits stay behind its first, and adding
// and subtracting 2^13 times its power of two leaves them, rounded to even as floats are.
template <bool half, bool plain>
NORTHPOLE_TARGET_INLINE Floats rounded(Floats value) {
  if constexpr (half && plain) {
    const Floats large = Lanes::power_times_8192(value);
    return Lanes::subtract(Lanes::add(value, large), large);
  } else if constexpr (half) {
    return Lanes::to_half(value);
  }
  return value;
}

template <bool plain>
NORTHPOLE_TARGET_INLINE Floats clamped(Floats value, float lowest, float highest) {
  if constexpr (!plain) value = Lanes::number_or_zero(value);
  return Lanes::smaller(Lanes::larger(value, Lanes::all(lowest)), Lanes::all(highest));
}

template <bool half>
NORTHPOLE_TARGET_INLINE Floats hard_sigmoid(const isa::VectorFunction& f, Floats v) {
  const Floats scaled = rounded<half, false>(Lanes::multiply(Lanes::all(f.alpha), v));
  const Floats linear = rounded<half, false>(Lanes::add(scaled, Lanes::all(f.beta)));
  return Lanes::smaller(Lanes::larger(linear, Lanes::all(0.0f)), Lanes::all(1.0f));
}

// Step 4 on the lanes from `lane` on; `second`: the second operand's word, or null.
template <bool half, bool plain, VectorOperation operation>
NORTHPOLE_TARGET_INLINE Floats operate(const PreparedSetup& setup, Floats x, const std::uint8_t* second,
                                       std::uint32_t lane) {
  const isa::VectorFunction& f = setup.setup.function;
  const Floats ky = Lanes::all(f.ky);
  if constexpr (operation == VectorOperation::move || operation == VectorOperation::offset) {
    return x;
  } else {
    const Floats u = rounded<half, plain>(Lanes::multiply(x, Lanes::all(f.kx)));
    Floats s = Lanes::all(0.0f);
    if (f.second == VectorSecond::constant) {
      s = Lanes::load(setup.setup.constant.data() + lane);
    } else if (f.second == VectorSecond::memory) {
      s = Lanes::codes(second + lane, f.second_signed, f.second_zero);
      if constexpr (operation != VectorOperation::multiply) s = rounded<half, plain>(Lanes::multiply(s, ky));
    }
    if constexpr (operation == VectorOperation::scale) return u;
    if constexpr (operation == VectorOperation::add) return rounded<half, plain>(Lanes::add(u, s));
    if constexpr (operation == VectorOperation::subtract) return rounded<half, plain>(Lanes::subtract(u, s));
    if constexpr (operation == VectorOperation::reverse_subtract) return rounded<half, plain>(Lanes::subtract(s, u));
    if constexpr (operation == VectorOperation::multiply)
      return rounded<half, plain>(Lanes::multiply(f.second == VectorSecond::constant ? x : u, s));
    if constexpr (operation == VectorOperation::leaky_relu)
      return Lanes::where_negative(x, rounded<half, plain>(Lanes::multiply(x, ky)), u);
    if constexpr (operation == VectorOperation::hard_sigmoid)
      return rounded<half, plain>(Lanes::multiply(hard_sigmoid<half>(f, u), ky));
    if constexpr (operation == VectorOperation::hard_swish)
      return rounded<half, plain>(
          Lanes::multiply(rounded<half, plain>(Lanes::multiply(u, hard_sigmoid<half>(f, u))), ky));
    return u;
  }
}

// Step 5.
template <bool plain>
NORTHPOLE_TARGET_INLINE void store(const PreparedSetup& setup, Floats (&r)[parts], std::uint8_t* output) {
  for (Floats& part : r) part = clamped<plain>(part, setup.output_lowest, setup.output_highest);
  Lanes::store_word(r, setup.setup.function.output_zero, output);
}

template <bool half, bool plain, VectorOperation operation>
NORTHPOLE_TARGET void sums_rows(const PreparedSetup& setup, const std::int32_t* sums, std::uint32_t rows,
                                const std::uint8_t* arena, const std::uint32_t* seconds, std::uint8_t* output) {
  constexpr bool moves = operation == VectorOperation::move || operation == VectorOperation::offset;
  Lanes::Integers bias[parts];
  Floats scale[parts], offset[parts];
  for (std::uint32_t part = 0; part < parts; ++part) {
    bias[part] = Lanes::load(setup.setup.bias.data() + part * Lanes::count);
    scale[part] = Lanes::load(setup.setup.scale.data() + part * Lanes::count);
    offset[part] = Lanes::load(setup.setup.constant.data() + part * Lanes::count);
  }
  for (std::uint32_t row = 0; row < rows; ++row, sums += chip::lanes, output += chip::word_bytes) {
    const std::uint8_t* second = seconds ? arena + std::size_t{seconds[row]} * chip::word_bytes : nullptr;
    Floats r[parts];
    for (std::uint32_t part = 0; part < parts; ++part) {
      Floats x = Lanes::multiply(Lanes::sum_of(sums + part * Lanes::count, bias[part]), scale[part]);
      if constexpr (operation == VectorOperation::offset) x = Lanes::add(x, offset[part]);
      x = clamped<plain>(x, setup.middle_lowest, setup.middle_highest);
      // What is only stored is rounded there: between two clamps to integers it makes no difference when.
      if constexpr (!moves) x = Lanes::to_integer(x);
      r[part] = operate<half, plain, operation>(setup, x, second, part * Lanes::count);
    }
    store<plain || moves>(setup, r, output);
  }
}

template <bool half, bool plain, VectorOperation operation>
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
    Floats r[parts];
    for (std::uint32_t part = 0; part < parts; ++part) {
      const std::uint32_t lane = part * Lanes::count;
      const Floats x = Lanes::codes(source + lane, f.source_signed, f.source_zero);
      r[part] = operate<half, plain, operation>(setup, x, second, lane);
    }
    store<plain>(setup, r, output);
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
  if (!done) finish_sums_exactly(setup, sums, rows, arena, seconds, output);
}

void finish_words(const PreparedSetup& setup, const std::uint32_t* slots, std::uint32_t inputs, std::uint32_t rows,
                  const std::uint8_t* arena, const std::uint32_t* seconds, std::uint8_t* output) {
  const bool done = choose(setup, [&](auto half, auto plain, auto operation) {
    words_rows<half.value, plain.value, operation.value>(setup, slots, inputs, rows, arena, seconds, output);
  });
  if (!done) finish_words_exactly(setup, slots, inputs, rows, arena, seconds, output);
}
