// What random_network() builds with: values so far, random choices, quantization that suits the numbers. Each method of
// the second half appends one operator (or a little idiom of several) to the network.
#pragma once

#include <initializer_list>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "network/graph.h"
#include "support/random_network.h"

namespace northpole::tests {

class NetworkGenerator {
 public:
  using Ints = std::vector<std::int64_t>;
  using Attributes = std::map<std::string, network::Attribute>;

  // A quantized activation behind its DequantizeLinear.
  struct Value {
    std::string name;
    network::Shape shape;
    network::ElementType type = network::ElementType::int8;
    float scale = 1;
    std::int64_t zero_point = 0;
    bool computed = false;  // more than moves of the input
    double low() const;  // smallest and largest real value that the codes can hold
    double high() const;
    std::int64_t channels() const { return shape[1]; }
    std::int64_t height() const { return shape[2]; }
    std::int64_t width() const { return shape[3]; }
    bool picture() const { return shape.size() == 4; }
  };

  NetworkGenerator(std::uint64_t seed, std::int64_t largest_tensor, Bits bits)
      : random_(seed), largest_tensor_(largest_tensor), bits_(bits) {
    style_ = static_cast<int>(below(4));
  }

  network::Graph graph;

  // random_network.cpp: the network as a whole.
  void input();
  void step();
  void finish();

  std::int64_t below(std::int64_t count) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(count));
  }
  std::int64_t between(std::int64_t low, std::int64_t high) { return low + below(high - low + 1); }
  bool chance(double probability) { return std::uniform_real_distribution<>(0, 1)(random_) < probability; }
  double real(double low, double high) { return std::uniform_real_distribution<>(low, high)(random_); }
  template <typename T>
  T any_of(std::initializer_list<T> choices) {
    return *(choices.begin() + below(static_cast<std::int64_t>(choices.size())));
  }

 private:
  // network_generator.cpp: the means.
  std::string fresh(const std::string& stem) { return stem + "_" + std::to_string(count_++); }
  std::string constant(network::Tensor tensor);
  std::string integers(const Ints& values);
  std::vector<std::string> node(const std::string& op, std::vector<std::string> inputs, Attributes attributes = {},
                                int outputs = 1);
  // The value under another quantization, if any: Relu or Clip sometimes, then QuantizeLinear and DequantizeLinear.
  Value quantized(const std::string& real_value, const network::Shape& shape, double low, double high,
                  bool clamp = true);
  Value quantized_as(const std::string& real_value, const network::Shape& shape, const Value& like);
  void quantization_for(double low, double high, Value& value);
  // The newest value, or now and then an older one.
  const Value& some(bool picture);
  void keep(Value value) { values_.push_back(std::move(value)); }
  // A move's result: without a pair of its own, with an equal one, or requantized.
  void keep_moved(const std::string& moved, const network::Shape& shape, const Value& from);
  bool fits(const network::Shape& shape) const { return network::element_count(shape) <= largest_tensor_; }
  std::string weights(const network::Shape& shape, std::int64_t axis, const Value& input, double& deviation,
                      std::vector<float>& scales);
  // A width that the network may have; draws nothing where there is no choice.
  int width();
  std::string bias(std::int64_t outputs, const Value& input, const std::vector<float>& scales, double amplitude);

  // generated_layers.cpp
  void convolution();
  void matrix_product();
  void average();
  void maximum();
  // generated_elementwise.cpp
  void two_tensors();
  void squeeze_and_excite();
  void with_constant();
  void function();
  // generated_moves.cpp
  void concatenate();
  void slice();
  void split();
  void pad();
  void shuffle();
  void space_to_depth();
  void resize();
  void requantize();
  void flatten_or_back();

  std::mt19937_64 random_;
  std::int64_t largest_tensor_;
  Bits bits_;
  int style_ = 0;  // 0 int8 symmetric, 1 uint8 asymmetric, 2 int8 asymmetric, 3 all mixed
  int count_ = 0;
  std::vector<Value> values_;
};

}  // namespace northpole::tests
