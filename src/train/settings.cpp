#include "train/settings.h"

#include <fmt/format.h>

namespace northpole::train {

namespace {

std::string text(const quantize::LayerBits& bits) { return fmt::format("{},{}", bits.weights, bits.activations); }

}  // namespace

std::map<std::string, std::string> described(const Settings& settings) {
  std::map<std::string, std::string> all = {
      {"bits", text(settings.bits.inner)},
      {"outer-bits", text(settings.bits.outer)},
      {"residual-bits", fmt::format("{}", settings.residual_bits)},
      {"initial-steps", settings.initial_steps == InitialSteps::published ? "published" : "error"},
      {"optimizer", settings.optimizer == Optimizer::sgd ? "sgd" : "adam"},
      {"learning-rate", fmt::format("{}", settings.learning_rate)},
      {"warm-up", fmt::format("{}", settings.warm_up)},
      {"weight-decay", fmt::format("{}", settings.weight_decay)},
      {"distil", fmt::format("{}", settings.distillation)},
      {"temperature", fmt::format("{}", settings.temperature)},
      {"label-smoothing", fmt::format("{}", settings.label_smoothing)},
      {"batch-norm", settings.batch_norm ? "yes" : "no"},
      {"mirror", settings.augmentation.mirror ? "yes" : "no"},
      {"shift", fmt::format("{}", settings.augmentation.shift)},
      {"turn", fmt::format("{}", settings.augmentation.turn)},
      {"epochs", fmt::format("{}", settings.epochs)},
      {"batch", fmt::format("{}", settings.batch)},
      {"limit", fmt::format("{}", settings.limit)},
      {"seed", fmt::format("{}", settings.seed)},
      {"threads", fmt::format("{}", settings.threads)},
  };
  for (const auto& [layer, bits] : settings.bits.layers) all["layer-bits " + layer] = text(bits);
  return all;
}

}  // namespace northpole::train
