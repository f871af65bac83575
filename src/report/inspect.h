// A program's instructions as readable assembly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "isa/instruction.h"
#include "program/program.h"

namespace northpole::report {

struct InspectOptions {
  std::optional<std::uint32_t> core;  // default: every different program once, with the cores that run it
  std::optional<isa::Thread> thread;  // default: all
  std::string layer;                  // only programs in whose cycles a layer with this in its name works; empty: all
  std::optional<std::uint32_t> edge;  // the instructions of this row's edge unit instead
};

// Without core, thread, layer and edge: a list of the segments with their cycles and programs. As text for people or as
// JSON (docs/command-line.md lists the keys). Throws northpole::Error for a core or row that the chip does not have,
// and for a layer that no segment belongs to.
std::string inspect_text(const program::Program& program, const InspectOptions& options = {});
std::string inspect_json(const program::Program& program, const InspectOptions& options = {});

// Throws northpole::Error naming the eight.
isa::Thread thread_named(const std::string& name);

}  // namespace northpole::report
