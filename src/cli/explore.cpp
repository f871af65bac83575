// northpole explore NET.. -o FILE
#include "explore/explore.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "command.h"
#include "explore/tables.h"
#include "network/error.h"
#include "northpole/network.h"
#include "options.h"
#include "program/atomic_file.h"
#include "program/digest.h"
#include "progress.h"
#include "report/page_assets.h"

namespace northpole::cli {
namespace {

struct Arguments {
  std::vector<std::string> networks, sweeps;
  std::string results, chip, csv, html;
  std::uint32_t frames = 1;
  explore::Options options;
  bool json = false;
};

// Results of another build of the tool do not count: its schedules may differ.
std::string version_of_tool() {
  try {
    return program::digest(program::read_whole_file("/proc/self/exe"));
  } catch (const Error&) {
    return "unknown";
  }
}

void explore_chips(Arguments& arguments) {
  for (const std::string& path : {arguments.results, arguments.csv, arguments.html})
    if (!path.empty()) check_can_be_written(path);
  if (!arguments.html.empty()) report::page_asset("echarts.min.js");  // or says now that pages cannot be made
  std::vector<explore::Axis> axes;
  for (const std::string& sweep : arguments.sweeps) axes.push_back(explore::axis_of(sweep));
  if (axes.empty()) axes = explore::default_axes();
  explore::Exploration exploration;
  exploration.points = explore::points_of(static_cast<std::uint32_t>(arguments.networks.size()), axes,
                                          chip_of(arguments.chip).value_or(chip::ChipDescription{}), arguments.frames);
  std::vector<explore::Candidate> candidates;
  for (const std::string& path : arguments.networks) {
    candidates.push_back({std::filesystem::path(path).filename().string(),
                          program::digest(program::read_whole_file(path)), read_network(path)});
    if (!is_quantized(candidates.back().graph))
      throw Error(path + ": not quantized; quantize it first: northpole quantize NET --calibrate DATA -o FILE");
    exploration.networks.push_back(candidates.back().name);
  }
  explore::ResultsFile results(arguments.results);
  arguments.options.version = version_of_tool();
  {
    Progress progress("exploring");
    std::optional<std::size_t> known;  // what was there before says nothing about the time to go
    arguments.options.progress = [&](std::size_t done, std::size_t all) {
      if (!known) {
        known = done;
        if (done != 0) fmt::print(stderr, "{}: {} of {} chips are known already\n", arguments.results, done, all);
      }
      progress.show(static_cast<std::int64_t>(done - *known), static_cast<std::int64_t>(all - *known));
    };
    exploration.outcomes = explore::explore(candidates, exploration.points, results, arguments.options);
  }
  if (!arguments.csv.empty()) program::write_file_atomically(explore::to_csv(exploration), arguments.csv);
  if (!arguments.html.empty()) program::write_file_atomically(explore::to_page(exploration), arguments.html);
  fmt::print("{}\n", arguments.json ? explore::to_json(exploration) : explore::to_text(exploration));
}

}  // namespace

void add_explore(CLI::App& app, int&) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("explore", "Many chips for a network: which is fastest, smallest, most frugal");
  command->add_option("networks", arguments->networks, "quantized ONNX file; several to compare bits, for one")
      ->required()
      ->type_name("NET");
  command
      ->add_option("-o,--output", arguments->results,
                   "results so far: a file that grows; the same command again goes on where it stopped")
      ->required()
      ->type_name("FILE");
  command
      ->add_option(
          "--sweep", arguments->sweeps,
          "KEY=VALUE,VALUE,..: array=8x8,16x16, memory=512,768 (KiB a core), batch=1,16, or a key of 'northpole "
          "chip'; again for another axis; default: 60 chips around the published one")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("AXIS");
  add_chip_file(*command, arguments->chip, "what is not swept; default: the published one");
  command->add_option("--batch", arguments->frames, "frames that a run processes together")
      ->check(CLI::Range(1, 4096))
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--schedules", arguments->options.schedules,
                   "that are tried for each chip: more take longer, give shorter runs")
      ->check(CLI::Range(1, 10000))
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--csv", arguments->csv, "write the table as CSV, too")->type_name("FILE");
  command->add_option("--html", arguments->html, "write a page with the frontier, too")->type_name("PAGE");
  add_threads(*command, arguments->options.threads);
  command->add_flag("--json", arguments->json, "print JSON");
  command->callback([arguments] { explore_chips(*arguments); });
}

}  // namespace northpole::cli
