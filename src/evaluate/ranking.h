// From a network's output to the classes that it prefers.
#pragma once

#include <cstddef>
#include <vector>

#include "network/tensor.h"

namespace northpole::evaluate {

struct Ranked {
  int class_number = 0;
  float score = 0;
};

// The `count` classes (or as many as there are) of the highest scores, best first; among equal ones the lower number,
// as ArgMax has it. NaN counts as the lowest.
std::vector<Ranked> best_classes(const std::vector<float>& scores, std::size_t count);

// Whether a tensor of that shape is a list of scores by class: one dimension at most differs from 1.
bool is_score_list(const network::Shape& shape);

}  // namespace northpole::evaluate
