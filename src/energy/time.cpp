#include "energy/time.h"

#include <algorithm>

#include "energy/event_counts.h"
#include "report/latency.h"

namespace northpole::energy {

Time time_of(const program::Program& program) {
  Time time;
  if (program.cycles == 0) return time;
  const double cycle = 1 / (program.chip.clock_megahertz * 1e6);
  const double frames = program.frames;
  const report::LatencySpan span = report::latency_span(program);
  std::uint64_t first_issue = span.last, last_issue = span.first;
  for (const program::LayerCycles& layer : program.layers) {
    first_issue = std::min(first_issue, layer.first_issue);
    last_issue = std::max(last_issue, layer.last_issue);
  }
  if (program.layers.empty()) first_issue = span.first, last_issue = span.last;
  first_issue = std::clamp(first_issue, span.first, span.last);
  last_issue = std::clamp(last_issue, first_issue, span.last);
  time.input_cycles = first_issue - span.first;
  time.compute_cycles = last_issue - first_issue + 1;
  time.output_cycles = span.last - last_issue;
  time.input = cycle * static_cast<double>(time.input_cycles);
  time.compute = cycle * static_cast<double>(time.compute_cycles);
  time.output = cycle * static_cast<double>(time.output_cycles);

  time.input_bytes = tensor_bytes(program.input);
  for (const program::FrameLayout& output : program.outputs) time.output_bytes += tensor_bytes(output);
  const auto in = static_cast<double>(time.input_bytes), out = static_cast<double>(time.output_bytes);
  time.host_input = frames * in / host_link_bytes_per_second;
  time.host_output = frames * out / host_link_bytes_per_second;
  time.chip_frames_per_second = frames / (cycle * static_cast<double>(program.cycles));
  const double most = std::max(in, out);
  time.host_frames_per_second = most == 0 ? time.chip_frames_per_second : host_link_bytes_per_second / most;
  return time;
}

}  // namespace northpole::energy
