// The commands, one file each. A command describes its options to the parser; what it does when it was chosen is one
// call of the library and a printout.
#pragma once

#include <CLI/CLI.hpp>

namespace northpole::cli {

// Exit codes: 0 all is well, 1 an error or a finding (a fault, a difference), 2 wrong usage.
inline constexpr int exit_ok = 0, exit_error = 1, exit_usage = 2;

// Each adds one command. `exit_code` is set by the command that ran.
void add_quantize(CLI::App& app, int& exit_code);
void add_train(CLI::App& app, int& exit_code);
void add_compile(CLI::App& app, int& exit_code);
void add_verify(CLI::App& app, int& exit_code);
void add_run(CLI::App& app, int& exit_code);
void add_eval(CLI::App& app, int& exit_code);
void add_compare(CLI::App& app, int& exit_code);
void add_constants(CLI::App& app, int& exit_code);
void add_report(CLI::App& app, int& exit_code);
void add_inspect(CLI::App& app, int& exit_code);
void add_trace(CLI::App& app, int& exit_code);
void add_explore(CLI::App& app, int& exit_code);
void add_generate(CLI::App& app, int& exit_code);
void add_operators(CLI::App& app, int& exit_code);
void add_chip(CLI::App& app, int& exit_code);

}  // namespace northpole::cli
