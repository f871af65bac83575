// "--layer-bits": other bits for single layers.
#pragma once

#include <map>
#include <string>

#include "options.h"
#include "quantize/bits.h"

namespace northpole::cli {

// "conv1=4" or "conv1=2,4" (weights, input); or a file with one such line a layer ('#' starts a comment). Throws
// CLI::ValidationError or northpole::Error naming the line.
void add_layer_bits(CLI::App& command, std::map<std::string, quantize::LayerBits>& layers);

}  // namespace northpole::cli
