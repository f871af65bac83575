// northpole-train-mnist: trains the digit network from scratch and writes it as an ONNX file.
//
// SGD with Nesterov momentum, cosine schedule with a short warm-up. Every epoch draws its order and its augmentation from
// a seed of its own, so a run that was stopped and resumed from its checkpoint gives the same network as one that was not.
#include <fmt/format.h>
#include <torch/torch.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <numbers>

#include "network/error.h"
#include "onnx/write_onnx.h"
#include "train/augmentation.h"
#include "train/digit_network.h"
#include "train/digits.h"
#include "train/network_to_graph.h"

namespace northpole::train {

namespace {

struct Options {
  std::string training_data;
  std::string test_data;
  std::string output;
  std::string checkpoint;  // empty: none
  int epochs = 14;
  int batch = 128;
  double learning_rate = 0.1;
  double weight_decay = 5e-4;
  double label_smoothing = 0.05;
  std::uint64_t seed = 1;
  int threads = 2;
};

double share_right(DigitNetwork& network, const Digits& digits) {
  const torch::NoGradGuard no_gradients;
  network->eval();
  std::int64_t right = 0;
  for (std::int64_t start = 0; start < digits.size(); start += 500) {
    const std::int64_t end = std::min<std::int64_t>(start + 500, digits.size());
    const torch::Tensor answers = network(digits.inputs.slice(0, start, end)).argmax(1);
    right += answers.eq(digits.labels.slice(0, start, end)).sum().item<std::int64_t>();
  }
  return static_cast<double>(right) / static_cast<double>(digits.size());
}

class Training {
 public:
  Training(const Options& options, const Digits& digits)
      : options_(options),
        digits_(digits),
        optimizer_(network_->parameters(), torch::optim::SGDOptions(options.learning_rate)
                                               .momentum(0.9)
                                               .nesterov(true)
                                               .weight_decay(options.weight_decay)) {}

  // Returns the mean loss.
  double epoch(int epoch) {
    torch::manual_seed(options_.seed * 1000 + static_cast<std::uint64_t>(epoch));
    network_->train();
    const torch::Tensor order = torch::randperm(digits_.size());
    const std::int64_t steps = digits_.size() / options_.batch;
    const auto loss_options = torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(options_.label_smoothing);
    double total = 0;
    for (std::int64_t step = 0; step < steps; ++step) {
      set_learning_rate((epoch + static_cast<double>(step) / static_cast<double>(steps)) / options_.epochs);
      const torch::Tensor chosen = order.slice(0, step * options_.batch, (step + 1) * options_.batch);
      const torch::Tensor inputs = augmented(digits_.inputs.index_select(0, chosen), empty_);
      const torch::Tensor loss =
          torch::nn::functional::cross_entropy(network_(inputs), digits_.labels.index_select(0, chosen), loss_options);
      optimizer_.zero_grad();
      loss.backward();
      optimizer_.step();
      total += loss.item<double>();
      if (step % 50 == 0) {
        fmt::print(stderr, "\repoch {}/{}: step {}/{} loss {:.3f} ", epoch + 1, options_.epochs, step, steps,
                   loss.item<double>());
      }
    }
    return total / static_cast<double>(steps);
  }

  void save(int epochs_done) {
    torch::serialize::OutputArchive archive;
    network_->save(archive);
    torch::serialize::OutputArchive optimizer_archive;
    optimizer_.save(optimizer_archive);
    archive.write("optimizer", optimizer_archive);
    archive.write("epochs_done", torch::tensor(epochs_done));
    archive.save_to(options_.checkpoint + ".part");
    std::filesystem::rename(options_.checkpoint + ".part", options_.checkpoint);
  }

  // Returns the number of epochs that the checkpoint has behind it.
  int load() {
    torch::serialize::InputArchive archive;
    archive.load_from(options_.checkpoint);
    network_->load(archive);
    torch::serialize::InputArchive optimizer_archive;
    archive.read("optimizer", optimizer_archive);
    optimizer_.load(optimizer_archive);
    torch::Tensor epochs_done;
    archive.read("epochs_done", epochs_done);
    return epochs_done.item<int>();
  }

  DigitNetwork& network() { return network_; }

 private:
  // `progress` runs from 0 to 1 over the whole training; the first twentieth warms up.
  void set_learning_rate(double progress) {
    constexpr double warm_up = 0.05;
    const double factor = progress < warm_up
                              ? progress / warm_up
                              : 0.5 * (1 + std::cos(std::numbers::pi * (progress - warm_up) / (1 - warm_up)));
    for (auto& group : optimizer_.param_groups()) group.options().set_lr(options_.learning_rate * factor);
  }

  const Options& options_;
  const Digits& digits_;
  const float empty_ = digit_transform().input(data::Picture::blank(28, 28)).front();
  DigitNetwork network_;
  torch::optim::SGD optimizer_;
};

void run(const Options& options) {
  torch::set_num_threads(options.threads);
  torch::manual_seed(options.seed);
  const Digits training_digits = read_digits(options.training_data);
  const Digits test_digits = read_digits(options.test_data);
  Training training(options, training_digits);
  int first = 0;
  if (!options.checkpoint.empty() && std::filesystem::exists(options.checkpoint)) {
    first = training.load();
    fmt::print("{}: {} epochs done, going on\n", options.checkpoint, first);
  }
  for (int epoch = first; epoch < options.epochs; ++epoch) {
    const auto start = std::chrono::steady_clock::now();
    const double loss = training.epoch(epoch);
    if (!options.checkpoint.empty()) training.save(epoch + 1);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    fmt::print("\repoch {}/{}: loss {:.4f}, {:.2f} % of the test pictures right, {:.0f} s\n", epoch + 1,
               options.epochs, loss, 100 * share_right(training.network(), test_digits), seconds);
    std::fflush(stdout);
  }
  const double right = share_right(training.network(), test_digits);
  onnx::write_onnx(network_to_graph(training.network()), options.output);
  fmt::print("{}: {:.2f} % of {} test pictures right\n", options.output, 100 * right, test_digits.size());
}

}  // namespace

}  // namespace northpole::train

int main(int argument_count, char** arguments) {
  northpole::train::Options options;
  CLI::App app("Trains a small residual network on handwritten digits and writes it as an ONNX file.");
  app.add_option("--train", options.training_data, "training data, as 'pictures,labels' idx files")->required();
  app.add_option("--test", options.test_data, "test data, likewise")->required();
  app.add_option("-o,--output", options.output, "ONNX file to write")->required();
  app.add_option("--checkpoint", options.checkpoint, "file to save to after each epoch and to resume from");
  app.add_option("--epochs", options.epochs, "passes over the training data")->check(CLI::Range(1, 1000));
  app.add_option("--batch", options.batch, "pictures a step")->check(CLI::Range(2, 60000));
  app.add_option("--learning-rate", options.learning_rate, "highest rate of the cosine schedule");
  app.add_option("--weight-decay", options.weight_decay, "pull of the weights towards zero");
  app.add_option("--label-smoothing", options.label_smoothing, "share of the target spread over all classes");
  app.add_option("--seed", options.seed, "of weights, order and augmentation");
  app.add_option("--threads", options.threads, "threads to compute with")->check(CLI::Range(1, 256));
  app.option_defaults()->always_capture_default();
  CLI11_PARSE(app, argument_count, arguments);
  try {
    northpole::train::run(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "northpole-train-mnist: {}\n", error.what());
    return 1;
  }
  return 0;
}
