#include "quantize/learn_rounding.h"

#include <algorithm>
#include <cmath>

#include "quantize/fit_codes.h"
#include "quantize/moments.h"
#include "quantize/side_by_side.h"
#include "reference/windows.h"

namespace northpole::quantize {
namespace {

using network::Graph;
using network::Node;
using network::Tensor;

// Samples that are multiplied together at a time.
constexpr std::int64_t most_samples_at_once = 2048;

// Evenly spread but never in step with rows of pixels: the same ones on every host.
std::uint64_t mixed(std::uint64_t x) {  // splitmix64's finalizer
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// How a weighted node's inputs and results are read at one of its output positions.
class Positions {
 public:
  Positions(const Graph& graph, const Node& node)
      : convolution_(node.op == "Conv"), groups_(convolution_ ? node.integer("group", 1) : 1) {
    const Tensor& weights = *graph.constant(node.inputs[1]);
    rows_ = weights.shape[static_cast<std::size_t>(output_axis(node))];
    depth_ = weights.size() / std::max<std::int64_t>(rows_, 1);
    if (convolution_) windows_ = reference::windows_of(graph, node);
    count_ = convolution_ ? windows_.output_plane() * windows_.batch
                          : network::element_count(graph.values.at(node.inputs[0]).shape) / depth_;
  }

  std::int64_t count() const { return count_; }  // a picture
  std::int64_t groups() const { return groups_; }
  std::int64_t rows() const { return rows_ / groups_; }  // of a group
  std::int64_t depth() const { return depth_; }

  // The inputs of a position, each `stride` floats from the one before.
  void inputs(const Tensor& value, std::int64_t group, std::int64_t position, std::int64_t stride, float* to) const {
    const float* from = value.data<float>();
    if (!convolution_) {
      for (std::int64_t k = 0; k < depth_; ++k) to[k * stride] = from[position * depth_ + k];
      return;
    }
    const reference::Windows& w = windows_;
    const std::int64_t channels = w.channels / groups_, pixel = position % w.output_plane();
    from += (position / w.output_plane() * w.channels + group * channels) * w.plane();
    const std::int64_t top = pixel / w.output_width * w.stride_height - w.pad_top;
    const std::int64_t left = pixel % w.output_width * w.stride_width - w.pad_left;
    for (std::int64_t c = 0; c < channels; ++c, from += w.plane()) {
      for (std::int64_t ky = 0; ky < w.kernel_height; ++ky) {
        for (std::int64_t kx = 0; kx < w.kernel_width; ++kx, to += stride) {
          const std::int64_t y = top + ky * w.dilation_height, x = left + kx * w.dilation_width;
          const bool inside = y >= 0 && y < w.height && x >= 0 && x < w.width;
          *to = inside ? from[y * w.width + x] : 0;
        }
      }
    }
  }

  float result(const Tensor& value, std::int64_t group, std::int64_t row, std::int64_t position) const {
    const std::int64_t channel = group * rows() + row;
    if (!convolution_) return value.data<float>()[position * rows_ + channel];
    const std::int64_t plane = windows_.output_plane();
    return value.data<float>()[(position / plane * rows_ + channel) * plane + position % plane];
  }

 private:
  bool convolution_;
  std::int64_t groups_, rows_ = 0, depth_ = 0, count_ = 0;
  reference::Windows windows_;
};

class Learner {
 public:
  Learner(const Graph& graph, const Points& points, const LearningOptions& options, Decisions& decisions,
          SideBySide& twins)
      : graph_(graph), points_(points), options_(options), decisions_(decisions), twins_(twins) {}

  // New weights and biases of the node, whose results in the float network are there already.
  void learn(std::size_t index) {
    const Node& node = graph_.nodes[index];
    const Positions positions(graph_, node);
    const std::int64_t of_a_picture =
        std::clamp<std::int64_t>(options_.samples / twins_.pictures(), 1, positions.count());
    for (std::int64_t group = 0; group < positions.groups(); ++group) {
      Moments moments(positions.rows(), positions.depth());
      const std::int64_t at_once = std::max<std::int64_t>(1, most_samples_at_once / of_a_picture);
      for (std::int64_t first = 0; first < twins_.pictures(); first += at_once) {
        const std::int64_t pictures = std::min(at_once, twins_.pictures() - first);
        add(index, positions, group, first, pictures, of_a_picture, moments);
      }
      moments.finish();
      fit(node, group, moments);
    }
  }

 private:
  void add(std::size_t index, const Positions& positions, std::int64_t group, std::int64_t first, std::int64_t pictures,
           std::int64_t of_a_picture, Moments& moments) {
    const Node& node = graph_.nodes[index];
    const std::int64_t samples = pictures * of_a_picture;
    std::vector<float> inputs(static_cast<std::size_t>(positions.depth() * samples));
    std::vector<float> wanted(static_cast<std::size_t>(positions.rows() * samples));
    for_each_picture(pictures, options_.threads, [&](std::int64_t at) {
      const Tensor rounded = twins_.rounded(first + at, node.inputs[0]);
      const Tensor& real = twins_.real(first + at, node.outputs[0]);
      for (std::int64_t i = 0; i < of_a_picture; ++i) {
        // One position in each of as many equal parts.
        const std::int64_t begin = i * positions.count() / of_a_picture;
        const std::int64_t end = (i + 1) * positions.count() / of_a_picture;
        const std::uint64_t draw =
            mixed((static_cast<std::uint64_t>(first + at) << 32) + static_cast<std::uint64_t>(i));
        const std::int64_t position = begin + static_cast<std::int64_t>(draw % static_cast<std::uint64_t>(end - begin));
        const std::int64_t column = at * of_a_picture + i;
        positions.inputs(rounded, group, position, samples, inputs.data() + column);
        for (std::int64_t row = 0; row < positions.rows(); ++row) {
          wanted[static_cast<std::size_t>(row * samples + column)] = positions.result(real, group, row, position);
        }
      }
    });
    moments.add(inputs, wanted, samples, options_.threads);
  }

  void fit(const Node& node, std::int64_t group, const Moments& moments) {
    const Tensor& weights = *graph_.constant(node.inputs[1]);
    const std::int64_t axis = output_axis(node), channels = weights.shape[static_cast<std::size_t>(axis)];
    const std::int64_t rows = moments.rows(), depth = moments.depth();
    QuantizedWeights& quantized = decisions_.weights.at(node.name);
    std::vector<float>& bias = decisions_.biases.at(node.name);
    // Where weight k of a row stands in the node's own order.
    const auto place = [&](std::int64_t row, std::int64_t k) {
      const std::int64_t channel = group * rows + row;
      return static_cast<std::size_t>(axis == 0 ? channel * depth + k : k * channels + channel);
    };
    std::vector<float> real(static_cast<std::size_t>(rows * depth)), scales, smallest_scales;
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t k = 0; k < depth; ++k) {
        real[static_cast<std::size_t>(row * depth + k)] = weights.data<float>()[place(row, k)];
      }
      const auto channel = static_cast<std::size_t>(group * rows + row);
      scales.push_back(quantized.scales[channel]);
      const float largest =
          std::max(std::fabs(bias[channel]),
                   std::fabs(static_cast<float>(moments.mean_wanted()[static_cast<std::size_t>(row)])));
      smallest_scales.push_back(smallest_scale_for(largest, decisions_.of(points_, node.inputs[0]).scale));
    }
    const std::vector<FittedRow> fitted =
        fit_rows(moments, real, scales, smallest_scales, quantized.bits, options_.loyalty, options_.threads);
    for (std::int64_t row = 0; row < rows; ++row) {
      const FittedRow& of_row = fitted[static_cast<std::size_t>(row)];
      const auto channel = static_cast<std::size_t>(group * rows + row);
      quantized.scales[channel] = of_row.scale;
      double given = 0;  // by the rounded row, in the mean and without bias
      for (std::int64_t k = 0; k < depth; ++k) {
        const std::int64_t code = quantized.codes[place(row, k)] = of_row.codes[static_cast<std::size_t>(k)];
        given += static_cast<double>(code) * static_cast<double>(of_row.scale) *
                 moments.mean_inputs()[static_cast<std::size_t>(k)];
      }
      if (node.op == "MatMul") continue;
      bias[channel] = static_cast<float>(moments.mean_wanted()[static_cast<std::size_t>(row)] - given);
    }
  }

