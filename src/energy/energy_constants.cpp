#include "energy/energy_constants.h"

#include <cmath>

namespace northpole::energy {
namespace {

constexpr const char* horowitz =
    "M. Horowitz, \"Computing's energy problem\", ISSCC 2014, doi:10.1109/ISSCC.2014.6757323";
constexpr const char* node_45 = "45 nm, 0.9 V";

constexpr std::array<ConstantInfo, constant_count> table = {{
    {"multiply_int8", "multiplication of two 8-bit integers", 0.2, "pJ", node_45, horowitz, Scaling::logic,
     Confidence::high, true},
    {"add_int32", "addition of two 32-bit integers; other widths in proportion", 0.1, "pJ", node_45, horowitz,
     Scaling::logic, Confidence::high, true},
    {"multiply_fp16", "multiplication of two FP16 numbers", 1.1, "pJ", node_45, horowitz, Scaling::logic,
     Confidence::high, true},
    {"add_fp16", "addition of two FP16 numbers", 0.4, "pJ", node_45, horowitz, Scaling::logic, Confidence::high, true},
    {"multiply_fp32", "multiplication of two FP32 numbers", 3.7, "pJ", node_45, horowitz, Scaling::logic,
     Confidence::high, true},
    {"add_fp32", "addition of two FP32 numbers; a conversion counts as one", 0.9, "pJ", node_45, horowitz,
     Scaling::logic, Confidence::high, true},
    {"operand_registers", "registers of operands and sums that go with a multiply-accumulate", 3,
     "multiply-accumulates", "65 nm, a ratio",
     "Y.-H. Chen, J. Emer, V. Sze, \"Eyeriss\", ISCA 2016, doi:10.1109/ISCA.2016.40: a register file's access costs as "
     "much as a "
     "multiply-accumulate, which has two operands and a sum",
     Scaling::none, Confidence::medium, false},
    {"memory_8k", "64 bits read or written, memory of 8 KiB", 10, "pJ", node_45, horowitz, Scaling::logic,
     Confidence::medium, true},
    {"memory_32k", "64 bits read or written, memory of 32 KiB", 20, "pJ", node_45, horowitz, Scaling::logic,
     Confidence::medium, true},
    {"memory_1m", "64 bits read or written, memory of 1 MiB", 100, "pJ", node_45, horowitz, Scaling::logic,
     Confidence::medium, true},
    {"wire", "a bit over a millimetre of wire (256 bits over 10 mm: 310 pJ)", 0.121, "pJ/bit/mm", "40 nm, 0.9 V",
     "S. Keckler et al., \"GPUs and the future of parallel computing\", IEEE Micro 31(5), 2011, doi:10.1109/MM.2011.89",
     Scaling::wire, Confidence::medium, true},
    {"exponential", "exponential and division: about ten FP16 multiply-adds of a polynomial", 15, "pJ", node_45,
     "chosen: ten times multiply and add of FP16 (Horowitz)", Scaling::logic, Confidence::low, true},
    {"instruction_issue", "loop counters and four 16-bit addresses of an event", 0.4, "pJ", node_45,
     "chosen: eight 16-bit additions (Horowitz, in proportion)", Scaling::logic, Confidence::low, true},
    {"host_link", "a bit over the host link, both ends of the chip's side", 6, "pJ/bit", "PCIe Gen3 transceivers",
     "chosen: usual for serial links of that generation", Scaling::none, Confidence::low, false},
    {"leakage", "leakage of a square millimetre while powered", 10, "mW/mm2", "12 nm, 0.8 V, warm",
     "chosen: usual for FinFET chips of 16 to 12 nm, 5 to 20 mW/mm2", Scaling::none, Confidence::low, false},
    {"clock", "clock tree and registers of a square millimetre for a cycle", 40, "pJ/mm2/cycle", "12 nm, 0.8 V",
     "chosen: with leakage a quarter to a third of the published 74 W, the usual share of a clock", Scaling::none,
     Confidence::low, false},
}};

// a2 V^2 + a1 V + a0 of Stillmaker and Baas, table of energy coefficients, high performance.
constexpr double energy_at(double a2, double a1, double a0, double volt) { return a2 * volt * volt + a1 * volt + a0; }
constexpr double volt_45 = 0.9, volt_12 = 0.8;
// The chip's 12 nm is a half-node of the 14 nm generation, the nearest that the equations have.
constexpr double logic_factor =
    energy_at(0.2363, -0.09675, 0.02239, volt_12) / energy_at(1.018, -0.3107, 0.1539, volt_45);
constexpr double wire_factor = volt_12 * volt_12 / (volt_45 * volt_45);

double unit_of(const std::string& unit) {
  if (unit == "pJ") return 1e-12;
  if (unit == "pJ/bit") return 1e-12;
  if (unit == "pJ/bit/mm") return 1e-12 / 1e-3;
  if (unit == "mW/mm2") return 1e-3 / 1e-6;
  if (unit == "pJ/mm2/cycle") return 1e-12 / 1e-6;
  return 1;  // a ratio
}

}  // namespace

const ConstantInfo& info(Constant constant) { return table[static_cast<std::size_t>(constant)]; }

const char* name(Scaling scaling) {
  return scaling == Scaling::logic ? "transistors" : scaling == Scaling::wire ? "wires" : "none";
}
const char* name(Confidence confidence) {
  return confidence == Confidence::high ? "high" : confidence == Confidence::medium ? "medium" : "low";
}

double factor(Scaling scaling) {
  return scaling == Scaling::logic ? logic_factor : scaling == Scaling::wire ? wire_factor : 1;
}

const char* rule(Scaling scaling) {
  switch (scaling) {
    case Scaling::logic:
      return "energy in proportion to a2 V^2 + a1 V + a0, 45 nm at 0.9 V to 14 nm (the generation of 12 nm) at 0.8 V: "
             "A. Stillmaker, B. Baas, Integration 58, 2017, doi:10.1016/j.vlsi.2017.02.002, table of energy "
             "coefficients: "
             "1.018, -0.3107, 0.1539 at 45 nm, 0.2363, -0.09675, 0.02239 at 14 nm (high performance)";
    case Scaling::wire:
      return "capacitance a millimetre hardly changes from node to node, so the square of the voltage, 0.9 V to 0.8 V: "
             "S. Keckler et al., IEEE Micro 31(5), 2011, doi:10.1109/MM.2011.89";
    case Scaling::none:
      return "given for the chip's own technology";
  }
  return "";
}

Constants published_constants() {
  Constants constants;
  for (std::size_t i = 0; i < constant_count; ++i)
    constants.value[i] = table[i].published * unit_of(table[i].unit) * factor(table[i].scaling);
  return constants;
}

double memory_access(const Constants& constants, double bytes) {
  constexpr double small = 8192, middle = 32768, large = 1048576;
  const double at_small = constants[Constant::memory_8k], at_middle = constants[Constant::memory_32k],
               at_large = constants[Constant::memory_1m];
  const auto along = [&](double size, double at, double other_size, double at_other) {
    return at * std::pow(bytes / size, std::log(at_other / at) / std::log(other_size / size));
  };
  if (bytes <= small) return at_small * std::sqrt(bytes / small);
  return bytes <= middle ? along(small, at_small, middle, at_middle) : along(middle, at_middle, large, at_large);
}

std::array<double, event_kinds> event_joules(const chip::ChipDescription& chip, const Constants& constants,
                                             double hop_metres) {
  std::array<double, event_kinds> joules{};
  const auto at = [&](Event event) -> double& { return joules[static_cast<std::size_t>(event)]; };
  const double add_bit = constants[Constant::add_int32] / 32;
  for (const std::uint32_t a : {8u, 4u, 2u}) {
    for (const std::uint32_t w : {8u, 4u, 2u}) {
      if (w > a) continue;
      // Products of a + w bits; sums of a word's products have about five bits more.
      at(multiply_accumulate(a, w)) = (constants[Constant::multiply_int8] * a * w / 64 + add_bit * (a + w + 5)) *
                                      (1 + constants[Constant::operand_registers]);
    }
  }
  at(Event::accumulator_update) = constants[Constant::add_int32];
  at(Event::partial_sum_addition) = constants[Constant::add_int32];
  at(Event::requantization) =
      constants[Constant::add_int32] + constants[Constant::multiply_fp32] + 2 * constants[Constant::add_fp32];
  const bool half = chip.vector_precision == chip::VectorPrecision::fp16;
  const double add = constants[half ? Constant::add_fp16 : Constant::add_fp32],
               multiply = constants[half ? Constant::multiply_fp16 : Constant::multiply_fp32];
  at(Event::vector_operation) = (add + multiply) / 2;
  at(Event::output_rounding) = add;
  at(Event::activation_function) = constants[Constant::exponential];

  const auto byte_of = [&](double bytes) { return memory_access(constants, bytes) / 8; };
  constexpr double word = chip::word_bytes;
  at(Event::memory_read) = at(Event::memory_write) = byte_of(chip.bank_words * word);
  // Both lie lane by lane next to the multipliers: 32 small memories each.
  at(Event::weight_buffer_read) = at(Event::weight_buffer_write) = byte_of(chip.weight_blocks * word);
  at(Event::partial_sum_buffer_read) = at(Event::partial_sum_buffer_write) = byte_of(chip.partial_sums * 4.0);
  at(Event::constant_register_read) = at(Event::constant_register_write) = byte_of(chip.constant_words * word);
  at(Event::program_buffer_read) = at(Event::program_buffer_write) = byte_of(2 * chip.program_words * word);
  at(Event::parameter_register_write) = byte_of(2.0 * chip.parameters * 4);
  at(Event::frame_buffer_read) = at(Event::frame_buffer_write) = byte_of(chip.frame_words_per_row * word);

  const double hop = constants[Constant::wire] * 8 * hop_metres;
  for (const Event event :
       {Event::activation_network, Event::partial_sum_network, Event::model_network, Event::instruction_network})
    at(event) = hop;
  at(Event::instruction_issue) = constants[Constant::instruction_issue];
  at(Event::host_input) = at(Event::host_output) = 8 * constants[Constant::host_link];
  return joules;
}

const char* composition(Event event) {
  switch (event) {
    case Event::accumulator_update:
    case Event::partial_sum_addition:
      return "add_int32";
    case Event::requantization:
      return "add_int32 + multiply_fp32 + 2 add_fp32 (conversions)";
    case Event::vector_operation:
      return "mean of add and multiply of the vector precision";
    case Event::activation_function:
      return "exponential";
    case Event::output_rounding:
      return "add of the vector precision";
    case Event::memory_read:
    case Event::memory_write:
      return "memory of a bank's size";
    case Event::weight_buffer_read:
    case Event::weight_buffer_write:
    case Event::partial_sum_buffer_read:
    case Event::partial_sum_buffer_write:
      return "memory of a lane's share (1/32 of the buffer)";
    case Event::constant_register_read:
    case Event::constant_register_write:
    case Event::parameter_register_write:
    case Event::program_buffer_read:
    case Event::program_buffer_write:
      return "memory of its size";
    case Event::frame_buffer_read:
    case Event::frame_buffer_write:
      return "memory of a row's share";
    case Event::activation_network:
    case Event::partial_sum_network:
    case Event::model_network:
    case Event::instruction_network:
      return "wire x 8 bits x the pitch of the cores";
    case Event::instruction_issue:
      return "instruction_issue";
    case Event::host_input:
    case Event::host_output:
      return "host_link x 8 bits";
    default:
      return "(multiply_int8 x widths / 64 + add_int32 x (sum of widths + 5) / 32) x (1 + operand_registers)";
  }
}

}  // namespace northpole::energy
