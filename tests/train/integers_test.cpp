// The same integers: every code of the trainer's integer network is the reference interpreter's on the written network.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "network/prepare.h"
#include "northpole/network.h"
#include "reference/quantized_interpreter.h"
#include "support/every_operator.h"
#include "train/integer_network.h"
#include "train/optimizer.h"
#include "train/trained_network.h"

namespace northpole::train {
namespace {

using torch::Tensor;

// Some steps on random labels, so that steps, gains and biases are no longer those of the start.
void train_a_little(TrainedNetwork& network, const Tensor& pictures, Optimizer kind) {
  ParameterUpdate update(kind, 1e-4);
  const Tensor labels = torch::randint(0, network.classes(), {pictures.size(0)}, torch::kInt64);
  for (int step = 0; step < 4; ++step) {
    torch::cross_entropy_loss(network.scores(pictures, true), labels).backward();
    update.apply(network.parameters(), 1e-3, step);
    network.confine_parameters();
  }
}

// How many codes of all quantized values differ, over all pictures; `compared` counts them.
std::int64_t different_codes(const TrainedNetwork& network, const Tensor& pictures, std::int64_t& compared) {
  const quantize::Decisions decisions = network.decisions();
  const network::Graph written = network::prepared(quantize::emit(network.graph(), network.points(), decisions));
  const reference::QuantizedInterpreter interpreter(written, reference::Precision::fp16);
  std::map<std::string, Tensor> codes;
  const IntegerNetwork integers(network.graph(), network.points(), decisions);
  integers.run(pictures, network.scores_name(), [&](const std::string& value, const Tensor& of_value) {
    codes[value + "_quantized"] = of_value.contiguous();
  });
  std::int64_t different = 0;
  const network::Port& input = written.inputs[0];
  for (std::int64_t picture = 0; picture < pictures.size(0); ++picture) {
    const Tensor one = pictures[picture].contiguous();
    const std::vector<float> values(one.data_ptr<float>(), one.data_ptr<float>() + one.numel());
    interpreter.run({{input.name, network::Tensor::of_floats(input.shape, values)}},
                    [&](const std::string& name, const reference::QuantizedTensor& value) {
                      const auto found = codes.find(name);
                      if (found == codes.end()) return;
                      const Tensor mine = found->second[picture].contiguous().reshape({-1});
                      ASSERT_EQ(mine.numel(), static_cast<std::int64_t>(value.codes.size())) << name;
                      for (std::size_t i = 0; i < value.codes.size(); ++i) {
                        different += mine.data_ptr<float>()[i] != static_cast<float>(value.codes[i]) ? 1 : 0;
                        ++compared;
                      }
                    });
  }
  return different;
}

Settings settings_of(const char* bits, bool batch_norm) {
  Settings settings;
  settings.bits = quantize::bit_choice(bits);
  settings.initial_steps = InitialSteps::least_error;
  settings.batch_norm = batch_norm;
  return settings;
}

TEST(SameIntegers, DigitNetworkAtEveryWidth) {
  torch::manual_seed(5);
  const network::Graph graph = read_network(NORTHPOLE_SOURCE_DIR "/models/mnist-resnet.onnx");
  const Tensor pictures = torch::randn({6, 1, 28, 28});
  for (const char* bits : {"8", "mixed", "4", "2"}) {
    for (const bool batch_norm : {false, true}) {
      TrainedNetwork network(graph, settings_of(bits, batch_norm));
      network.start_from(pictures);
      train_a_little(network, pictures, batch_norm ? Optimizer::sgd : Optimizer::adam);
      std::int64_t compared = 0;
      EXPECT_EQ(different_codes(network, pictures, compared), 0) << bits << " bits, batch norm " << batch_norm;
      EXPECT_GT(compared, 6 * 28 * 28 * 16 * 4) << "not every value was compared";
    }
  }
}

TEST(SameIntegers, EveryOperator) {
  torch::manual_seed(6);
  for (unsigned seed = 1; seed <= 4; ++seed) {
    network::Graph graph = tests::EveryOperator(seed).prepared();
    graph.outputs.erase(graph.outputs.begin() + 1);  // the scores alone
    graph = network::prepared(graph);
    for (const char* bits : {"8", "4"}) {
      TrainedNetwork network(graph, settings_of(bits, false));
      const Tensor pictures = torch::randn({4, 3, 12, 12});
      network.start_from(pictures);
      train_a_little(network, pictures, Optimizer::adam);
      std::int64_t compared = 0;
      EXPECT_EQ(different_codes(network, pictures, compared), 0) << "seed " << seed << ", " << bits << " bits";
      EXPECT_GT(compared, 4 * 5000);
    }
  }
}

TEST(SameIntegers, ValuesThatSkipLayersKeptWide) {
  torch::manual_seed(8);
  const network::Graph graph = read_network(NORTHPOLE_SOURCE_DIR "/models/mnist-resnet.onnx");
  const Tensor pictures = torch::randn({6, 1, 28, 28});
  Settings settings = settings_of("2", true);
  settings.bits.outer = {8, 8};
  settings.residual_bits = 8;
  TrainedNetwork network(graph, settings);
  EXPECT_GT(network.graph().nodes.size(), graph.nodes.size()) << "the layers read the wide values themselves";
  network.start_from(pictures);
  train_a_little(network, pictures, Optimizer::adam);
  std::int64_t compared = 0;
  EXPECT_EQ(different_codes(network, pictures, compared), 0);
  EXPECT_GT(compared, 6 * 28 * 28 * 16 * 4);
}

// Folding at the end changes nothing: the integer network of a normalised network scores as the float one does.
TEST(BatchNorm, StartsAsTheFloatNetwork) {
  torch::manual_seed(7);
  const network::Graph graph = read_network(NORTHPOLE_SOURCE_DIR "/models/mnist-resnet.onnx");
  const Tensor pictures = torch::randn({16, 1, 28, 28});
  TrainedNetwork network(graph, settings_of("8", true));
  network.start_from(pictures);
  const Tensor wanted = network.float_scores(pictures), scores = network.scores(pictures, false).detach();
  EXPECT_LT((wanted - scores).abs().max().item<double>(), 0.05 * wanted.abs().max().item<double>());
}

}  // namespace
}  // namespace northpole::train
