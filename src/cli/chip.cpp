// northpole chip
#include <fmt/format.h>

#include "chip/chip_description.h"
#include "command.h"

namespace northpole::cli {

void add_chip(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand(
      "chip", "The chip description of the published chip as JSON, to change and give to compile --chip");
  command->callback([] { fmt::print("{}\n", chip::to_json({})); });
}

}  // namespace northpole::cli
