// northpole generate NAME -o FILE
#include "generate/generate.h"

#include <fmt/format.h>

#include "command.h"
#include "onnx/write_onnx.h"
#include "options.h"
#include "progress.h"

namespace northpole::cli {
namespace {

struct Arguments {
  std::string name, output;
  generate::Options options;
};

void generate_network(const Arguments& arguments) {
  check_can_be_written(arguments.output);
  network::Graph graph;
  {
    Progress progress("generating");
    graph = generate::generate(arguments.name, arguments.options,
                               [&](std::int64_t done, std::int64_t total) { progress.show(done, total); });
  }
  onnx::write_onnx(graph, arguments.output);
  std::string kind = "float";
  if (const generate::Options& options = arguments.options; !options.bits.empty()) {
    kind = "quantized to " + described_bits(options.bits);
    if (options.outer_bits != 0) kind += fmt::format(", at least {} in the first and last layers", options.outer_bits);
  }
  fmt::print("{}: {} with random weights of seed {}, {}\n", arguments.output, arguments.name, arguments.options.seed,
             kind);
}

std::string known_networks() {
  std::string text = "NAME is one of";
  for (const generate::StandardNetwork& network : generate::standard_networks()) {
    text += fmt::format("\n  {:<14}{}", network.name, network.description);
  }
  return text;
}

}  // namespace

void add_generate(CLI::App& app, int&) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "generate", "Write a standard network with seeded random weights as ONNX, to compile and measure");
  command->footer(known_networks());
  command->add_option("name", arguments->name, "which network, see below")->required()->type_name("NAME");
  command->add_option("-o,--output", arguments->output, "ONNX file to write")->required()->type_name("FILE");
  CLI::Option* bits = add_bits(*command, arguments->options.bits)->default_str("float");
  command
      ->add_option("--outer-bits", arguments->options.outer_bits,
                   "of the first and the last layers; default: as --bits says")
      ->check(CLI::IsMember({8, 4, 2}))
      ->type_name("BITS")
      ->needs(bits);
  command->add_option("--seed", arguments->options.seed, "of the weights")->capture_default_str();
  add_threads(*command, arguments->options.threads);
  command->callback([arguments] { generate_network(*arguments); });
}

}  // namespace northpole::cli
