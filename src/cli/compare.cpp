// northpole compare [FILE..]
#include <fmt/format.h>

#include "command.h"
#include "energy/comparison.h"
#include "network/error.h"
#include "program/atomic_file.h"
#include "program/program_file.h"

namespace northpole::cli {
namespace {

struct Arguments {
  std::vector<std::string> files;
  bool json = false;
};

void print_comparison(const Arguments& arguments) {
  std::vector<energy::ModelledMachine> modelled;
  for (const std::string& file : arguments.files) {
    const program::Program program = program::parse(program::read_whole_file(file), file);
    const energy::EventCounts counts = energy::count_events(program);
    if (!counts.problem.empty()) throw Error(fmt::format("{}: energy cannot be counted: {}", file, counts.problem));
    modelled.push_back(energy::model_of(program, counts));
  }
  const energy::Comparison comparison = energy::compare(std::move(modelled));
  fmt::print("{}", arguments.json ? energy::to_json(comparison) + "\n" : energy::to_text(comparison));
}

}  // namespace

void add_compare(CLI::App& app, int&) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "compare", "The article's published table beside what the model says of your programs: frames/s, W, frames/J");
  command->add_option("files", arguments->files, "program files")->type_name("FILE");
  command->add_flag("--json", arguments->json, "print JSON");
  command->callback([arguments] { print_comparison(*arguments); });
}

}  // namespace northpole::cli
