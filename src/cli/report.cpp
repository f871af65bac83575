// northpole report FILE
#include "northpole/report.h"

#include <fmt/format.h>

#include <filesystem>

#include "command.h"
#include "energy/sensitivity.h"
#include "network/error.h"
#include "options.h"
#include "program/atomic_file.h"
#include "program/program_file.h"
#include "report/page.h"

namespace northpole::cli {
namespace {

struct Arguments {
  std::string file, html, against;
  std::optional<double> accuracy, accuracy_against;
  bool json = false, sensitivity = false;
};

// `bytes` of `program`'s file.
report::PageProgram page_program(const std::string& file, const program::Program& program, std::size_t bytes,
                                 const std::optional<double>& accuracy) {
  return {&program, std::filesystem::path(file).filename().string(), bytes, accuracy};
}

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
  if (arguments.html.empty() && !arguments.against.empty())
    throw Error("--against compares in a page; give --html PAGE, too");
  if (!arguments.html.empty()) check_can_be_written(arguments.html);
  const std::string bytes = program::read_whole_file(arguments.file);
  const program::Program program = program::parse(bytes, arguments.file);
  if (arguments.html.empty() || arguments.json) {
    const report::Report report = report::report_of(program, bytes.size());
    fmt::print("{}\n", arguments.json ? report::to_json(report) : report::to_text(report));
  }
  if (arguments.html.empty()) return;
  std::vector<report::PageProgram> programs = {page_program(arguments.file, program, bytes.size(), arguments.accuracy)};
  program::Program other;
  if (!arguments.against.empty()) {
    const std::string other_bytes = program::read_whole_file(arguments.against);
    other = program::parse(other_bytes, arguments.against);
    programs.push_back(page_program(arguments.against, other, other_bytes.size(), arguments.accuracy_against));
    if (programs[0].name == programs[1].name) {  // files of one name in two folders
      programs[0].name = arguments.file;
      programs[1].name = arguments.against;
    }
  }
  const std::string page = report::report_page(programs);
  program::write_file_atomically(page, arguments.html);
  if (!arguments.json)
    fmt::print("{}: {}; open it in a browser\n", arguments.html, report::byte_size(static_cast<double>(page.size())));
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
  command->add_option("--html", arguments->html, "write a page for a browser, with charts, instead")->type_name("PAGE");
  command->add_option("--against", arguments->against, "another program file to compare with, in the page")
      ->type_name("FILE");
  const auto add_accuracy = [&](const char* name, std::optional<double>& value, const char* meaning) {
    command->add_option(name, value, meaning)->check(CLI::Range(0.0, 1.0))->type_name("SHARE");
  };
  add_accuracy("--accuracy", arguments->accuracy, "of FILE as 'northpole eval' measured it, 0 to 1, for the page");
  add_accuracy("--accuracy-against", arguments->accuracy_against, "the same of the other one");
  command->callback([arguments] { print_report(*arguments); });
}

}  // namespace northpole::cli
