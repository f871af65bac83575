// Pictures of a data set as inputs of a network.
#pragma once

#include <memory>

#include "data/dataset.h"
#include "data/picture_transform.h"
#include "network/graph.h"
#include "quantize/calibrate.h"

namespace northpole::tests {

class PictureSource {
 public:
  PictureSource(const network::Graph& graph, const std::filesystem::path& data)
      : input_(graph.inputs.at(0)), transform_(data::transform_of(graph)), data_(data::open_dataset(data.string())) {}

  std::map<std::string, network::Tensor> operator()(std::int64_t index) const {
    return {{input_.name, transform_.input(data_->picture(index), input_.shape)}};
  }

  quantize::Calibration calibration(std::int64_t first, std::int64_t count) const {
    return {count, [this, first](std::int64_t index) { return (*this)(first + index); }};
  }

  // The share of pictures whose largest output is that of their class.
  template <typename Interpreter>
  double top1(const Interpreter& interpreter, std::int64_t count) const {
    std::vector<char> right(static_cast<std::size_t>(count));
    quantize::for_each_picture(count, 2, [&](std::int64_t index) {
      const network::Tensor output = interpreter.run((*this)(index)).begin()->second;
      std::int64_t best = 0;
      for (std::int64_t i = 1; i < output.size(); ++i) best = output.number(i) > output.number(best) ? i : best;
      right[static_cast<std::size_t>(index)] = best == data_->label(index);
    });
    double sum = 0;
    for (char each : right) sum += each;
    return sum / static_cast<double>(count);
  }

 private:
  network::Port input_;
  data::PictureTransform transform_;
  std::unique_ptr<data::Dataset> data_;
};

}  // namespace northpole::tests
