#include "energy/space.h"

#include <cmath>

// The published sums apart, every figure here is chosen: what is usual for the technology, with no source of its own.
// The parts' `source` says so, `northpole constants` and docs/energy.md print it.
namespace northpole::energy {
namespace {

constexpr double transistors_of_bit = 6;
// Decoders, sense amplifiers, redundancy and error correction beside the cells.
constexpr double memory_overhead = 1.1;
// Cell of the high-density 6T SRAM of the 14 / 12 nm generation, 0.064 um2, of which arrays fill about six tenths.
constexpr double square_millimetres_of_bit = 0.064e-6 / 0.6;

constexpr double multiplier_transistors = 3000;  // 8 x 8 bit that splits into 4 x 4 and 2 x 2: array, signs, registers
constexpr double adder_bit_transistors = 28;     // a full adder; with its register as much again
constexpr double fp16_transistors = 15000;       // a multiply-add with its share of operand selection
constexpr double exponential_transistors = 40000;
constexpr double link_bit_transistors = 60;  // register, selection of the way, driver

struct Sizes {
  double memory, frame, buffers, vmm, vector, networks;
};

// Bits of the first three, transistors of the others.
Sizes sizes_of(const chip::ChipDescription& chip) {
  const double cores = chip.cores(), word_bits = chip::word_bytes * 8;
  Sizes sizes{};
  sizes.memory = cores * chip.memory_words() * word_bits;
  sizes.frame = double{1} * chip.rows * chip.frame_words_per_row * word_bits;
  sizes.buffers =
      cores * (chip.weight_blocks * chip::block_words * word_bits + chip.partial_sums * 32.0 * chip::lanes +
               2 * chip.program_words * word_bits + 2 * chip.parameters * 32.0 + chip.constant_words * word_bits);
  const double products = chip::lanes * chip::word_bytes;  // of 8 bit
  sizes.vmm = cores * (products * (multiplier_transistors + 2 * adder_bit_transistors * 20) +
                       chip::lanes * 2 * adder_bit_transistors * 32);
  sizes.vector = cores * (256 * fp16_transistors + 32 * exponential_transistors);
  // A direction: model, partial-sum, activation and instruction network; 1,024 + 512 + 256 + 256 on the published chip.
  const double link_bits = word_bits * chip.model_lanes + 32.0 * chip::lanes / chip.partial_sum_link_cycles +
                           2 * word_bits / chip.word_link_cycles;
  sizes.networks = cores * 4 * link_bits * link_bit_transistors;
  return sizes;
}

double memory_transistors(double bits) { return bits * transistors_of_bit * memory_overhead; }

double counted(const Sizes& sizes) {
  return memory_transistors(sizes.memory + sizes.frame + sizes.buffers) + sizes.vmm + sizes.vector + sizes.networks;
}

}  // namespace

Space space_of(const chip::ChipDescription& chip) {
  const chip::ChipDescription published;
  const Sizes reference = sizes_of(published), sizes = sizes_of(chip);
  const double rest_of_core = (published_transistors - counted(reference)) / published.cores();
  const double memory_bits = reference.memory + reference.frame + reference.buffers;
  const double area_of_logic = (published_square_millimetres - memory_bits * square_millimetres_of_bit) /
                               (published_transistors - memory_transistors(memory_bits));
  Space space;
  const auto memory = [&](const char* key, const char* text, double bits) {
    space.parts.push_back({key, text, memory_transistors(bits), bits * square_millimetres_of_bit,
                           "its bits x 6 transistors, a tenth more for what is beside the cells; 0.064 um2 a cell "
                           "(14 / 12 nm, high density), arrays six tenths full",
                           "medium"});
  };
  const auto logic = [&](const char* key, const char* text, double transistors, const char* source) {
    space.parts.push_back({key, text, transistors, transistors * area_of_logic, source, "low"});
  };
  memory("memory", "core memories", sizes.memory);
  memory("frame_buffer", "frame buffer", sizes.frame);
  memory("buffers", "weight, partial-sum, program buffers, registers", sizes.buffers);
  logic("vmm", "vector-matrix units", sizes.vmm,
        "chosen: 3,000 transistors a multiplier of 8 x 8 bit, 56 a bit of adder and register");
  logic("vector", "vector units", sizes.vector, "chosen: 15,000 transistors an FP16 operation, 40,000 an exponential");
  logic("networks", "networks' routers and drivers", sizes.networks, "chosen: 60 transistors a bit of a link");
  logic("rest", "control, clock, test, host interface", rest_of_core * chip.cores(),
        "what is left of the published 22 billion transistors and 800 mm2, shared by cores");
  for (const SpacePart& part : space.parts) {
    space.transistors += part.transistors;
    space.square_millimetres += part.square_millimetres;
  }
  const double frame = space.parts[1].square_millimetres;
  space.core_pitch_millimetres = std::sqrt((space.square_millimetres - frame) / chip.cores());
  return space;
}

}  // namespace northpole::energy
