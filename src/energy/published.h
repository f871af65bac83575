// Published figures to compare with: each with its source and number format, and where sources disagree. Nothing of the
// model's own is in here.
#pragma once

#include <string>
#include <vector>

namespace northpole::energy {

struct PublishedFigure {
  double value = 0;  // 0: not published
  const char* source = "";
};

// A machine on ResNet-50.
struct PublishedMachine {
  const char* name;
  const char* technology;
  const char* format;  // of numbers
  PublishedFigure frames_per_second, watts, frames_per_joule;
  // What frames/s and watts make of it; 0 where either is not published.
  double derived_frames_per_joule() const { return watts.value == 0 ? 0 : frames_per_second.value / watts.value; }
};
const std::vector<PublishedMachine>& published_machines();

// How many times better or more.
struct PublishedRatio {
  const char* subject;
  const char* what;
  double times;
  const char* source;
};
const std::vector<PublishedRatio>& published_ratios();

// Sentences about figures that do not agree with each other, by arithmetic on the above.
std::vector<std::string> disagreements();

}  // namespace northpole::energy
