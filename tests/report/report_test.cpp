#include "report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "network/error.h"
#include "northpole/chip.h"
#include "report/core_programs.h"
#include "report/events.h"
#include "report/inspect.h"
#include "report/latency.h"
#include "report/memory_use.h"
#include "report/table.h"
#include "support/rich_program.h"

namespace northpole::report {
namespace {

using testing::HasSubstr;

TEST(Table, NumbersAndNames) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(byte_size(96), "96 bytes");
  EXPECT_EQ(byte_size(1536), "1.5 KiB");
  EXPECT_EQ(shortened("layer1/conv1", 12), "layer1/conv1");
  EXPECT_EQ(shortened("network/layer1/conv1", 12), "..yer1/conv1");
  EXPECT_EQ(shortened("a\nb", 9), "a?b");
  EXPECT_EQ(table({{"a", "n"}, {"bb", "10"}}), "a    n\n------\nbb  10\n");
}

TEST(Events, CyclesAndOperandsOfALoopNest) {
  isa::Instruction instruction;
  instruction.operand[0] = 100;
  instruction.loops = {{2, 10, {5, 0, 0, 0}, 0}, {3, 2, {-1, 0, 0, 0}, 0}};
  std::vector<std::pair<std::uint64_t, int>> events;
  const std::uint64_t last = for_each_event(
      instruction, 7, [&](std::uint64_t cycle, const auto& operands) { events.emplace_back(cycle, operands[0]); });
  using Event = std::pair<std::uint64_t, int>;
  EXPECT_EQ(events, (std::vector<Event>{{7, 100}, {9, 99}, {11, 98}, {17, 105}, {19, 104}, {21, 103}}));
  EXPECT_EQ(last, 21U);
  EXPECT_EQ(event_count(instruction), 6U);
}

TEST(CorePrograms, AreThoseThatTheMachineRuns) {
  const program::Program program = tests::rich_program();
  const ProgramSequence sequence = program_sequence(program);
  EXPECT_EQ(sequence.problem, "");
  ASSERT_EQ(sequence.programs.size(), 2U);
  // As many events as the machine counts, thread by thread.
  std::array<std::uint64_t, isa::thread_count> events{};
  for (const auto& segment : sequence.programs) {
    for (const CoreProgram& own : segment) {
      for (std::uint32_t t = 0; t < isa::thread_count; ++t) {
        std::string problem;
        for (const isa::Instruction& instruction : section_of(*own.words, static_cast<isa::Thread>(t), problem)) {
          events[t] += event_count(resolved(instruction, own.parameters));
        }
        EXPECT_EQ(problem, "");
      }
    }
  }
  Chip chip(program.chip);
  chip.configure(program);
  chip.write_input_words(
      std::vector<isa::Word>(std::size_t{program.input.blocks} * program.input.height * program.input.width));
  const machine::RunResult run = chip.run_network();
  ASSERT_FALSE(run.fault) << machine::to_text(*run.fault);
  EXPECT_EQ(events, run.statistics.events);
}

TEST(CorePrograms, WordsThatNobodySendsAreNoticed) {
  program::Program program = tests::rich_program();
  program.segments.resize(5);  // more than the cores are sent
  EXPECT_NE(program_sequence(program).problem, "");
}

TEST(Inspect, ProgramsThatCoresShareAppearOnce) {
  program::Program program = tests::rich_program();
  program.segments.resize(2);
  program.segments[0].layer = "first";
  program.segments[1].layer = "second";
  EXPECT_THAT(inspect_text(program), testing::AllOf(HasSubstr("first"), HasSubstr("second")));
  InspectOptions options;
  options.layer = "first";
  const std::string all = inspect_text(program, options);
  EXPECT_THAT(all,
              testing::AllOf(HasSubstr("vmm:"), HasSubstr("receive_program"), testing::Not(HasSubstr("'second'"))));
  // A layer that works while two programs run.
  program.segments[0].last_cycle = 99;
  program.segments[1].first_cycle = 100;
  program.segments[1].last_cycle = 200;
  program.layers.resize(1);
  program.layers[0].layer = "overlapping";
  program.layers[0].first_cycle = 99;
  program.layers[0].last_cycle = 100;
  options.layer = "overlap";
  EXPECT_THAT(inspect_text(program, options), testing::AllOf(HasSubstr("'first'"), HasSubstr("'second'")));
  program.layers[0].first_cycle = 100;
  EXPECT_THAT(inspect_text(program, options), testing::Not(HasSubstr("'first'")));
  options.layer = "first";
  options.thread = isa::Thread::programs;
  EXPECT_THAT(inspect_text(program, options), testing::Not(HasSubstr("vmm:")));
  options.core = 1;
  EXPECT_THAT(inspect_text(program, options), HasSubstr("core 1\n"));
  options.core = program.chip.cores();
  EXPECT_THROW(inspect_text(program, options), Error);
  EXPECT_THROW(thread_named("main"), Error);
  EXPECT_EQ(thread_named("partial_sums"), isa::Thread::partial_sums);
}

// 2,000 cycles for two frames: "first" until cycle 599, waiting; "second" until 1,799, its issues begin within the
// first.
program::Program program_with_layers() {
  program::Program program = tests::rich_program();
  program.cycles = 2000;
  program.frames = program.input.frames = program.outputs[0].frames = 2;
  program.multiply_accumulates = 4'000'000;
  program.segments = {{"boot", 0, 9}, {"second", 10, 49}, {"second", 50, 99}};
  program.layers.resize(2);
  program::LayerCycles& second = program.layers[0];
  second.layer = "second";
  second.first_cycle = 300;
  second.first_issue = 500;
  second.last_issue = 1799;
  second.last_cycle = 1810;
  second.multiply_accumulates = 3'000'000;
  second.ideal_cycles = 900;
  second.arithmetic_bound = 1000;
  second.weight_bound = 40;
  second.activation_bound = 50;
  second.partial_sum_bound = 60;
  second.vector_bound = 1100;
  second.memory_bound = 70;
  second.waited_inputs = 11;
  second.waited_weights = 12;
  second.waited_partial_sums = 13;
  second.waited_banks = 14;
  second.waited_programs = 15;
  program::LayerCycles& first = program.layers[1];
  first.layer = "first";
  first.first_issue = 100;
  first.last_issue = first.last_cycle = 599;
  first.ideal_cycles = 300;
  first.activation_bound = 400;
  return program;
}

TEST(Report, WhatEachLayerTookAndWhatBoundsIt) {
  const Report report = report_of(program_with_layers(), 1234);
  ASSERT_EQ(report.layers.size(), 2U);  // in the order of their last issues
  const LayerReport &first = report.layers[0], &second = report.layers[1];
  EXPECT_EQ(first.name, "first");
  EXPECT_EQ(first.cycles, 600U);  // from the run's start
  EXPECT_EQ(first.bound, "activations");
  EXPECT_DOUBLE_EQ(first.utilisation(), 0.5);
  EXPECT_EQ(second.cycles, 1200U);
  EXPECT_EQ(second.bound, "vector unit");
  EXPECT_EQ(second.bound_cycles, 1100U);
  EXPECT_DOUBLE_EQ(second.utilisation(), 0.75);
  EXPECT_EQ(second.segments, 2U);
  EXPECT_EQ(report.cycles_after_layers, 200U);
  EXPECT_EQ(first.cycles + second.cycles + report.cycles_after_layers, report.cycles);
  EXPECT_EQ(report.bound_cycles, 1500U);
  EXPECT_DOUBLE_EQ(report.utilisation(), 0.6);
}

TEST(Report, AFrameIsAShareOfItsRun) {
  const Report report = report_of(program_with_layers(), 1234);
  EXPECT_DOUBLE_EQ(report.cycles_per_frame(), 1000);
  EXPECT_DOUBLE_EQ(report.frames_per_second(), report.clock_megahertz * 1e6 / 1000);
  EXPECT_DOUBLE_EQ(report.multiply_accumulates_per_second(), 4e6 * report.frames_per_second());
  EXPECT_DOUBLE_EQ(report.seconds(400), 1e-6);
}

TEST(Report, JsonHasEveryFigureOfALayer) {
  const auto json = nlohmann::json::parse(to_json(report_of(program_with_layers(), 1234)));
  EXPECT_EQ(json.at("batch"), 2);
  EXPECT_EQ(json.at("cycles"), 2000);
  EXPECT_EQ(json.at("cycles_per_frame"), 1000);
  EXPECT_EQ(json.at("sum_of_bounds_cycles"), 1500);
  EXPECT_EQ(json.at("arithmetic_bound_cycles_per_frame"), 600);
  const auto& layer = json.at("layers")[1];
  const nlohmann::json bounds = {{"arithmetic", 1000}, {"weights", 40},       {"activations", 50},
                                 {"partial_sums", 60}, {"vector_unit", 1100}, {"memory", 70}};
  const nlohmann::json waited = {
      {"inputs", 11}, {"weights", 12}, {"partial_sums", 13}, {"banks", 14}, {"programs", 15}};
  EXPECT_EQ(layer.at("bounds"), bounds);
  EXPECT_EQ(layer.at("waited"), waited);
  EXPECT_EQ(layer.at("bound"), "vector unit");
  EXPECT_EQ(layer.at("transfer_cycles"), 200);
  EXPECT_EQ(layer.at("compute_cycles"), 1300);
}

TEST(Report, NamesWhatBindsMost) {
  Report report;
  report.cycles = 1000;
  report.bound_cycles = 700;
  const auto layer = [&](const char* bound, std::uint64_t cycles) {
    report.layers.emplace_back().bound = bound;
    report.layers.back().cycles = cycles;
  };
  layer("arithmetic", 200), layer("weights", 150), layer("arithmetic", 100), layer("weights", 250), layer("", 300);
  const auto found = bottlenecks(report);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "weights");
  EXPECT_EQ(found[0].layers, 2U);
  EXPECT_EQ(found[0].cycles, 400U);
  EXPECT_EQ(found[1].name, "arithmetic");
  EXPECT_EQ(found[1].cycles, 300U);
  const std::string text = to_text(report);
  EXPECT_THAT(text, HasSubstr("bottleneck         weights (2 layers, 40.0 % of the cycles)"));
  EXPECT_THAT(text, HasSubstr("then arithmetic (2 layers, 30.0 % of the cycles)"));
}

