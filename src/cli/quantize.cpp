// northpole quantize NET --calibrate DATA -o FILE
#include "northpole/quantize.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "chosen_bits.h"
#include "command.h"
#include "layer_bits.h"
#include "northpole/network.h"
#include "onnx/write_onnx.h"
#include "options.h"
#include "progress.h"

namespace northpole::cli {
namespace {

// Whether rounding is learned (QuantizeOptions::learn_rounding).
bool learns(const QuantizeOptions& options) {
  return options.learn_rounding.value_or(options.bits != "8" || !options.layer_bits.empty());
}

struct Arguments {
  std::string network, data, output;
  QuantizeOptions options;
  ChooseBitsOptions choice;
  std::string chip;
  InputArguments input;
  bool json = false;
};

// Quantized as asked for; `report` is empty unless the bits were chosen.
struct Quantized {
  network::Graph network;
  std::string report;
  nlohmann::ordered_json json;
};

Quantized quantized(Arguments& arguments) {
  const network::Graph graph = read_network(arguments.network, input_options(arguments.input));
  const auto pictures = data::open_dataset(arguments.data);
  auto progress = std::make_unique<Progress>("calibrating");
  arguments.options.progress = [&](std::int64_t done, std::int64_t total) { progress->show(done, total); };
  if (arguments.options.bits != "auto") {
    return {quantize_network(graph, *pictures, arguments.options), {}, nullptr};
  }
  if (const auto chip = chip_of(arguments.chip)) arguments.choice.chip = *chip;
  ChosenBits chosen = choose_bits(graph, *pictures, arguments.options, arguments.choice, [&](const std::string& stage) {
    progress.reset();  // takes its line off the terminal before the next one's begins
    progress = std::make_unique<Progress>(stage);
  });
  progress.reset();
  return {std::move(chosen.network), described(chosen, arguments.choice.max_drop),
          as_json(chosen, arguments.choice.max_drop)};
}

void run_quantize(Arguments& arguments) {
  check_can_be_written(arguments.output);
  const Quantized result = quantized(arguments);
  onnx::write_onnx(result.network, arguments.output);
  const std::int64_t all = data::open_dataset(arguments.data)->size();
  const std::int64_t count = arguments.options.limit > 0 ? std::min(arguments.options.limit, all) : all;
  if (arguments.json) {
    nlohmann::ordered_json json = {{"file", arguments.output},
                                   {"bits", arguments.options.bits},
                                   {"pictures", count},
                                   {"range", arguments.options.range},
                                   {"equalize", arguments.options.equalize},
                                   {"learn_rounding", learns(arguments.options)},
                                   {"correct_bias", arguments.options.correct_bias}};
    if (!result.json.is_null()) json["choice"] = result.json;
    fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}{}: {}, ranges{} from {} pictures\n", result.report, arguments.output,
               described_bits(arguments.options.bits), learns(arguments.options) ? " and rounding" : "", count);
  }
}

// How to lose little.
void add_methods(CLI::App& command, QuantizeOptions& options) {
  const char* group = "How rounding is chosen";
  command
      .add_option("--range", options.range,
                  "activations' ranges: mse (loses least), percentile, entropy (blurs least) or minmax (all seen)")
      ->check(CLI::IsMember({"mse", "percentile", "entropy", "minmax"}))
      ->capture_default_str()
      ->group(group);
  command.add_option("--percentile", options.percentile, "of the values on each side, kept by --range percentile")
      ->check(CLI::Range(50.0, 100.0))
      ->capture_default_str()
      ->group(group);
  command
      .add_flag("--equalize,!--no-equalize", options.equalize,
                "balance the channels of layers that follow each other first")
      ->group(group);
  command
      .add_flag_function(
          "--learn-rounding,!--no-learn-rounding", [&](std::int64_t count) { options.learn_rounding = count > 0; },
          "round weights such that each layer's results on the pictures stay; biases, too (the default below 8 bit)")
      ->group(group);
  command
      .add_flag("--correct-bias,!--no-correct-bias", options.correct_bias,
                "without learned rounding: take rounded weights' mean error out of the biases (the default)")
      ->group(group);
}

}  // namespace

void add_quantize(CLI::App& app, int&) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("quantize",
                                         "Float ONNX network + calibration pictures -> quantized (QDQ) ONNX network of "
                                         "8, 4 or 2 bits, standard ONNX");
  command->add_option("network", arguments->network, "float ONNX file")->required()->type_name("NET");
  command
      ->add_option("--calibrate", arguments->data,
                   "pictures as the network will see them; their classes are used by --bits auto alone")
      ->required()
      ->type_name("DATA");
  command->add_option("-o,--output", arguments->output, "file to write")->required()->type_name("FILE");
  command->add_option("--limit", arguments->options.limit, "calibration pictures, spread evenly over DATA; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add_methods(*command, arguments->options);
  add_bits(*command, arguments->options.bits, true)->capture_default_str();
  command
      ->add_option("--max-drop", arguments->choice.max_drop,
                   "--bits auto: points of top-1 on the calibration pictures that may be lost")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  command->add_option("--widths", arguments->choice.widths, "--bits auto: bits that a layer may have")
      ->delimiter(',')
      ->check(CLI::IsMember({8, 4, 2}))
      ->capture_default_str();
  command
      ->add_option("--assignments", arguments->choice.most_assignments, "--bits auto: to quantize and measure, at most")
      ->check(CLI::Range(2, 1000))
      ->capture_default_str();
  add_chip_file(*command, arguments->chip, "--bits auto: chip to be fast on; default: the published one");
  add_layer_bits(*command, arguments->options.layer_bits);
  add_input_options(*command, arguments->input);
  add_threads(*command, arguments->options.threads);
  command->add_flag("--json", arguments->json, "print JSON");
  command->callback([arguments] { run_quantize(*arguments); });
}

}  // namespace northpole::cli
