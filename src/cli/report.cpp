// northpole report FILE
#include "northpole/report.h"

#include <fmt/format.h>

#include "command.h"
#include "energy/sensitivity.h"
#include "network/error.h"
#include "program/atomic_file.h"
#include "program/program_file.h"

namespace northpole::cli {
namespace {

struct Arguments {
  std::string file;
  bool json = false, sensitivity = false;
};

void print_sensitivity(const Arguments& arguments) {
  const program::Program program = program::parse(program::read_whole_file(arguments.file), arguments.file);
  const energy::EventCounts counts = energy::count_events(program);
  if (!counts.problem.empty())
    throw Error(fmt::format("{}: energy cannot be counted: {}", arguments.file, counts.problem));
  const auto sensitivity = energy::sensitivity_of(program, counts);
  if (arguments.json) {
    fmt::print("{}\n", energy::to_json(sensitivity));
  } else {
    const energy::Energy energy = energy::energy_of(program, counts, energy::prices_of(program.chip));
    fmt::print("{}", energy::to_text(sensitivity, energy));
  }
}

void print_report(const Arguments& arguments) {
  if (arguments.sensitivity) {
    print_sensitivity(arguments);
    return;
  }
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
  command->add_flag("--sensitivity", arguments->sensitivity,
                    "instead: what changes when each constant of the energy model is off by a factor of two");
  command->add_flag("--json", arguments->json, "print JSON");
  command->callback([arguments] { print_report(*arguments); });
}

}  // namespace northpole::cli
