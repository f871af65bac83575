#include "report/latency.h"

#include <algorithm>
#include <optional>

namespace northpole::report {
namespace {

struct Span {
  std::uint64_t first = 0, last = 0;
};

// Cycles of the first and the last event of an edge unit's stream, `end` not counted. A damaged stream ends where it
// does not decode.
std::optional<Span> span_of(const std::vector<isa::Word>& words, std::uint64_t cycles) {
  std::optional<Span> span;
  std::uint64_t free = 0;
  std::string problem;
  for (std::size_t index = 0; index < words.size();) {
    const auto instruction = isa::decode(words.data(), words.size(), index, problem);
    if (!instruction || instruction->opcode == isa::Opcode::end) break;
    const std::uint64_t start = free + instruction->delay;
    std::uint64_t last = start;
    for (const isa::Loop& loop : instruction->loops)
      last += std::uint64_t{loop.count} * loop.interval - (loop.count == 0 ? 0 : loop.interval);
    if (start >= cycles) break;
    span = Span{span ? span->first : start, std::min(last, cycles - 1)};
    if (last >= cycles) break;
    free = last + 1;
  }
  return span;
}

}  // namespace

LatencySpan latency_span(const program::Program& program) {
  std::optional<std::uint64_t> first, last;
  for (const program::Edge& edge : program.edges) {
    if (const auto sent = span_of(edge.send, program.cycles))
      first = std::min(first.value_or(sent->first), sent->first);
    if (const auto received = span_of(edge.receive, program.cycles))
      last = std::max(last.value_or(received->last), received->last);
  }
  if (program.cycles == 0) return {};
  const LatencySpan span{first.value_or(0), last.value_or(program.cycles - 1)};
  return span.last < span.first ? LatencySpan{0, program.cycles - 1} : span;
}

std::uint64_t latency_cycles(const program::Program& program) {
  if (program.cycles == 0) return 0;
  const LatencySpan span = latency_span(program);
  return span.last - span.first + 1;
}

}  // namespace northpole::report
