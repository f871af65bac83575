// What the events of a run cost, and what the chip costs while time passes: each constant with its value as published,
// where that stands, how it is brought to 12 nm, and how far to trust it. docs/energy.md is this table as a page.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "chip/chip_description.h"
#include "energy/event.h"

namespace northpole::energy {

enum class Constant : std::uint8_t {
  multiply_int8,
  add_int32,
  multiply_fp16,
  add_fp16,
  multiply_fp32,
  add_fp32,
  operand_registers,
  memory_8k,   // an access of 64 bit to a memory of 8 KiB ...
  memory_32k,  // ... 32 KiB
  memory_1m,   // ... 1 MiB
  wire,        // a bit over a millimetre
  exponential,
  instruction_issue,
  host_link,
  leakage,
  clock,
};
inline constexpr std::size_t constant_count = static_cast<std::size_t>(Constant::clock) + 1;

enum class Scaling : std::uint8_t {
  logic,  // transistors: Stillmaker and Baas 2017
  wire,   // capacitance a millimetre stays, so the square of the voltage
  none,   // given for 12 nm or not of the chip's core
};
enum class Confidence : std::uint8_t { high, medium, low };

struct ConstantInfo {
  const char* key;
  const char* text;
  double published;  // in `unit`
  const char* unit;
  const char* at;      // technology and voltage of the published value
  const char* source;  // author, title, year; or why it was chosen
  Scaling scaling;
  Confidence confidence;
  bool calibrated;  // whether the calibration's factor (energy/calibration.h) applies
};
const ConstantInfo& info(Constant constant);
const char* name(Scaling scaling);
const char* name(Confidence confidence);
// Of published energies; 1 for none. Stillmaker and Baas, "Scaling equations for the accurate prediction of CMOS device
// performance from 180 nm to 7 nm", Integration 58, 2017: energy is proportional to a2 V^2 + a1 V + a0.
double factor(Scaling scaling);
const char* rule(Scaling scaling);  // the rule in a sentence, with its source

// Values at 12 nm, before calibration, in SI units: joules, joules a bit and metre, watts or joules a square metre.
struct Constants {
  std::array<double, constant_count> value{};
  double& operator[](Constant constant) { return value[static_cast<std::size_t>(constant)]; }
  double operator[](Constant constant) const { return value[static_cast<std::size_t>(constant)]; }
};
Constants published_constants();

// Joules for 64 bits of a memory of so many bytes: along a power law through the nearest two published sizes, below the
// smallest with the square root of the size, as Horowitz's sizes have it.
double memory_access(const Constants& constants, double bytes);

// Joules of each kind of event on this chip before calibration. `hop_metres`: a link's length (energy/space.h).
std::array<double, event_kinds> event_joules(const chip::ChipDescription& chip, const Constants& constants,
                                             double hop_metres);
// How an event's energy is made of constants, in words: "multiply int8 x widths / 64, ...".
const char* composition(Event event);

}  // namespace northpole::energy
