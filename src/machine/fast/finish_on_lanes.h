// The vector unit's work in floats, written once for every width of register. No header of its own: a kernel's file
// includes it inside its namespaces, after `Lanes` (what a register of floats can do), NORTHPOLE_TARGET and
// NORTHPOLE_TARGET_INLINE (the instruction set of its functions). Gives finish_sums and finish_words of a Kernel.
// PreparedSetup::in_floats says where this is the exact rule; elsewhere the exact code runs.

using isa::VectorOperation;
using isa::VectorSecond;
using Floats = Lanes::Floats;

constexpr std::uint32_t parts = chip::lanes / Lanes::count;  // registers of a word's lanes
#define NORTHPOLE_EACH_PART _Pragma("GCC unroll 4") for (std::uint32_t part = 0; part < parts; ++part)

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

// Numbers of a setup in registers while rows pass: bytes that are stored might otherwise be the setup's own.
struct Spread {
  Floats kx, ky, middle_lowest, middle_highest, output_lowest, output_highest;
  Lanes::Integers bias[parts];
  Floats scale[parts], constant[parts];
  VectorSecond second;
  bool second_signed;
  std::int32_t second_zero, output_zero;
};

NORTHPOLE_TARGET_INLINE Spread spread(const PreparedSetup& setup) {
  const isa::VectorFunction& f = setup.setup.function;
  Spread result;
  result.kx = Lanes::all(f.kx), result.ky = Lanes::all(f.ky);
  result.middle_lowest = Lanes::all(setup.middle_lowest), result.middle_highest = Lanes::all(setup.middle_highest);
  result.output_lowest = Lanes::all(setup.output_lowest), result.output_highest = Lanes::all(setup.output_highest);
  NORTHPOLE_EACH_PART {
    result.bias[part] = Lanes::load(setup.setup.bias.data() + part * Lanes::count);
    result.scale[part] = Lanes::load(setup.setup.scale.data() + part * Lanes::count);
    result.constant[part] = Lanes::load(setup.setup.constant.data() + part * Lanes::count);
  }
  result.second = f.second, result.second_signed = f.second_signed;
  result.second_zero = f.second_zero, result.output_zero = f.output_zero;
  return result;
}

template <bool plain>
NORTHPOLE_TARGET_INLINE Floats clamped(Floats value, Floats lowest, Floats highest) {
  if constexpr (!plain) value = Lanes::number_or_zero(value);
  return Lanes::smaller(Lanes::larger(value, lowest), highest);
}

template <bool half>
NORTHPOLE_TARGET_INLINE Floats hard_sigmoid(const isa::VectorFunction& f, Floats v) {
  const Floats scaled = rounded<half, false>(Lanes::multiply(Lanes::all(f.alpha), v));
  const Floats linear = rounded<half, false>(Lanes::add(scaled, Lanes::all(f.beta)));
  return Lanes::smaller(Lanes::larger(linear, Lanes::all(0.0f)), Lanes::all(1.0f));
}

