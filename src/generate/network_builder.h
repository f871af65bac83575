// Puts a network together layer by layer, with random weights that keep activations at about the same size.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "network/graph.h"

namespace northpole::generate {

// A value in the network being built.
struct Value {
  std::string name;
  std::int64_t channels = 0;  // or elements, once flattened
  std::int64_t side = 0;      // height and width; 1 once flattened
  bool rectified = false;     // went through Relu, Relu6 or LeakyRelu, so that it has a mean above zero
};

struct Convolution {
  std::int64_t channels = 0;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;  // padding keeps the size but for the stride
  bool depthwise = false;
  double gain = 1;  // the size of the output relative to that of the input's values before they were rectified
};

class NetworkBuilder {
 public:
  NetworkBuilder(std::string name, std::uint64_t seed, std::int64_t channels, std::int64_t side);

  const Value& input() const { return input_; }

  // Each appends a node called `name` and returns its output. Convolutions and fully connected layers have a bias.
  Value convolution(const std::string& name, const Value& value, const Convolution& layer);
  Value relu(const std::string& name, const Value& value);
  Value leaky_relu(const std::string& name, const Value& value);  // 0.1 of what is negative
  Value relu6(const std::string& name, const Value& value);
  Value add(const std::string& name, const Value& left, const Value& right);
  Value max_pool(const std::string& name, const Value& value, std::int64_t kernel, std::int64_t stride,
                 std::int64_t padding);
  // The largest of 2 x 2, one step to the next; padding below and on the right keeps the size.
  Value max_pool_of_every_two(const std::string& name, const Value& value);
  // Every element becomes 2 x 2 of its like.
  Value upsample(const std::string& name, const Value& value);
  // All channels of the first, then all of the second.
  Value concatenate(const std::string& name, const Value& first, const Value& second);
  Value global_average(const std::string& name, const Value& value);
  Value flatten(const std::string& name, const Value& value);
  Value fully_connected(const std::string& name, const Value& value, std::int64_t outputs);

  // The finished graph with these values as its outputs.
  network::Graph finish(const std::vector<Value>& outputs) &&;

 private:
  Value node(const std::string& name, const std::string& op, std::vector<std::string> inputs, Value output,
             std::map<std::string, network::Attribute> attributes = {});
  Value pool(const std::string& name, const Value& value, std::int64_t kernel, std::int64_t stride,
             const std::vector<std::int64_t>& pads);
  // Adds the weights and bias of a layer and returns their names.
  std::vector<std::string> weights(const std::string& name, const Value& value, const network::Shape& shape,
                                   double gain);

  network::Graph graph_;
  std::uint64_t seed_;
  Value input_;
};

}  // namespace northpole::generate
