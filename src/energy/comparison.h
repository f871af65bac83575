// The published table beside the model's own figures, for the terminal, for programs and for the HTML report.
#pragma once

#include <string>
#include <vector>

#include "energy/energy.h"
#include "energy/language_model.h"
#include "energy/published.h"
#include "energy/space.h"
#include "energy/time.h"

namespace northpole::energy {

// A program of this compiler, by the model.
struct ModelledMachine {
  std::string network;
  std::string format;  // "4 x 4 bit 96 %, 8 x 8 bit 4 %": shares of the multiply-accumulates
  std::uint64_t frames = 1;
  Energy energy;
  Time time;
  Space space;
  // Runs one after another as fast as chip and host link allow.
  double frames_per_second() const { return time.frames_per_second(); }
  double watts() const { return energy.watts_at(frames_per_second()); }
  double frames_per_joule() const { return watts() == 0 ? 0 : frames_per_second() / watts(); }
};
ModelledMachine model_of(const program::Program& program);
ModelledMachine model_of(const program::Program& program, const EventCounts& counts);

struct Comparison {
  std::vector<ModelledMachine> modelled;
  std::vector<LanguageModelCheck> language;
};
Comparison compare(std::vector<ModelledMachine> modelled);

// At most 100 columns wide; published and modelled figures in tables of their own.
std::string to_text(const Comparison& comparison);
// docs/command-line.md lists the keys.
std::string to_json(const Comparison& comparison);

}  // namespace northpole::energy
