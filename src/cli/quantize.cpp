// northpole quantize NET --calibrate DATA -o FILE
#include "northpole/quantize.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "command.h"
#include "layer_bits.h"
#include "northpole/network.h"
#include "onnx/write_onnx.h"
#include "options.h"
#include "progress.h"

namespace northpole::cli {
namespace {

struct Arguments {
  std::string network, data, output;
  QuantizeOptions options;
  InputArguments input;
  bool json = false;
};

void run_quantize(Arguments& arguments) {
  check_can_be_written(arguments.output);
  const network::Graph graph = read_network(arguments.network, input_options(arguments.input));
  const auto pictures = data::open_dataset(arguments.data);
  network::Graph quantized;
  {
    Progress progress("calibrating");
    arguments.options.progress = [&](std::int64_t done, std::int64_t total) { progress.show(done, total); };
    quantized = quantize_network(graph, *pictures, arguments.options);
  }
  onnx::write_onnx(quantized, arguments.output);
  const std::int64_t count =
      arguments.options.limit > 0 ? std::min(arguments.options.limit, pictures->size()) : pictures->size();
  if (arguments.json) {
    const nlohmann::ordered_json json = {{"file", arguments.output},
                                         {"bits", arguments.options.bits},
                                         {"pictures", count},
                                         {"range", arguments.options.range}};
    fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}: {}, ranges from {} pictures\n", arguments.output, described_bits(arguments.options.bits), count);
  }
}

}  // namespace

void add_quantize(CLI::App& app, int&) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("quantize",
                                         "Float ONNX network + calibration pictures -> quantized (QDQ) ONNX network of "
                                         "8, 4 or 2 bits, standard ONNX");
  command->add_option("network", arguments->network, "float ONNX file")->required()->type_name("NET");
  command
      ->add_option("--calibrate", arguments->data, "pictures as the network will see them; their classes are not used")
      ->required()
      ->type_name("DATA");
  command->add_option("-o,--output", arguments->output, "file to write")->required()->type_name("FILE");
  command->add_option("--limit", arguments->options.limit, "calibration pictures, spread evenly over DATA; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--range", arguments->options.range, "how activation ranges are chosen")
      ->check(CLI::IsMember({"mse", "percentile", "minmax"}))
      ->capture_default_str();
  add_bits(*command, arguments->options.bits)->capture_default_str();
  add_layer_bits(*command, arguments->options.layer_bits);
  add_input_options(*command, arguments->input);
  add_threads(*command, arguments->options.threads);
  command->add_flag("--json", arguments->json, "print JSON");
  command->callback([arguments] { run_quantize(*arguments); });
}

}  // namespace northpole::cli
