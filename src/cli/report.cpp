// northpole report FILE
#include "northpole/report.h"

#include <fmt/format.h>

#include "command.h"
#include "program/atomic_file.h"
#include "program/program_file.h"

namespace northpole::cli {
namespace {

struct Arguments {
  std::string file;
  bool json = false;
};

void print_report(const Arguments& arguments) {
  const std::string bytes = program::read_whole_file(arguments.file);
  const report::Report report = report::report_of(program::parse(bytes, arguments.file), bytes.size());
  fmt::print("{}\n", arguments.json ? report::to_json(report) : report::to_text(report));
}

}  // namespace

void add_report(CLI::App& app, int&) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("report", "Cycles, latency, frames/s of a program, and by layer where the cycles go");
  command->add_option("file", arguments->file, "program file")->required()->type_name("FILE");
  command->add_flag("--json", arguments->json, "print JSON");
  command->callback([arguments] { print_report(*arguments); });
}

}  // namespace northpole::cli
