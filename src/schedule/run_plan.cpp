#include "schedule/run_plan.h"

#include <algorithm>

namespace northpole::schedule {

namespace {

std::vector<TimedInstruction> in_order(std::vector<TimedInstruction> list) {
  std::stable_sort(list.begin(), list.end(),
                   [](const TimedInstruction& a, const TimedInstruction& b) { return a.start < b.start; });
  return list;
}

}  // namespace

RunPlan::RunPlan(const chip::ChipDescription& chip, std::uint32_t group_rows, std::uint32_t groups)
    : chip_(chip), group_rows_(group_rows), groups_(groups) {
  for (std::size_t i = 0; i < isa::thread_count; ++i)
    threads_[i].resize(of_group(static_cast<isa::Thread>(i)) ? group_cores() : chip.cores());
  for (auto& edge : edges_) edge.resize(group_rows);
}

void RunPlan::add(std::uint32_t core, isa::Thread thread, std::uint64_t start, isa::Instruction instruction) {
  TimedInstruction timed{start, std::move(instruction)};
  end_ = std::max(end_, timed.last() + 1);
  threads_[static_cast<std::size_t>(thread)][core].push_back(std::move(timed));
}

void RunPlan::add_edge(std::uint32_t row, bool send, std::uint64_t start, isa::Instruction instruction) {
  TimedInstruction timed{start, std::move(instruction)};
  end_ = std::max(end_, timed.last() + 1);
  edges_[send ? 1 : 0][row].push_back(std::move(timed));
}

std::vector<TimedInstruction> RunPlan::thread(std::uint32_t core, isa::Thread thread) const {
  const auto& of_cores = threads_[static_cast<std::size_t>(thread)];
  if (!of_group(thread)) return in_order(of_cores[core]);
  const std::uint32_t group = core / group_cores();
  if (group >= groups()) return {};
  auto list = in_order(of_cores[core % group_cores()]);
  if (thread == isa::Thread::send)
    for (TimedInstruction& timed : list) timed.instruction.immediate[1] <<= group * group_rows_;
  return list;
}

std::vector<TimedInstruction> RunPlan::edge(std::uint32_t row, bool send) const {
  const std::uint32_t group = row / group_rows_;
  if (group >= groups()) return {};
  auto list = in_order(edges_[send ? 1 : 0][row % group_rows_]);
  if (send)
    for (TimedInstruction& timed : list) timed.instruction.immediate[1] <<= group * group_rows_;
  return list;
}

}  // namespace northpole::schedule
