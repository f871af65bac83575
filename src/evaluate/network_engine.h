// Interpreters of a network as engines.
#pragma once

#include <functional>
#include <memory>

#include "data/picture_transform.h"
#include "evaluate/engine.h"
#include "network/graph.h"
#include "reference/half.h"

namespace northpole::evaluate {

// The network with one output, its first, and, where that is the class that an ArgMax chose, the scores that it chose
// from.
network::Graph with_scores_as_output(network::Graph graph);

// All engines of one of these share the interpreter, which several threads may use at once.
std::function<std::unique_ptr<Engine>()> float_engines(network::Graph graph, const data::PictureTransform& transform);
std::function<std::unique_ptr<Engine>()> reference_engines(network::Graph graph,
                                                           const data::PictureTransform& transform,
                                                           reference::Precision precision);

}  // namespace northpole::evaluate
