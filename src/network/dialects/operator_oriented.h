// One function an operator of the operator-oriented dialects. Internal to expand_quantized_operators().
#pragma once

#include <map>
#include <string>

#include "network/dialects/expansion.h"

namespace northpole::network {

// What is known of the codes on the way: their types, by value name.
using CodeTypes = std::map<std::string, ElementType>;

// Adds to the expansion the nodes that stand for its node.
using OperatorExpansion = void (*)(Expansion& expansion, const CodeTypes& types);

void expand_qlinear_conv(Expansion& expansion, const CodeTypes& types);
void expand_qlinear_matmul(Expansion& expansion, const CodeTypes& types);
void expand_qgemm(Expansion& expansion, const CodeTypes& types);
void expand_conv_integer(Expansion& expansion, const CodeTypes& types);
void expand_matmul_integer(Expansion& expansion, const CodeTypes& types);
void expand_matmul_integer_to_float(Expansion& expansion, const CodeTypes& types);

void expand_qlinear_binary(Expansion& expansion, const CodeTypes& types);  // QLinearAdd, QLinearMul
void expand_qlinear_unary(Expansion& expansion, const CodeTypes& types);   // sigmoid, LeakyRelu, pools, mean
void expand_qlinear_concat(Expansion& expansion, const CodeTypes& types);

// Always throws: what has no exact form here, and what the exporter should do instead.
void refuse_dynamic(Expansion& expansion, const CodeTypes& types);
void refuse_softmax(Expansion& expansion, const CodeTypes& types);

// A zero point that stands for a whole axis, as many times as there are scales.
std::string zero_points_like(Expansion& expansion, const std::string& scale, const std::string& zero_point);
// Of codes that nothing says it of: those of their zero point, else as `types` has it, else uint8.
ElementType code_type(const Expansion& expansion, const CodeTypes& types, std::size_t codes, std::size_t zero_point);

}  // namespace northpole::network
