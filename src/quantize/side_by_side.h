// The float network and its rounded twin, one node at a time for all pictures.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "quantize/calibrate.h"
#include "quantize/emit.h"
#include "quantize/points.h"
#include "quantize/simulation.h"
#include "reference/float_operators.h"

namespace northpole::quantize {

class SideBySide {
 public:
  // pictures: the indices of the calibration pictures to use.
  // Quantizations are the decisions'; graph, points and decisions must outlive this.
  SideBySide(const network::Graph& graph, const Points& points, const Decisions& decisions,
             const Calibration& calibration, const std::vector<std::int64_t>& pictures, int threads);

  std::int64_t pictures() const { return static_cast<std::int64_t>(pictures_.size()); }

  // The outputs in the float network of a node (by its place in the graph), of all pictures. Nodes in order, each once;
  // those on the host are passed over.
  void run_real(std::size_t node);
  // The same in the rounded twin; `instead` takes the node's place there. Values that nobody reads any more go.
  void run_rounded(std::size_t node, const reference::FloatOperator& instead = {});

  // Of a picture by its place in `pictures`.
  const network::Tensor& real(std::int64_t picture, const std::string& value) const;
  network::Tensor rounded(std::int64_t picture, const std::string& value) const;

  // Bytes that a picture takes at most.
  static std::int64_t bytes_of_a_picture(const network::Graph& graph, const Points& points);

 private:
  struct Picture {
    std::map<std::string, network::Tensor> real;
    std::map<std::string, network::Tensor> rounded;  // values that are not quantized
    std::map<std::string, Codes> codes;              // those that are
  };

  bool on_host(const network::Node& node) const;
  void keep_rounded(Picture& picture, const std::string& value, network::Tensor&& tensor) const;
  const network::Tensor* rounded_or_constant(const Picture& picture, const std::string& value,
                                             network::Tensor& place) const;

  const network::Graph& graph_;
  const Points& points_;
  const Decisions& decisions_;
  int threads_;
  std::vector<Picture> pictures_;
  std::vector<reference::FloatOperator> operators_;   // by node
  std::vector<std::vector<std::string>> last_reads_;  // by node: values that nobody reads after it
};

}  // namespace northpole::quantize
