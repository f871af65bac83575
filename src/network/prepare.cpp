#include "network/prepare.h"

#include <algorithm>

#include "network/dialects/dialects.h"
#include "network/fold_constants.h"
#include "network/infer_shapes.h"
#include "network/normal_form.h"
#include "network/operators.h"
#include "network/rewrites.h"
#include "network/topology.h"

namespace northpole::network {
namespace {

// The rewrites in the order in which they should get their turn. Whenever one has changed something, shapes and
// constants are worked out afresh and the first gets its turn again.
bool rewrite_once(Graph& graph) {
  fold_constants(graph);
  if (remove_dead(graph)) return true;
  check_finite(graph);
  return remove_identities(graph) || lift_operators_on_codes(graph) || quantize_before_reshaping(graph) ||
         import_quantizers(graph) || normalize(graph) || quantize_constants(graph) || fold_batch_norm(graph) ||
         merge_reshapes(graph) || merge_slices(graph) || put_out_exact_sums(graph);
}

}  // namespace

Graph prepared(Graph graph) {
  sort_topologically(graph);
  remove_dead(graph);
  expand_quantized_operators(graph);
  check_known(graph);
  while (rewrite_once(graph)) {
  }
  // Normal form means the same from opset 13 on; 17 is what every runtime of today reads.
  graph.opset = std::max<std::int64_t>(graph.opset, 17);
  sort_topologically(graph);
  infer_shapes(graph);
  check_supported(graph);
  return graph;
}

}  // namespace northpole::network
