// All rewrites, to a fixed point: what a reader made of a file becomes what the quantizer, the reference and the
// compiler take.
#pragma once

#include "network/graph.h"

namespace northpole::network {

// The network with constants folded, batch normalisation folded, identities and dropout gone, every operator in normal
// form (network/normal_form.h), dead nodes and constants removed, shapes inferred, and checked by check_supported().
// Works on float and on quantized (QDQ) networks; prepared(prepared(g)) equals prepared(g).
// Throws Error with one line that names file and node.
Graph prepared(Graph graph);

}  // namespace northpole::network
