// northpole: the command line of the toolchain and the simulator.
#include <fmt/format.h>

#include <new>
#include <string>

#include "command.h"

namespace {

constexpr const char* description =
    "From a trained network to exact answers and exact cycles of a NorthPole chip.\n"
    "The usual way:\n"
    "  northpole quantize net.onnx --calibrate pictures/ -o net-8bit.onnx\n"
    "  northpole compile net-8bit.onnx -o net.np\n"
    "  northpole verify net.np\n"
    "  northpole run net.np picture.jpeg\n"
    "  northpole eval net.np pictures/ --limit 100\n"
    "  northpole report net.np";
constexpr const char* footer =
    "DATA is a folder with labels.txt (file and class on each line), a CIFAR binary file, or two idx files\n"
    "as pictures,labels. 'northpole COMMAND --help' says more; docs/command-line.md has it all.\n"
    "Exit codes: 0 all is well, 1 an error or a finding, 2 wrong usage.";

// The message on one line, whatever names from files are in it.
std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (char& letter : text) {
    if (static_cast<unsigned char>(letter) < 32 || letter == 127) letter = ' ';
  }
  return text;
}

bool is_command(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == name) return true;
  }
  return false;
}

int fail(const std::string& message, int code) {
  std::fflush(stdout);
  fmt::print(stderr, "northpole: {}\n", one_line(message));
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace northpole::cli;
  CLI::App app(description, "northpole");
  app.footer(footer);
  app.require_subcommand(1);
  app.set_version_flag("--version", "northpole 0.1.0");
  int exit_code = exit_ok;
  for (const auto add : {add_quantize, add_train, add_compile, add_verify, add_run, add_eval, add_report, add_compare,
                         add_constants, add_inspect, add_trace, add_explore, add_generate, add_operators, add_chip}) {
    add(app, exit_code);
  }
  try {
    app.parse(argc, argv);
    if (std::fflush(stdout) != 0) return fail("standard output cannot be written", exit_error);
    return exit_code;
  } catch (const CLI::Success& success) {
    return app.exit(success);  // --help, --version
  } catch (const CLI::ParseError& error) {
    const std::string first = argc > 1 ? argv[1] : "";
    if (!first.empty() && first[0] != '-' && !is_command(app, first)) {
      return fail(fmt::format("'{}' is no command; see northpole --help", first), exit_usage);
    }
    return fail(std::string(error.what()) + "; see northpole --help, northpole COMMAND --help", exit_usage);
  } catch (const std::bad_alloc&) {
    return fail("out of memory", exit_error);
  } catch (const std::exception& error) {
    return fail(error.what(), exit_error);
  }
}
