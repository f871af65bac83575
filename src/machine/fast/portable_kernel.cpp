// Kernels in plain C++. Every vector setup that does not fit into floats comes here, whatever the processor.
#include <algorithm>
#include <cstring>

#include "machine/fast/kernel.h"
#include "machine/vector_arithmetic.h"

namespace northpole::machine::fast {
namespace {

void prepare_block(const std::uint8_t* lanes, std::int8_t* prepared) { std::memcpy(prepared, lanes, block_bytes); }

void pack(const std::uint8_t* arena, const std::uint32_t* slots, std::size_t count, bool is_signed,
          std::uint8_t* panel) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* word = arena + std::size_t{slots[i]} * chip::word_bytes;
    std::int16_t wide[chip::word_bytes];
    for (std::uint32_t j = 0; j < chip::word_bytes; ++j)
      wide[j] = is_signed ? static_cast<std::int8_t>(word[j]) : word[j];
    std::memcpy(panel + i * sizeof wide, wide, sizeof wide);
  }
}

void multiply(const std::uint8_t* panel, std::uint32_t rows, const std::uint32_t* blocks, std::uint32_t terms,
              const std::int8_t* weights, const std::int32_t* start, std::int32_t* sums, const std::uint32_t*) {
  for (std::uint32_t row = 0; row < rows; ++row) std::memcpy(sums + row * chip::lanes, start, chip::lanes * 4);
  for (std::uint32_t term = 0; term < terms; ++term) {
    const std::int8_t* block = weights + blocks[term] * block_bytes;
    for (std::uint32_t row = 0; row < rows; ++row) {
      std::int16_t activation[chip::word_bytes];
      std::memcpy(activation, panel + (std::size_t{term} * rows + row) * sizeof activation, sizeof activation);
      for (std::uint32_t lane = 0; lane < chip::lanes; ++lane) {
        std::int32_t total = 0;
        for (std::uint32_t i = 0; i < chip::word_bytes; ++i)
          total += activation[i] * block[lane * chip::word_bytes + i];
        std::int32_t& sum = sums[row * chip::lanes + lane];
        sum = static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) + static_cast<std::uint32_t>(total));
      }
    }
  }
}

// Steps 3 to 5 of a vector event.
void finish_exactly(const PreparedSetup& setup, const std::int32_t* x, const std::uint8_t* second,
                    std::uint8_t* output) {
  const isa::VectorFunction& function = setup.setup.function;
  std::int32_t y[chip::lanes];
  if (second != nullptr) load_codes(second, function.second_signed, function.second_zero, y);
  apply(function, setup.precision, x, y, setup.setup.constant.data(), output);
}

void finish_sums(const PreparedSetup& setup, const std::int32_t* sums, std::uint32_t rows, const std::uint8_t* arena,
                 const std::uint32_t* seconds, std::uint8_t* output) {
  const isa::VectorFunction& function = setup.setup.function;
  for (std::uint32_t row = 0; row < rows; ++row) {
    std::int32_t x[chip::lanes];
    const bool has_offset = function.operation == isa::VectorOperation::offset;
    requantize(sums + row * chip::lanes, setup.setup.bias.data(), setup.setup.scale.data(),
               has_offset ? setup.setup.constant.data() : nullptr, function.middle_lowest, function.middle_highest, x);
    finish_exactly(setup, x, seconds ? arena + std::size_t{seconds[row]} * chip::word_bytes : nullptr,
                   output + row * chip::word_bytes);
  }
}

void finish_words(const PreparedSetup& setup, const std::uint32_t* slots, std::uint32_t inputs, std::uint32_t rows,
                  const std::uint8_t* arena, const std::uint32_t* seconds, std::uint8_t* output) {
  const isa::VectorFunction& function = setup.setup.function;
  for (std::uint32_t row = 0; row < rows; ++row) {
    std::int32_t largest[chip::lanes], x[chip::lanes];
    for (std::uint32_t i = 0; i < inputs; ++i) {
      load_codes(arena + std::size_t{slots[row * inputs + i]} * chip::word_bytes, function.source_signed,
                 function.source_zero, x);
      for (std::uint32_t l = 0; l < chip::lanes; ++l) largest[l] = i == 0 ? x[l] : std::max(largest[l], x[l]);
    }
    finish_exactly(setup, largest, seconds ? arena + std::size_t{seconds[row]} * chip::word_bytes : nullptr,
                   output + row * chip::word_bytes);
  }
}

}  // namespace

Products portable_products() { return {4, 64, false, prepare_block, pack, multiply}; }

VectorUnit exact_vector_unit() { return {finish_sums, finish_words}; }

}  // namespace northpole::machine::fast
