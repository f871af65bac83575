// The pools of docs/numerics.md.
#include <algorithm>

#include "reference/quantized_operators.h"
#include "reference/windows.h"

namespace northpole::reference {
namespace {

using Inputs = std::vector<const QuantizedTensor*>;

QuantizedOperator make_max_pool(const Site& site) {
  const Windows windows = windows_of(site.graph, site.node);
  const std::int64_t size = network::element_count(site.shape);
  const QuantizedOperator requantize = make_requantize(site.activation(0), size, site);
  const std::int32_t lowest = network::lowest_code(site.activation(0).type);
  return [=, from = site.activation(0)](const Inputs& inputs, std::int16_t* codes) {
    QuantizedTensor largest{from, {}, {}};
    largest.codes.reserve(static_cast<std::size_t>(size));
    for (std::int64_t channel = 0; channel < windows.batch * windows.channels; ++channel) {
      const std::int16_t* plane = inputs[0]->codes.data() + channel * windows.plane();
      for (std::int64_t output_y = 0; output_y < windows.output_height; ++output_y) {
        for (std::int64_t output_x = 0; output_x < windows.output_width; ++output_x) {
          auto best = static_cast<std::int16_t>(lowest);
          windows.for_each_inside(output_y, output_x, [&](std::int64_t y, std::int64_t x) {
            best = std::max(best, plane[y * windows.width + x]);
          });
          largest.codes.push_back(best);
        }
      }
    }
    requantize({&largest}, codes);
  };
}

QuantizedOperator make_average_pool(const Site& site) {
  const Windows windows = windows_of(site.graph, site.node);
  const bool count_padding = site.node.integer("count_include_pad", 0) != 0;
  const Quantization from = site.activation(0);
  return [=, target = site.target](const Inputs& inputs, std::int16_t* codes) {
    for (std::int64_t channel = 0; channel < windows.batch * windows.channels; ++channel) {
      const std::int16_t* plane = inputs[0]->codes.data() + channel * windows.plane();
      for (std::int64_t output_y = 0; output_y < windows.output_height; ++output_y) {
        for (std::int64_t output_x = 0; output_x < windows.output_width; ++output_x) {
          std::int32_t sum = 0, count = 0;
          windows.for_each_inside(output_y, output_x, [&](std::int64_t y, std::int64_t x) {
            sum += plane[y * windows.width + x] - from.zero_point;
            ++count;
          });
          const auto n = static_cast<float>(count_padding ? windows.window() : count);
          const float multiplier = from.scale / (target.quantization.scale * n);
          *codes++ = target.code(static_cast<float>(sum) * multiplier);
        }
      }
    }
  };
}

}  // namespace

QuantizedOperator make_quantized_pool(const Site& site) {
  const std::string& op = site.node.op;
  if (op == "MaxPool") return make_max_pool(site);
  if (op == "AveragePool" || op == "GlobalAveragePool" || op == "ReduceMean") return make_average_pool(site);
  return {};
}

}  // namespace northpole::reference
