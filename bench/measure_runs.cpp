// northpole_measure_runs PROGRAM THREADS RUNS [fast|step [TARGET]]
//
// Loads a program file, runs it on random input as a user of the library does (write input, run, read output), and
// prints one JSON object: seconds to load the file and to be ready, milliseconds of each run, processor milliseconds of
// a run, frames of a run, peak memory. TARGET: an instruction set by the name that Highway gives it (AVX2, SSE4 ..),
// for the fast engine's kernels instead of the best that this processor has.
#include <fmt/format.h>
#include <hwy/targets.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "network/error.h"
#include "northpole/chip.h"
#include "program/program_file.h"

namespace {

using namespace northpole;

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

std::vector<std::uint8_t> random_codes(const program::FrameLayout& input) {
  std::vector<std::uint8_t> codes(std::size_t{input.frames} * input.channels * input.tensor_height *
                                  input.tensor_width);
  std::mt19937 random(1);
  for (std::uint8_t& code : codes) {
    code = static_cast<std::uint8_t>(random() >> 8 & ((1u << input.bits) - 1));
    // Codes of signed elements lie around 0.
    if (input.is_signed) code = static_cast<std::uint8_t>(code - (1u << (input.bits - 1)));
  }
  return codes;
}

// Before anything else asks Highway.
void allow_only(const std::string& target_name) {
  const std::int64_t supported = hwy::SupportedTargets();
  for (int bit = 0; bit < 63; ++bit) {
    const std::int64_t target = std::int64_t{1} << bit;
    if ((supported & target) == 0 || target_name != hwy::TargetName(target)) continue;
    return hwy::DisableTargets(~target);
  }
  throw Error(target_name + ": not a target of Highway that this processor has");
}

void measure(const std::string& file, std::uint32_t threads, int runs, EngineKind engine) {
  const double start = seconds();
  const auto program = std::make_shared<const program::Program>(program::read_program(file));
  const double loaded = seconds();
  Chip chip(program->chip, engine, threads);
  chip.configure(program);
  const double ready = seconds();
  if (chip.engine() != engine) throw Error(file + ": the fast engine does not run this program");
  const std::vector<std::uint8_t> codes = random_codes(program->input);
  const auto run = [&] {
    chip.write_input(codes);
    if (const auto result = chip.run_network(); result.fault) throw Error(to_text(*result.fault));
    return chip.read_output();
  };
  if (engine == EngineKind::fast) run();  // the step simulator's first run is like all others
  nlohmann::ordered_json json;
  json["load_seconds"] = loaded - start;
  json["ready_seconds"] = ready - start;
  json["frames"] = program->frames;
  const double processor = processor_seconds();
  for (int i = 0; i < runs; ++i) {
    const double before = seconds();
    run();
    json["milliseconds"].push_back((seconds() - before) * 1e3);
  }
  json["processor_milliseconds"] = (processor_seconds() - processor) * 1e3 / runs;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  json["peak_mebibytes"] = static_cast<double>(usage.ru_maxrss) / 1024;
  fmt::print("{}\n", json.dump());
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const std::string engine = count >= 5 ? arguments[4] : "fast";
    if (count < 4 || count > 6 || (engine != "fast" && engine != "step"))
      throw Error("usage: northpole_measure_runs PROGRAM THREADS RUNS [fast|step [TARGET]]");
    if (count == 6) allow_only(arguments[5]);
    const int threads = std::atoi(arguments[2]), runs = std::atoi(arguments[3]);
    if (threads < 1 || runs < 1) throw Error("threads and runs must be at least 1");
    measure(arguments[1], static_cast<std::uint32_t>(threads), runs,
            engine == "fast" ? EngineKind::fast : EngineKind::step);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
