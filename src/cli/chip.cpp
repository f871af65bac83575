// northpole chip
#include <fmt/format.h>

#include "chip/chip_description.h"
#include "chip/chip_description_text.h"
#include "command.h"

namespace northpole::cli {

void add_chip(CLI::App& app, int&) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "chip", "The chip description of the published chip with a comment on every line, to change and give to --chip");
  command->add_flag("--json", *json, "print it as JSON without comments");
  command->callback([json] { fmt::print("{}", *json ? chip::to_json({}) : chip::to_text({})); });
}

}  // namespace northpole::cli
