// Quantized networks in other people's words, rewritten into the one form that the rest takes: QuantizeLinear and
// DequantizeLinear around float operators (docs/quantized-dialects.md says which dialects, and what is exact).
#pragma once

#include "network/graph.h"

namespace northpole::network {

// Operators on codes with their scales as inputs (QLinearConv, QLinearMatMul, QGemm, com.microsoft's QLinearAdd ...)
// and on codes alone (ConvInteger, MatMulInteger) become DequantizeLinear, the float operator and QuantizeLinear. Only
// names of values are needed, no shapes. Nodes of `Constant` become constants on the way. True when anything changed.
// Throws Error naming the node, and what the exporter should do instead, for what has no such form: scales measured at
// run time (DynamicQuantizeLinear), channels last, scales that are missing.
bool expand_quantized_operators(Graph& graph);

// Operators that work on codes between a QuantizeLinear and a DequantizeLinear: MaxPool, and the Clip by which the QCDQ
// dialect narrows the range. They get pairs of their own; where a Clip leaves no more codes than a narrower type has,
// the codes are of that type from then on. Needs graph.values. True when anything changed.
bool lift_operators_on_codes(Graph& graph);

// A Reshape of the network's float input changes places with what follows it, up to and with the quantizer, where that
// works on each number alike: the host quantizes the input as it comes. Needs graph.values. True when anything changed.
bool quantize_before_reshaping(Graph& graph);

// Quantizers of the QONNX dialect (Quant, BipolarQuant, Trunc) and Sign, and float tails between a layer and a
// QuantizeLinear (of ConvInteger, of a batch normalisation after a quantizer): pairs, and layers whose constants make
// exactly the codes of the definition. One node a call; shapes must be inferred afresh behind it. Needs graph.values.
// True when anything changed. Throws Error naming the node for what cannot be represented exactly.
bool import_quantizers(Graph& graph);

// Layers of quantized numbers whose sums reach the network's output without a quantizer: codes that hold the sums
// exactly, and the scales and biases for the host. Sums of more than 8 bits of a list of scores take several codes
// each. For a network in normal form. True when anything changed.
bool put_out_exact_sums(Graph& graph);

}  // namespace northpole::network
