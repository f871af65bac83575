// northpole operators
#include "network/operators.h"

#include <fmt/format.h>

#include "command.h"

namespace northpole::cli {
namespace {

constexpr const char* heading =
    "# Supported operators\n\n"
    "Printed by `northpole operators` from the table that the reader, the checks and the compiler use "
    "(`src/network/operators.cpp`).\n"
    "ONNX opset 7 to 25, batch 1. What is not in this table is refused by name.\n\n";

}  // namespace

void add_operators(CLI::App& app, int&) {
  CLI::App* command =
      app.add_subcommand("operators", "The supported ONNX operators as a Markdown table (docs/supported-operators.md)");
  command->callback([] { fmt::print("{}{}", heading, network::supported_operators_markdown()); });
}

}  // namespace northpole::cli
