// The operators that this project takes: one table from which the documentation, the messages and the checks come.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "network/graph.h"

namespace northpole::network {

// Where an operator's work is done.
enum class Place {
  matrix_unit,   // the vector-matrix unit, finished by the vector unit
  vector_unit,   // the vector unit
  moved,         // no arithmetic: elements are moved, or only addressed differently
  quantization,  // meaning, not work: scales and zero points of its neighbours
  host,          // at the network's end, on the host
  folded,        // gone before compiling: on constants only, or rewritten into another operator
  dialect,       // another way to say quantized: becomes a float operator between DequantizeLinear and QuantizeLinear
};

struct Operator {
  std::string_view name;
  Place place;
  std::string_view constraints;  // in words; empty when there are none
};

// Sorted by place, then name.
std::span<const Operator> supported_operators();
const Operator* find_operator(std::string_view name);
std::string_view place_name(Place place);

// "Add, ArgMax, ...": for messages.
std::string supported_operator_list();
// The table for docs/, generated.
std::string supported_operators_markdown();

// Throws Error naming the node, its operator and the supported ones, for an operator that is not in the table.
void check_known(const Graph& graph);
// For a network in normal form: throws Error naming the node and the constraint it breaks.
void check_supported(const Graph& graph);

}  // namespace northpole::network
