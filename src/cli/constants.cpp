// northpole constants
#include <fmt/format.h>

#include "command.h"
#include "energy/constants_text.h"

namespace northpole::cli {

void add_constants(CLI::App& app, int&) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "constants",
      "Every constant of the energy model: value, source, scaling, confidence; the tables of docs/energy.md");
  command->add_flag("--json", *json, "print JSON");
  command->callback([json] { fmt::print("{}", *json ? energy::constants_json() + "\n" : energy::constants_text()); });
}

}  // namespace northpole::cli