// Step 4 on a register of lanes; `second`: the second operand's word, or null.
template <bool half, bool plain, VectorOperation operation>
NORTHPOLE_TARGET_INLINE Floats operate(const Spread& own, const isa::VectorFunction& f, Floats x,
                                       const std::uint8_t* second, std::uint32_t part) {
  if constexpr (operation == VectorOperation::move || operation == VectorOperation::offset) {
    return x;
  } else {
    const Floats u = rounded<half, plain>(Lanes::multiply(x, own.kx));
    Floats s = Lanes::all(0.0f);
    if (own.second == VectorSecond::constant) {
      s = own.constant[part];
    } else if (own.second == VectorSecond::memory) {
      s = Lanes::codes(second + part * Lanes::count, own.second_signed, own.second_zero);
      if constexpr (operation != VectorOperation::multiply) s = rounded<half, plain>(Lanes::multiply(s, own.ky));
    }
    if constexpr (operation == VectorOperation::scale) return u;
    if constexpr (operation == VectorOperation::add) return rounded<half, plain>(Lanes::add(u, s));
    if constexpr (operation == VectorOperation::subtract) return rounded<half, plain>(Lanes::subtract(u, s));
    if constexpr (operation == VectorOperation::reverse_subtract) return rounded<half, plain>(Lanes::subtract(s, u));
    if constexpr (operation == VectorOperation::multiply)
      return rounded<half, plain>(Lanes::multiply(own.second == VectorSecond::constant ? x : u, s));
    if constexpr (operation == VectorOperation::leaky_relu)
      return Lanes::where_negative(x, rounded<half, plain>(Lanes::multiply(x, own.ky)), u);
    if constexpr (operation == VectorOperation::hard_sigmoid)
      return rounded<half, plain>(Lanes::multiply(hard_sigmoid<half>(f, u), own.ky));
    if constexpr (operation == VectorOperation::hard_swish) {
      const Floats swish = rounded<half, plain>(Lanes::multiply(u, hard_sigmoid<half>(f, u)));
      return rounded<half, plain>(Lanes::multiply(swish, own.ky));
    }
    return u;
  }
}

// Step 5.
template <bool plain>
NORTHPOLE_TARGET_INLINE void store(const Spread& own, Floats (&r)[parts], std::uint8_t* output) {
  NORTHPOLE_EACH_PART r[part] = clamped<plain>(r[part], own.output_lowest, own.output_highest);
  Lanes::store_word(r, own.output_zero, output);
}

template <bool half, bool plain, VectorOperation operation>
NORTHPOLE_TARGET void sums_rows(const PreparedSetup& setup, const std::int32_t* sums, std::uint32_t rows,
                                const std::uint8_t* arena, const std::uint32_t* seconds, std::uint8_t* output) {
  constexpr bool moves = operation == VectorOperation::move || operation == VectorOperation::offset;
  const Spread own = spread(setup);
  for (std::uint32_t row = 0; row < rows; ++row, sums += chip::lanes, output += chip::word_bytes) {
    const std::uint8_t* second = seconds ? arena + std::size_t{seconds[row]} * chip::word_bytes : nullptr;
    Floats r[parts];
    NORTHPOLE_EACH_PART {
      Floats x = Lanes::multiply(Lanes::sum_of(sums + part * Lanes::count, own.bias[part]), own.scale[part]);
      if constexpr (operation == VectorOperation::offset) x = Lanes::add(x, own.constant[part]);
      x = clamped<plain>(x, own.middle_lowest, own.middle_highest);
      // What is only stored is rounded there: between two clamps to integers it makes no difference when.
      if constexpr (!moves) x = Lanes::to_integer(x);
      r[part] = operate<half, plain, operation>(own, setup.setup.function, x, second, part);
    }
    store<plain || moves>(own, r, output);
  }
}

template <bool half, bool plain, VectorOperation operation>
NORTHPOLE_TARGET void words_rows(const PreparedSetup& setup, const std::uint32_t* slots, std::uint32_t inputs,
                                 std::uint32_t rows, const std::uint8_t* arena, const std::uint32_t* seconds,
                                 std::uint8_t* output) {
  const isa::VectorFunction& f = setup.setup.function;
  const Spread own = spread(setup);
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
    NORTHPOLE_EACH_PART {
      const Floats x = Lanes::codes(source + part * Lanes::count, f.source_signed, f.source_zero);
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
  if (!done) finish_sums_exactly(setup, sums, rows, arena, seconds, output);
}

void finish_words(const PreparedSetup& setup, const std::uint32_t* slots, std::uint32_t inputs, std::uint32_t rows,
                  const std::uint8_t* arena, const std::uint32_t* seconds, std::uint8_t* output) {
  const bool done = choose(setup, [&](auto half, auto plain, auto operation) {
    words_rows<half.value, plain.value, operation.value>(setup, slots, inputs, rows, arena, seconds, output);
  });
  if (!done) finish_words_exactly(setup, slots, inputs, rows, arena, seconds, output);
}

#undef NORTHPOLE_EACH_PART
