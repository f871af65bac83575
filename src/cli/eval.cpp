// northpole eval FILE DATA
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "command.h"
#include "network/error.h"
#include "northpole/evaluate.h"
#include "options.h"
#include "progress.h"

namespace northpole::cli {
namespace {

struct Arguments {
  std::string file, data, engine, network, chip, precision = "fp16";
  std::int64_t limit = 0, check = 0;
  int threads = 1;
  bool json = false;
};

evaluate::Model model_of(const Arguments& arguments) {
  evaluate::ModelOptions options;
  if (!arguments.engine.empty()) options.engine = evaluate::engine_kind(arguments.engine);
  options.network = arguments.network;
  options.chip = chip_of(arguments.chip);
  options.precision = arguments.precision == "fp32" ? chip::VectorPrecision::fp32 : chip::VectorPrecision::fp16;
  return evaluate::open_model(arguments.file, options);
}

evaluate::Comparison compare(const Arguments& arguments, const evaluate::Model& model, const data::Dataset& pictures) {
  Progress progress("comparing every layer with the reference");
  return evaluate::compare_layers(model, pictures, arguments.check, arguments.threads,
                                  [&](std::int64_t done, std::int64_t total) { progress.show(done, total); });
}

evaluate::Evaluation evaluation(const Arguments& arguments, const evaluate::Model& model,
                                const data::Dataset& pictures) {
  Progress progress("evaluating");
  evaluate::EvaluateOptions options;
  options.limit = arguments.limit;
  options.threads = arguments.threads;
  options.progress = [&](std::int64_t done, std::int64_t total) { progress.show(done, total); };
  return evaluate::evaluate(model, pictures, options);
}

std::string engine_text(const std::string& engine) {
  if (engine == "fast") return "the simulated chip (fast engine, on the proven program)";
  if (engine == "step") return "the simulated chip (step engine, cycle by cycle)";
  return engine == "reference" ? "the integer reference interpreter" : "the float interpreter";
}

void print(const evaluate::Model& model, const evaluate::Evaluation& result) {
  fmt::print("{} pictures by {}: top-1 {:.2f} %, top-5 {:.2f} %\n", result.pictures, engine_text(result.engine),
             100 * result.top1(), 100 * result.top5());
  if (result.cycles != 0) {
    const std::string run =
        result.frames == 1 ? "" : fmt::format(" ({} for {} frames together)", result.cycles, result.frames);
    fmt::print("{:.10g} cycles a frame{}: {:.0f} frames/s at {:g} MHz\n", result.cycles_per_frame(), run,
               model.program->chip.clock_megahertz * 1e6 / result.cycles_per_frame(),
               model.program->chip.clock_megahertz);
  }
  for (const std::string& operation : model.host_operations) fmt::print("{} was done on the host.\n", operation);
  fmt::print("The host took {:.1f} s, {:.1f} ms a picture.\n", result.seconds,
             1000 * result.seconds / static_cast<double>(result.pictures));
}

void print(const evaluate::Comparison& comparison) {
  if (comparison.equal()) {
    fmt::print("{} tensors of {} pictures, {} elements: all equal the reference's\n", comparison.tensors,
               comparison.pictures, comparison.elements);
    return;
  }
  fmt::print("{} of {} tensors DIFFER from the reference's ({} of {} elements); first {}\n",
             comparison.different_tensors, comparison.tensors, comparison.different_elements, comparison.elements,
             comparison.first_difference);
}

int eval(const Arguments& arguments) {
  const evaluate::Model model = model_of(arguments);
  if (arguments.check > 0 && (!model.program || !model.graph)) {
    throw Error(
        "--check compares a program with the quantized network that it was compiled from: name that with --network");
  }
  const auto pictures = data::open_dataset(arguments.data);
  std::optional<evaluate::Comparison> comparison;
  if (arguments.check > 0) {
    comparison = compare(arguments, model, *pictures);
    if (!arguments.json) print(*comparison);
  }
  const evaluate::Evaluation result = evaluation(arguments, model, *pictures);
  if (arguments.json) {
    auto json = nlohmann::ordered_json::parse(evaluate::to_json(result));
    if (comparison) {
      json["check"] = {{"equal", comparison->equal()},
                       {"pictures", comparison->pictures},
                       {"tensors", comparison->tensors},
                       {"elements", comparison->elements},
                       {"different_tensors", comparison->different_tensors},
                       {"different_elements", comparison->different_elements},
                       {"first_difference", comparison->first_difference}};
    }
    fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    print(model, result);
  }
  return comparison && !comparison->equal() ? exit_error : exit_ok;
}

}  // namespace

void add_eval(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("eval",
                                         "Accuracy of a program (simulated chip), a quantized network (reference) or a "
                                         "float network over labelled pictures");
  command->add_option("file", arguments->file, "program file or ONNX file")->required()->type_name("FILE");
  command->add_option("data", arguments->data, "labelled pictures")->required()->type_name("DATA");
  command->add_option("--limit", arguments->limit, "only the first N pictures; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      ->add_option("--engine", arguments->engine,
                   "default: what suits FILE, fast for a program; reference for a program needs --network")
      ->check(CLI::IsMember({"fast", "step", "reference", "float"}));
  command->add_option("--network", arguments->network, "the quantized ONNX file that the program was compiled from")
      ->type_name("NET");
  command
      ->add_option("--check", arguments->check,
                   "compare every layer of the first N pictures with the reference; exit code 1 if any differs")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  command->add_option("--vector-precision", arguments->precision, "of the reference on an ONNX file")
      ->check(CLI::IsMember({"fp16", "fp32"}))
      ->capture_default_str();
  add_chip_file(*command, arguments->chip, "the chip there is; refuses a program for another one");
  add_threads(*command, arguments->threads);
  command->add_flag("--json", arguments->json, "print JSON");
  command->callback([arguments, &exit_code] { exit_code = eval(*arguments); });
}

}  // namespace northpole::cli
