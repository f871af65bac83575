// The names of a network's classes, kept as a JSON list of strings in the ONNX file's metadata ("northpole.classes").
#pragma once

#include <string>
#include <vector>

#include "network/graph.h"

namespace northpole::data {

std::string class_names_to_json(const std::vector<std::string>& names);

// Throws Error when the text is not a JSON list of strings.
std::vector<std::string> class_names_from_json(const std::string& text);

// What the network's metadata says; empty when it says nothing.
std::vector<std::string> class_names_of(const network::Graph& graph);

}  // namespace northpole::data
