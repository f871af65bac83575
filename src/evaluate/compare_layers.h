// Every tensor of a run of the simulated chip against the same tensor of the reference.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "data/dataset.h"
#include "evaluate/model.h"

namespace northpole::evaluate {

struct Comparison {
  std::int64_t pictures = 0;
  std::int64_t tensors = 0, elements = 0;  // compared, over all pictures
  std::int64_t different_tensors = 0, different_elements = 0;
  std::string first_difference;  // picture and tensor; empty when there is none
  bool equal() const { return different_tensors == 0; }
};

// model: a program with its quantized network (ModelOptions::network). The first `count` pictures, as many at a time as
// a run takes, and every tensor of each of their frames. Tensors of the program that the network does not know, or that
// lie incomplete in the memories, count as different. Throws northpole::Error for a model without program or network, a
// network with another input, a program that tells of a tensor in some of its frames only, and a fault.
Comparison compare_layers(const Model& model, const data::Dataset& pictures, std::int64_t count, int threads = 1,
                          const std::function<void(std::int64_t done, std::int64_t total)>& progress = {});

}  // namespace northpole::evaluate
