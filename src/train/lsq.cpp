#include "train/lsq.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "train/lsq_kernel.h"

namespace northpole::train {

namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

constexpr std::int64_t chunk = 8192;  // elements that one thread takes at a time

void for_each_chunk(std::int64_t size,
                    const std::function<void(std::int64_t index, std::int64_t begin, std::size_t count)>& visit) {
  const std::int64_t chunks = (size + chunk - 1) / chunk;
  at::parallel_for(0, chunks, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t index = first; index < last; ++index) {
      const std::int64_t begin = index * chunk;
      visit(index, begin, static_cast<std::size_t>(std::min(chunk, size - begin)));
    }
  });
}

// Elements in the same order in memory as those of `like`, which is dense.
Tensor as_dense_as(const Tensor& tensor, const Tensor& like) {
  if (tensor.strides() == like.strides()) return tensor;
  Tensor result = torch::empty_like(like);
  result.copy_(tensor);
  return result;
}

struct Quantize : torch::autograd::Function<Quantize> {
  static Tensor forward(AutogradContext* context, const Tensor& v, const Tensor& step, std::int64_t lowest,
                        std::int64_t highest, double gradient_scale) {
    const Tensor values = v.is_non_overlapping_and_dense() ? v : v.contiguous();
    Tensor result = torch::empty_like(values);
    const float* from = values.data_ptr<float>();
    auto* to = result.data_ptr<float>();
    const float size = step.item<float>();
    for_each_chunk(values.numel(), [&](std::int64_t, std::int64_t begin, std::size_t count) {
      quantize_values(from + begin, to + begin, count, size, static_cast<float>(lowest), static_cast<float>(highest));
    });
    context->save_for_backward({values, step});
    context->saved_data["lowest"] = lowest;
    context->saved_data["highest"] = highest;
    context->saved_data["gradient_scale"] = gradient_scale;
    return result;
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &values = saved[0], &step = saved[1];
    const Tensor incoming = as_dense_as(gradients[0], values);
    Tensor result = torch::empty_like(values);
    const auto lowest = static_cast<float>(context->saved_data["lowest"].toInt());
    const auto highest = static_cast<float>(context->saved_data["highest"].toInt());
    const float size = step.item<float>();
    const float *from = values.data_ptr<float>(), *in = incoming.data_ptr<float>();
    auto* to = result.data_ptr<float>();
    std::vector<double> sums(static_cast<std::size_t>((values.numel() + chunk - 1) / chunk));
    for_each_chunk(values.numel(), [&](std::int64_t index, std::int64_t begin, std::size_t count) {
      sums[static_cast<std::size_t>(index)] =
          quantize_gradients(from + begin, in + begin, to + begin, count, size, lowest, highest);
    });
    double sum = 0;  // of the chunks in their order, whoever computed them
    for (const double part : sums) sum += part;
    const double scale = context->saved_data["gradient_scale"].toDouble();
    const Tensor of_step = torch::full_like(step, sum * scale);
    return {result, of_step, Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor quantized(const Tensor& v, const Tensor& step, CodeRange range, double gradient_scale) {
  return Quantize::apply(v, step, static_cast<std::int64_t>(range.lowest), static_cast<std::int64_t>(range.highest),
                         gradient_scale);
}

double step_gradient_scale(std::int64_t elements, std::int32_t highest) {
  return 1.0 / std::sqrt(static_cast<double>(elements) * highest);
}

double initial_step(double mean_magnitude, std::int32_t highest) {
  return 2.0 * mean_magnitude / std::sqrt(static_cast<double>(highest));
}

}  // namespace northpole::train