TEST(Report, TextNamesFiguresAndTheirSource) {
  program::Program program = program_with_layers();
  const std::string text = to_text(report_of(program, 1234));
  EXPECT_THAT(text, testing::AllOf(HasSubstr("2,000 cycles for 2 frames"), HasSubstr("vector unit"),
                                   HasSubstr("programs 15, banks 14"), HasSubstr("1.333 times"),
                                   HasSubstr("Where the figures come from")));
  EXPECT_THAT(text, testing::AllOf(HasSubstr("3.20 tera"), testing::Not(HasSubstr("with 2"))));
  program.chip.operations_per_multiply_accumulate = 1;
  EXPECT_THAT(to_text(report_of(program, 1234)), testing::AllOf(HasSubstr("1.60 tera"), HasSubstr("3.20 with 2")));
  program.layers.clear();
  EXPECT_THAT(to_text(report_of(program, 1234)), testing::Not(HasSubstr("utilisation")));
}

TEST(Report, LatencyIsFromTheFirstWordInToTheLastOneOut) {
  // The edge units send in cycles 20 .. 26 and receive in 132 and 133 (tests/support/rich_program.cpp).
  program::Program program = tests::rich_program();
  EXPECT_EQ(latency_cycles(program), 133U - 20U + 1U);
  for (program::Edge& edge : program.edges) edge.receive.erase(edge.receive.begin(), edge.receive.end() - 1);
  EXPECT_EQ(latency_cycles(program), program.cycles - 20);
  for (program::Edge& edge : program.edges) edge.send.clear();
  EXPECT_EQ(latency_cycles(program), program.cycles);
}

TEST(Report, MemoryCountsImageAndWrittenWords) {
  std::string problem;
  const MemoryReport memory = memory_use(tests::rich_program(), problem);
  EXPECT_EQ(problem, "");
  EXPECT_GT(memory.largest, memory.image_largest);
  EXPECT_GE(memory.mean, memory.image_mean);
  EXPECT_LE(memory.largest, memory.core);
}

// Damaged programs are for the verifier to refuse; looking at them must end, and not crash.
TEST(Report, DamagedProgramsCanBeLookedAt) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    program::Program program = tests::rich_program();
    program.segments.resize(3);
    for (int change = 0; change < 6; ++change) {
      auto& section = program.image[random() % program.image.size()];
      auto& words = random() % 2 != 0 ? section.words : program.boot[random() % program.boot.size()].program;
      words[random() % words.size()][random() % 32] = static_cast<std::uint8_t>(random());
    }
    EXPECT_FALSE(to_json(report_of(program, 1)).empty());
    InspectOptions options;
    options.core = static_cast<std::uint32_t>(random() % program.chip.cores());
    EXPECT_FALSE(inspect_text(program, options).empty());
    EXPECT_FALSE(inspect_json(program).empty());
  }
}

}  // namespace
}  // namespace northpole::report
