// The trace, and what it is made of: instructions in time, their layers, the links and banks that they use.
#include "report/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "network/error.h"
#include "northpole/chip.h"
#include "report/instruction_layers.h"
#include "report/run_instructions.h"
#include "report/traffic.h"
#include "support/rich_program.h"
#include "verify/verify.h"

namespace northpole::report {
namespace {

machine::RunResult run_of(const program::Program& program) {
  Chip chip(program.chip, EngineKind::step);
  chip.configure(program);
  chip.write_input_words(
      std::vector<isa::Word>(std::size_t{program.input.blocks} * program.input.height * program.input.width));
  return chip.run_network();
}

// Calls visit(core or row, thread or "edge", instructions) for every thread of the chip.
template <typename Visit>
void for_each_thread(const RunInstructions& run, const Visit& visit) {
  for (std::uint32_t core = 0; core < run.program().chip.cores(); ++core) {
    const CoreInstructions instructions = run.of_core(core);
    for (const ThreadInstructions& of_thread : instructions) visit(false, core, of_thread);
  }
  for (std::uint32_t row = 0; row < run.program().chip.rows; ++row) visit(true, row, run.of_edge(row).send);
}

TEST(RunInstructions, HaveAsManyEventsAsTheMachineSees) {
  const program::Program program = tests::rich_program();
  const machine::RunResult result = run_of(program);
  ASSERT_FALSE(result.fault) << machine::to_text(*result.fault);
  const BusyCycles busy = busy_cycles(RunInstructions(program));
  // The machine counts `end` (each core's thread has one) and `switch_program` (one program follows the boot program)
  // too.
  const std::uint64_t moves = program.chip.cores() * std::uint64_t{program.segments.size()};
  for (std::size_t t = 0; t < isa::thread_count; ++t)
    EXPECT_EQ(busy.threads[t] + moves, result.statistics.events[t]) << isa::name(static_cast<isa::Thread>(t));
  EXPECT_EQ(busy.edge_send + program.chip.rows, result.statistics.edge_sends);
  EXPECT_EQ(busy.edge_receive + program.chip.rows, result.statistics.edge_receives);
}

TEST(Traffic, HopsAreThoseThatTheMachineSees) {
  const program::Program program = tests::rich_program();
  const machine::RunResult result = run_of(program);
  const RunInstructions run(program);
  Routes routes(program.chip);
  std::array<std::uint64_t, 4> hops{};
  for_each_thread(run, [&](bool edge, std::uint32_t place, const ThreadInstructions& instructions) {
    for (const PlacedInstruction& placed : instructions)
      if (const auto sending = sending_of(placed.instruction, program.chip))
        hops[static_cast<std::size_t>(sending->network)] +=
            placed.events * sending->words * routes.links(edge, place, placed.instruction).size();
  });
  EXPECT_EQ(hops[static_cast<std::size_t>(Network::activations)], result.statistics.activations.hops);
  EXPECT_EQ(hops[static_cast<std::size_t>(Network::model)], result.statistics.model.hops);
  EXPECT_EQ(hops[static_cast<std::size_t>(Network::instructions)], result.statistics.instructions.hops);
  EXPECT_EQ(hops[static_cast<std::size_t>(Network::partial_sums)], 2U);  // core 0 to core 1, twice
}

TEST(Traffic, AccessesAreThoseThatTheVerifierSees) {
  const program::Program program = tests::rich_program();
  std::uint64_t accesses = 0;
  for_each_thread(RunInstructions(program), [&](bool edge, std::uint32_t, const ThreadInstructions& instructions) {
    for (const PlacedInstruction& placed : instructions)
      if (!edge)
        for_each_access(placed, program.chip, [&](std::uint64_t, std::uint32_t, std::uint16_t, bool) { ++accesses; });
  });
  EXPECT_EQ(accesses, verify::verify(program).counts.bank_accesses);
}

TEST(Traffic, OnlyTheLastEventOfAWindowWrites) {
  PlacedInstruction placed;
  placed.instruction.opcode = isa::Opcode::vector;
  placed.instruction.tensor = {1, 2, 0, 3};
  isa::VectorMode mode;
  mode.first_mask = mode.last_mask = 2;  // windows of three events
  placed.instruction.immediate[0] = isa::encode(mode);
  placed.instruction.loops = {{2, 10, {}, 0}, {3, 1, {}, 0}};
  std::vector<std::uint64_t> reads, seconds, writes;
  for_each_access(placed, {}, [&](std::uint64_t cycle, std::uint32_t, std::uint16_t tensor, bool write) {
    (write ? writes : tensor == 1 ? reads : seconds).push_back(cycle);
  });
  EXPECT_EQ(reads, (std::vector<std::uint64_t>{0, 1, 2, 10, 11, 12}));
  EXPECT_EQ(seconds, (std::vector<std::uint64_t>{3, 13}));
  EXPECT_EQ(writes, (std::vector<std::uint64_t>{10, 20}));
}

TEST(Trace, IsATraceOfTheThreadsBusyTimes) {
  const program::Program program = tests::rich_program();
  TraceOptions options;
  options.cores = {0, 1, 2, 3};
  options.edges = {0, 1};
  const auto json = nlohmann::json::parse(trace_json(program, options));
  std::map<std::pair<int, int>, double> busy, free;
  std::set<std::string> counters;
  for (const auto& event : json.at("traceEvents")) {
    if (event.at("ph") == "C") counters.insert(event.at("name"));
    if (event.at("ph") != "X" || event.at("pid") == 1) continue;
    const std::pair<int, int> thread{event.at("pid"), event.at("tid")};
    const double from = event.at("ts"), length = event.at("dur"), own = event.at("tdur");
    EXPECT_GE(from + 1e-9, free[thread]) << event;  // slices of a track do not overlap
    EXPECT_LE(own, length);
    free[thread] = from + length;
    busy[thread] += own;
  }
  const BusyCycles expected = busy_cycles(RunInstructions(program));
  std::array<double, isa::thread_count> sums{};
  double edges = 0;
  for (const auto& [thread, own] : busy) {
    EXPECT_GT(thread.second, 0);
    if (thread.first <= 5)
      sums[static_cast<std::size_t>(thread.second - 1)] += own * 1000;
    else
      edges += own * 1000;
  }
  for (std::size_t t = 0; t < isa::thread_count; ++t)
    EXPECT_NEAR(sums[t], static_cast<double>(expected.threads[t]), 1e-6) << isa::name(static_cast<isa::Thread>(t));
  EXPECT_NEAR(edges, static_cast<double>(expected.edge_send + expected.edge_receive), 1e-6);
  EXPECT_EQ(counters.size(), 5U);
}

TEST(Trace, CountersAddUp) {
  const program::Program program = tests::rich_program();
  TraceOptions options;
  options.cores = {0};
  options.counter_interval = 1;
  const auto json = nlohmann::json::parse(trace_json(program, options));
  // Of each counter the value in every cycle: it stays until the next one.
  std::map<std::string, std::pair<std::uint64_t, double>> state;
  std::map<std::string, double> sums;
  for (const auto& event : json.at("traceEvents")) {
    if (event.at("ph") != "C") continue;
    double value = 0;
    for (const auto& [name, share] : event.at("args").items()) value += share.get<double>();
    auto& [since, before] = state[event.at("name")];
    const auto now = static_cast<std::uint64_t>(event.at("ts").get<double>() * 1000 + 0.5);
    sums[event.at("name")] += before * static_cast<double>(now - since);
    since = now;
    before = value;
  }
  std::uint64_t accesses = 0;
  for (const auto& instructions : RunInstructions(program).of_core(0))
    for (const PlacedInstruction& placed : instructions)
      for_each_access(placed, program.chip, [&](auto...) { ++accesses; });
  EXPECT_NEAR(sums["banks, accesses a cycle"], static_cast<double>(accesses), 0.01);
  EXPECT_NEAR(sums["links of partial sums, share of cycles"], 2.0 * program.chip.partial_sum_link_cycles, 0.01);
}

TEST(Trace, ShowsWhatWasAskedFor) {
  program::Program program = tests::rich_program();
  TraceOptions options;
  options.from = 60;
  options.until = 61;
  const auto json = nlohmann::json::parse(trace_json(program, options));
  for (const auto& event : json.at("traceEvents")) {
    if (event.at("ph") == "X") {
      EXPECT_LE(event.at("ts").get<double>(), 0.060);
    }
    if (event.at("ph") == "C") {
      EXPECT_EQ(event.at("ts").get<double>(), 0.060);
    }
  }
  options.cores = {4};
  EXPECT_THROW(trace_json(program, options), Error);
  options.cores = {0};
  options.edges = {2};
  EXPECT_THROW(trace_json(program, options), Error);
  options.edges = {};
  options.from = program.cycles;
  options.until = {};
  EXPECT_THROW(trace_json(program, options), Error);
  options.from = {};
  options.layer = "nobody";
  EXPECT_THROW(trace_json(program, options), Error);
}

}  // namespace
}  // namespace northpole::report