  const Graph& graph_;
  const Points& points_;
  const LearningOptions& options_;
  Decisions& decisions_;
  SideBySide& twins_;
};

std::vector<std::int64_t> pictures_that_fit(const Graph& graph, const Points& points, const Calibration& calibration,
                                            const LearningOptions& options) {
  const std::int64_t most = options.most_bytes / SideBySide::bytes_of_a_picture(graph, points);
  const std::int64_t count = std::clamp<std::int64_t>(most, 1, calibration.count);
  std::vector<std::int64_t> pictures;
  for (std::int64_t i = 0; i < count; ++i) pictures.push_back(i * calibration.count / count);
  return pictures;
}

}  // namespace

void learn_rounding(const Graph& graph, const Points& points, const Calibration& calibration,
                    const LearningOptions& options, Decisions& decisions, const Progress& progress) {
  SideBySide twins(graph, points, decisions, calibration, pictures_that_fit(graph, points, calibration, options),
                   options.threads);
  Learner learner(graph, points, options, decisions, twins);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    twins.run_real(i);
    reference::FloatOperator rounded;
    if (has_weights(node)) {
      learner.learn(i);
      const Tensor weights =
          real_weights(decisions.weights.at(node.name), graph.constant(node.inputs[1])->shape, output_axis(node));
      rounded = operator_with_weights(graph, node, weights, decisions.biases.at(node.name));
    }
    twins.run_rounded(i, rounded);
    if (progress) progress(static_cast<std::int64_t>(i + 1), static_cast<std::int64_t>(graph.nodes.size()));
  }
}

}  // namespace northpole::quantize
