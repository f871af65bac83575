#include "train/optimizer.h"

#include <torch/nn/functional.h>

#include <cmath>
#include <numbers>

namespace northpole::train {

torch::Tensor& ParameterUpdate::remembered(const std::string& name, const torch::Tensor& like) {
  torch::Tensor& tensor = memory_[name];
  if (!tensor.defined()) tensor = torch::zeros_like(like);
  return tensor;
}

void ParameterUpdate::apply(const std::map<std::string, torch::Tensor>& parameters, double rate, std::int64_t step) {
  const torch::NoGradGuard no_gradients;
  for (const auto& [name, shared] : parameters) {
    torch::Tensor parameter = shared;
    if (!parameter.grad().defined()) continue;
    const torch::Tensor gradient = parameter.grad();
    const double decay = name.ends_with("/weights") ? weight_decay_ : 0;
    if (kind_ == Optimizer::sgd) {
      torch::Tensor& velocity = remembered(name + "/velocity", parameter);
      velocity.mul_(0.9).add_(gradient).add_(parameter, decay);
      parameter.sub_(velocity, rate);
    } else {
      constexpr double first = 0.9, second = 0.999, epsilon = 1e-8;
      torch::Tensor& mean = remembered(name + "/mean gradient", parameter);
      torch::Tensor& square = remembered(name + "/mean square", parameter);
      mean.mul_(first).add_(gradient, 1 - first);
      square.mul_(second).addcmul_(gradient, gradient, 1 - second);
      const double exponent = static_cast<double>(step + 1);
      const double of_mean = 1 - std::pow(first, exponent), of_square = 1 - std::pow(second, exponent);
      const torch::Tensor change = mean / (square / of_square).sqrt_().add_(epsilon);
      // Changes are all of the same size here, so a step's is measured by the step.
      if (name.ends_with("/step")) change.mul_(parameter);
      parameter.mul_(1 - rate * decay);
      parameter.sub_(change, rate / of_mean);
    }
    parameter.mutable_grad() = torch::Tensor();
  }
}

double learning_rate(const Settings& settings, std::int64_t step, std::int64_t steps) {
  const double progress = (static_cast<double>(step) + 0.5) / static_cast<double>(steps);
  if (progress < settings.warm_up) return settings.learning_rate * progress / settings.warm_up;
  const double share = (progress - settings.warm_up) / (1 - settings.warm_up);
  return settings.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * share));
}

}  // namespace northpole::train
