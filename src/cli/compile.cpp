// northpole compile NET -o FILE
#include "northpole/compile.h"

#include <fmt/format.h>

#include "command.h"
#include "northpole/network.h"
#include "northpole/report.h"
#include "options.h"
#include "program/atomic_file.h"
#include "program/program_file.h"
#include "progress.h"

namespace northpole::cli {
namespace {

struct Arguments {
  std::string network, output, chip, precision, objective;
  InputArguments input;
  CompileOptions options;
  bool json = false;
};

void compile(Arguments& arguments) {
  check_can_be_written(arguments.output);
  chip::ChipDescription chip = chip_of(arguments.chip).value_or(chip::ChipDescription{});
  if (arguments.precision == "fp16") chip.vector_precision = chip::VectorPrecision::fp16;
  if (arguments.precision == "fp32") chip.vector_precision = chip::VectorPrecision::fp32;
  if (arguments.objective == "latency") arguments.options.objective = Objective::latency;
  if (arguments.objective == "throughput") arguments.options.objective = Objective::throughput;
  const network::Graph graph = read_network(arguments.network, input_options(arguments.input));
  program::Program program;
  {
    Progress progress("compiling");
    arguments.options.progress = [&](double share) { progress.show(static_cast<std::int64_t>(share * 1000), 1000); };
    program = compile_network(graph, chip, arguments.options);
  }
  const std::string bytes = program::serialize(program);
  program::write_file_atomically(bytes, arguments.output);
  if (arguments.json) {
    fmt::print("{}\n", report::to_json(report::report_of(program, bytes.size())));
    return;
  }
  const std::string run =
      program.frames == 1 ? "" : fmt::format(" ({} for {} frames together)", program.cycles, program.frames);
  fmt::print("{}: {:.10g} cycles a frame{}, {} programs a core, {} bytes\n", arguments.output,
             static_cast<double>(program.cycles) / program.frames, run, program.segments.size(), bytes.size());
}

}  // namespace

void add_compile(CLI::App& app, int&) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("compile", "Quantized ONNX network -> program for the chip, with its whole schedule");
  command->add_option("network", arguments->network, "quantized ONNX file, by 'northpole quantize' or another tool")
      ->required()
      ->type_name("NET");
  command->add_option("-o,--output", arguments->output, "program file to write")->required()->type_name("FILE");
  add_chip_file(*command, arguments->chip, "the chip to compile for; default: the published one");
  command->add_option("--vector-precision", arguments->precision, "of the vector unit: fp16 (published) or fp32")
      ->check(CLI::IsMember({"fp16", "fp32"}));
  command->add_option("--batch", arguments->options.frames, "frames that a run processes together")
      ->check(CLI::Range(1, 4096))
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--optimize", arguments->objective,
                   "latency (of a run; the default for one frame) or throughput (the default for more)")
      ->check(CLI::IsMember({"latency", "throughput"}));
  command
      ->add_option("--schedules", arguments->options.schedules,
                   "that are tried, the most: fewer are quicker and give longer runs; default: by the network's size")
      ->check(CLI::Range(1, 10000))
      ->type_name("N");
  add_input_options(*command, arguments->input);
  add_threads(*command, arguments->options.threads);
  command->add_flag("--json", arguments->json, "print the report as JSON");
  command->callback([arguments] { compile(*arguments); });
}

}  // namespace northpole::cli
