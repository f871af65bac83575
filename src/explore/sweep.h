// Which chips to try: axes, each a key of the chip description (or a word for several) and values for it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "chip/chip_description.h"

namespace northpole::explore {

// Keys: those of the chip description (chip/chip_description_text.h), and
//   array   ROWSxCOLUMNS
//   memory  KiB of a core's memory, over the banks that there are
//   batch   frames of a run
struct Axis {
  std::string key;
  std::vector<std::string> values;
};

// "clock_megahertz=200,400". Throws northpole::Error for an unknown key, a value that the key does not take, the same
// value twice.
Axis axis_of(const std::string& text);

// Arrays, memories and clocks around the published chip: 60 chips.
std::vector<Axis> default_axes();

struct Point {
  std::uint32_t network = 0;  // index of the network
  chip::ChipDescription chip;
  std::uint32_t frames = 1;
  std::vector<std::pair<std::string, std::string>> settings;  // key and value on each axis
};

// Every combination: networks outermost, then the axes as given, the last one fastest. Throws northpole::Error for a
// key that is given twice, combinations that no chip description allows, more than 100,000 points.
std::vector<Point> points_of(std::uint32_t networks, const std::vector<Axis>& axes, const chip::ChipDescription& base,
                             std::uint32_t frames);

}  // namespace northpole::explore
