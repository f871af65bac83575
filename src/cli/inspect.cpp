// northpole inspect FILE
#include <fmt/format.h>

#include "command.h"
#include "northpole/report.h"
#include "program/program_file.h"

namespace northpole::cli {
namespace {

struct Arguments {
  std::string file, thread;
  std::optional<std::uint32_t> core, edge;
  std::string layer;
  bool json = false;
};

void inspect(const Arguments& arguments) {
  report::InspectOptions options;
  options.core = arguments.core;
  options.edge = arguments.edge;
  options.layer = arguments.layer;
  if (!arguments.thread.empty()) options.thread = report::thread_named(arguments.thread);
  const program::Program program = program::read_program(arguments.file);
  if (arguments.json) {
    fmt::print("{}\n", report::inspect_json(program, options));
  } else {
    fmt::print("{}", report::inspect_text(program, options));
  }
}

}  // namespace

void add_inspect(CLI::App& app, int&) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("inspect", "The programs of the cores as readable assembly; without options, a list of them");
  command->add_option("file", arguments->file, "program file")->required()->type_name("FILE");
  command->add_option("--core", arguments->core, "only this core, with its parameters")->type_name("N");
  command
      ->add_option("--thread", arguments->thread,
                   "vmm, vector, memory, send, receive, partial_sums, weights or programs")
      ->type_name("NAME");
  command->add_option("--layer", arguments->layer, "only layers whose name contains this")->type_name("NAME");
  command->add_option("--edge", arguments->edge, "instead, the instructions of this row's edge unit")->type_name("ROW");
  command->add_flag("--json", arguments->json, "print JSON");
  command->callback([arguments] { inspect(*arguments); });
}

}  // namespace northpole::cli
