// northpole train NET --data DATA -o FILE
#include "train/train.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "command.h"
#include "layer_bits.h"
#include "network/error.h"
#include "northpole/network.h"
#include "onnx/write_onnx.h"
#include "options.h"
#include "progress.h"

namespace northpole::cli {
namespace {

struct Arguments {
  std::string network, output, bits = "4", outer_bits = "8", initial_steps = "published", optimizer = "sgd";
  std::map<std::string, quantize::LayerBits> layer_bits;
  train::Task task;
  InputArguments input;
  bool json = false;
};

quantize::BitChoice bit_choice(const Arguments& arguments) {
  quantize::BitChoice choice = quantize::bit_choice(arguments.bits);
  const int outer = std::stoi(arguments.outer_bits);
  choice.outer = {std::max(outer, choice.inner.weights), std::max(outer, choice.inner.activations)};
  choice.layers = arguments.layer_bits;
  return choice;
}

#ifdef NORTHPOLE_HAS_TRAINER

std::atomic<bool> stopping = false;
extern "C" void stop(int) { stopping = true; }

// "1 h 05 min", "12 min", "40 s".
std::string duration(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole < 120) return fmt::format("{} s", whole);
  if (whole < 7200) return fmt::format("{} min", whole / 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

// One line that is drawn again and again, on a terminal alone.
class Line {
 public:
  void show(const train::Progress& progress) {
    const auto now = std::chrono::steady_clock::now();
    if (!on_terminal_ || now - shown_ < std::chrono::milliseconds(200)) return;
    shown_ = now;
    visible_ = true;
    fmt::print(stderr, "\r\033[Kepoch {}/{}, step {}/{}: loss {:.4f}, {:.2f} % right, {} to go", progress.epoch,
               progress.epochs, progress.step, progress.steps, progress.loss, 100 * progress.accuracy,
               duration(progress.seconds_to_go));
    std::fflush(stderr);
  }
  void clear() {
    if (visible_) fmt::print(stderr, "\r\033[K");
    visible_ = false;
  }

 private:
  bool on_terminal_ = ::isatty(STDERR_FILENO) != 0, visible_ = false;
  std::chrono::steady_clock::time_point shown_;
};

void print_epoch(const train::Epoch& epoch, std::int64_t epochs) {
  const std::string test =
      epoch.test_accuracy ? fmt::format(", {:.2f} % of the test pictures", 100 * *epoch.test_accuracy) : "";
  fmt::print("epoch {}/{}: loss {:.4f}, {:.2f} % of the training pictures right{}, {}\n", epoch.epoch, epochs,
             epoch.loss, 100 * epoch.accuracy, test, duration(epoch.seconds));
  std::fflush(stdout);
}

void print_result(const Arguments& arguments, const train::Result& result) {
  const std::string& output = arguments.output;
  if (arguments.json) {
    nlohmann::ordered_json json = {
        {"file", output}, {"seconds", result.seconds}, {"resumed_at_step", result.resumed_at}};
    if (result.test_pictures > 0) {
      json["test_pictures"] = result.test_pictures;
      json["accuracy"] = result.accuracy;
      json["float_accuracy"] = result.float_accuracy;
    }
    fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    return;
  }
  fmt::print("{}: trained for {}, its log and curves are in {}\n", output, duration(result.seconds),
             arguments.task.folder);
  if (result.test_pictures == 0) return;
  fmt::print("{:.2f} % of {} test pictures by the integer network, {:.2f} % by the float one: a drop of {:.2f}\n",
             100 * result.accuracy, result.test_pictures, 100 * result.float_accuracy,
             100 * (result.float_accuracy - result.accuracy));
}

int run_train(Arguments& arguments) {
  check_can_be_written(arguments.output);
  train::Task& task = arguments.task;
  task.graph = read_network(arguments.network, input_options(arguments.input));
  task.settings.bits = bit_choice(arguments);
  task.settings.initial_steps =
      arguments.initial_steps == "error" ? train::InitialSteps::least_error : train::InitialSteps::published;
  task.settings.optimizer = arguments.optimizer == "adam" ? train::Optimizer::adam : train::Optimizer::sgd;
  if (task.folder.empty()) {
    task.folder = std::filesystem::path(arguments.output).replace_extension(".training").string();
  }
  Line line;
  task.progress = [&](const train::Progress& progress) { line.show(progress); };
  task.epoch_done = [&](const train::Epoch& epoch) {
    line.clear();
    if (!arguments.json) print_epoch(epoch, task.settings.epochs);
  };
  task.remark = [&](const std::string& remark) { fmt::print(stderr, "{}\n", remark); };
  task.stop = &stopping;
  std::signal(SIGINT, stop);
  std::signal(SIGTERM, stop);
  train::Result result;
  try {
    result = train::train(task);
  } catch (...) {
    line.clear();
    throw;
  }
  line.clear();
  if (!result.finished) {
    throw Error(fmt::format("stopped; the state is kept in {}, the same command goes on from there", task.folder));
  }
  onnx::write_onnx(result.graph, arguments.output);
  print_result(arguments, result);
  return exit_ok;
}

#else

int run_train(Arguments& arguments) {
  bit_choice(arguments);
  throw Error("this build has no trainer; setup/train installs libtorch and builds one: build/train/northpole");
}

#endif

void add_learning_options(CLI::App& command, Arguments& arguments) {
  train::Settings& settings = arguments.task.settings;
  const char* group = "How it learns";
  const auto number = [&](const char* name, auto& value, const char* meaning) {
    return command.add_option(name, value, meaning)->capture_default_str()->group(group);
  };
  number("--epochs", settings.epochs, "passes over the training pictures")->check(CLI::Range(1, 100000));
  number("--batch", settings.batch, "pictures a step")->check(CLI::Range(1, 65536));
  number("--learning-rate", settings.learning_rate, "highest rate of the cosine schedule")
      ->check(CLI::Range(1e-9, 100.0));
  number("--warm-up", settings.warm_up, "share of the training in which the rate rises to it")
      ->check(CLI::Range(0.0, 0.9));
  number("--weight-decay", settings.weight_decay, "pull of the weights towards 0")->check(CLI::Range(0.0, 1.0));
  number("--optimizer", arguments.optimizer, "sgd (momentum 0.9) or adam")->check(CLI::IsMember({"sgd", "adam"}));
  number("--initial-steps", arguments.initial_steps,
         "published: 2 mean|v| / sqrt(Qp); error: those of the least mean squared error")
      ->check(CLI::IsMember({"published", "error"}));
  number("--distil", settings.distillation,
         "share of the loss that asks for the float network's scores instead of the labels")
      ->check(CLI::Range(0.0, 1.0));
  number("--temperature", settings.temperature, "at which scores are compared with the float network's")
      ->check(CLI::Range(0.1, 100.0));
  number("--label-smoothing", settings.label_smoothing, "share of the target spread over all classes")
      ->check(CLI::Range(0.0, 0.99));
  command
      .add_flag("--batch-norm", settings.batch_norm,
                "normalise behind every convolution while training; folded into its weights at the end")
      ->group(group);
  command.add_flag("--mirror", settings.augmentation.mirror, "half of the pictures left for right")->group(group);
  number("--shift", settings.augmentation.shift, "pictures moved by up to so many pixels")->check(CLI::Range(0, 1000));
  number("--turn", settings.augmentation.turn,
         "pictures turned by up to so many degrees, and scaled by as many per cent")
      ->check(CLI::Range(0.0, 90.0));
  number("--seed", settings.seed, "of order and augmentation");
}

}  // namespace

void add_train(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  train::Task& task = arguments->task;
  CLI::App* command = app.add_subcommand(
      "train",
      "Float ONNX network + labelled pictures -> quantized ONNX network, trained with its 8, 4 or 2 bits in the loop");
  command->add_option("network", arguments->network, "float ONNX file")->required()->type_name("NET");
  command->add_option("--data", task.training_data, "labelled training pictures")->required()->type_name("DATA");
  command->add_option("--test", task.test_data, "labelled test pictures: accuracy after each epoch")->type_name("DATA");
  command->add_option("-o,--output", arguments->output, "file to write")->required()->type_name("FILE");
  command->add_option("--run", task.folder, "folder of checkpoint, log and curves; default: FILE with .training")
      ->type_name("FOLDER");
  command->add_flag("--restart", task.restart, "from the start, whatever is in that folder");
  command->add_option("--checkpoint-every", task.checkpoint_seconds, "seconds between checkpoints")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--limit", task.settings.limit, "training pictures, spread evenly over DATA; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--test-limit", task.test_limit, "test pictures, likewise")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_flag("--any-labels", task.any_labels, "train even when the float network finds all labels wrong");
  add_bits(*command, arguments->bits)->capture_default_str();
  command->add_option("--outer-bits", arguments->outer_bits, "of the first and the last layers")
      ->check(CLI::IsMember({"8", "4", "2"}))
      ->capture_default_str();
  command
      ->add_option("--residual-bits", task.settings.residual_bits,
                   "at least so many for values that skip layers; 0: as wide as the layers read them")
      ->check(CLI::IsMember({0, 2, 4, 8}))
      ->capture_default_str();
  add_layer_bits(*command, arguments->layer_bits);
  add_learning_options(*command, *arguments);
  add_input_options(*command, arguments->input);
  command->add_option("--threads", task.settings.threads, "host threads; another number changes the sums a little")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "print JSON");
  command->callback([arguments, &exit_code] { exit_code = run_train(*arguments); });
}

}  // namespace northpole::cli
