// A network of the QONNX dialect as its definition has it, in double precision: operator by operator on real numbers,
// with no codes anywhere. Shares nothing with the importer, whose results are held against this one's.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "network/graph.h"

namespace northpole::tests {

struct RealTensor {
  network::Shape shape;
  std::vector<double> values;
};

class Definition {
 public:
  // graph: as read_onnx() gives it. Throws std::runtime_error for an operator that it does not know.
  explicit Definition(network::Graph graph);

  // All values by name, for one input.
  std::map<std::string, RealTensor> run(const RealTensor& input) const;
  const network::Graph& graph() const { return graph_; }

 private:
  network::Graph graph_;  // shape arithmetic on constants folded
  std::map<std::string, RealTensor> constants_;
};

}  // namespace northpole::tests
