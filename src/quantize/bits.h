// How many bits the weights and the activations of a network get.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "network/graph.h"
#include "quantize/points.h"

namespace northpole::quantize {

// Of a layer with weights: 8, 4 or 2 each. The machine multiplies by weights that are narrower than the activations,
// never by wider ones.
struct LayerBits {
  int weights = 8;
  int activations = 8;  // of its input

  bool operator==(const LayerBits&) const = default;
};

struct BitChoice {
  LayerBits inner;  // layers in general
  LayerBits outer;  // the first and the last: no layer with weights between them and the network's input or an output
  int ends = 8;     // the network's input, and what it gives to the outside or to the host's operators
  // Results of layers with weights that go through one more function on their way to memory: they are read by one
  // element-wise operator alone, which the vector unit does in the same pass. Of two operands it is the later's result.
  int passing = 8;
  std::map<std::string, LayerBits> layers;  // exceptions by node name
};

// "8", "4", "2": all layers alike, the network's ends and passing results 8 bit.
// "mixed": 4 bit, but 8 bit in the first and the last layers; the choice of the published chip's ResNet-50.
// Throws Error naming these for anything else.
BitChoice bit_choice(std::string_view name);

// By node name: layers with no other one with weights between them and the network's input or an output.
std::set<std::string> first_and_last_layers(const network::Graph& graph);

struct BitPlan {
  std::map<std::string, int> weights;  // of every layer with weights, by node name
  std::vector<int> groups;             // of each group of points: the widest that a reader of its members wants
};

// Values that no layer with weights reads, that do not leave the network and do not pass get the inner activations'
// width. Throws Error for a width other than 8, 4 and 2, for weights wider than their layer's activations, and naming a
// layer of the choice that the network does not have.
BitPlan plan_bits(const network::Graph& graph, const Points& points, const BitChoice& choice);

}  // namespace northpole::quantize
