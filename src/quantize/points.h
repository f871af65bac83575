// Which values of a float network are quantized, and which of them share a quantization.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "network/graph.h"

namespace northpole::quantize {

struct Points {
  struct Group {
    std::vector<std::string> members;  // all values of this quantization
    std::vector<std::string> sources;  // those of them that are computed (or come in), not just moved or picked
    bool never_negative = false;       // whatever the picture
    bool sigmoid = false;              // every source is a Sigmoid: 2^-bits is its natural scale
  };

  std::vector<Group> groups;
  std::map<std::string, std::size_t> group_of;  // quantized value to its group
  std::set<std::string> host;                   // float values on the host: Softmax, ArgMax and what follows them

  bool quantized(const std::string& value) const { return group_of.count(value) != 0; }
};

// Every network input and every output of an operator is quantized, but
//   an output whose only reader is a Relu or Clip: the clamped value is quantized instead,
//   what follows a Softmax or ArgMax, which is done on the host.
// Operators that move or pick elements (MaxPool) share their input's quantization; so do all inputs of a Concat.
Points find_points(const network::Graph& graph);

}  // namespace northpole::quantize
