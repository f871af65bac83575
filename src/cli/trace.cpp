// northpole trace FILE -o FILE
#include "report/trace.h"

#include <fmt/format.h>

#include "command.h"
#include "network/error.h"
#include "options.h"
#include "program/atomic_file.h"
#include "program/program_file.h"
#include "report/table.h"

namespace northpole::cli {
namespace {

struct Arguments {
  std::string file, output, cores = "0", edges = "0";
  report::TraceOptions options;
};

// "0,4-7", "all" or "none".
std::vector<std::uint32_t> numbers_of(const std::string& text, std::uint32_t count, const char* option) {
  std::vector<std::uint32_t> numbers;
  if (text == "none") return numbers;
  const auto add = [&](std::uint32_t first, std::uint32_t last) {
    if (last < first || last >= count) throw Error(fmt::format("{} {}: numbers from 0 to {}", option, text, count - 1));
    for (std::uint32_t number = first; number <= last; ++number) numbers.push_back(number);
  };
  if (text == "all") {
    add(0, count - 1);
    return numbers;
  }
  for (const std::string& part : CLI::detail::split(text, ',')) {
    const std::size_t dash = part.find('-');
    const std::string first = part.substr(0, dash), last = dash == std::string::npos ? first : part.substr(dash + 1);
    std::uint32_t low = 0, high = 0;
    if (!CLI::detail::lexical_cast(first, low) || !CLI::detail::lexical_cast(last, high))
      throw Error(fmt::format("{} {}: write numbers and ranges as 0,4-7, or 'all', or 'none'", option, text));
    add(low, high);
  }
  return numbers;
}

void trace(Arguments& arguments) {
  check_can_be_written(arguments.output);
  const program::Program program = program::read_program(arguments.file);
  arguments.options.cores = numbers_of(arguments.cores, program.chip.cores(), "--cores");
  arguments.options.edges = numbers_of(arguments.edges, program.chip.rows, "--edges");
  const std::string json = report::trace_json(program, arguments.options);
  program::write_file_atomically(json, arguments.output);
  fmt::print("{}: {}; open it in Perfetto's viewer or at chrome://tracing\n", arguments.output,
             report::byte_size(static_cast<double>(json.size())));
}

}  // namespace

void add_trace(CLI::App& app, int&) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("trace", "What each thread does in which cycles, as a trace for Perfetto's viewer");
  command->add_option("file", arguments->file, "program file")->required()->type_name("FILE");
  command->add_option("-o,--output", arguments->output, "trace to write (JSON)")->required()->type_name("FILE");
  command->add_option("--cores", arguments->cores, "cores to show: 0,4-7, all or none")
      ->type_name("LIST")
      ->capture_default_str();
  command->add_option("--edges", arguments->edges, "rows whose edge units to show")
      ->type_name("LIST")
      ->capture_default_str();
  command->add_option("--layer", arguments->options.layer, "only what works for layers whose name contains this")
      ->type_name("NAME");
  command->add_option("--from", arguments->options.from, "first cycle to show")->type_name("CYCLE");
  command->add_option("--until", arguments->options.until, "first cycle not to show any more")->type_name("CYCLE");
  command
      ->add_option("--counter-interval", arguments->options.counter_interval,
                   "cycles that a counter's value is the mean of; default: a 250th of the time shown")
      ->check(CLI::PositiveNumber)
      ->type_name("CYCLES");
  command->callback([arguments] { trace(*arguments); });
}

}  // namespace northpole::cli
