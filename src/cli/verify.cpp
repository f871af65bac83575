// northpole verify FILE
#include "northpole/verify.h"

#include <fmt/format.h>

#include "chip/difference.h"
#include "command.h"
#include "network/error.h"
#include "options.h"
#include "program/program_file.h"
#include "progress.h"

namespace northpole::cli {
namespace {

struct Arguments {
  std::string file, chip;
  bool json = false;
};

int verify(const Arguments& arguments) {
  const program::Program program = program::read_program(arguments.file);
  if (const auto chip = chip_of(arguments.chip)) {
    const std::string different = chip::difference(program.chip, "the program", *chip, "the given chip");
    if (!different.empty()) throw Error(fmt::format("{}: made for another chip: {}", arguments.file, different));
  }
  verify::Result result;
  {
    Progress progress("verifying");
    verify::Options options;
    options.progress = [&](std::uint64_t done, std::uint64_t all) {
      progress.show(static_cast<std::int64_t>(done), static_cast<std::int64_t>(all));
    };
    result = verify::verify(program, options);
  }
  if (arguments.json) {
    fmt::print("{}\n", report::to_json(result));
  } else {
    fmt::print("{}: {}", arguments.file, report::to_text(result));
  }
  return result.ok ? exit_ok : exit_error;
}

}  // namespace

void add_verify(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "verify", "Prove from the program alone that it is sound on every cycle, or show its first fault (exit code 1)");
  command->add_option("file", arguments->file, "program file")->required()->type_name("FILE");
  add_chip_file(*command, arguments->chip, "refuse a program that is not for this chip");
  command->add_flag("--json", arguments->json, "print JSON");
  command->callback([arguments, &exit_code] { exit_code = verify(*arguments); });
}

}  // namespace northpole::cli
