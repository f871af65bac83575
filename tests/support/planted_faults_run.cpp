#include "support/planted_faults_run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <iostream>
#include <memory>

#include "network/error.h"
#include "support/fault_sites.h"
#include "support/networks_for_faults.h"
#include "support/planted_faults.h"
#include "support/whole_way.h"
#include "verify/verify.h"

namespace northpole::tests {

namespace {

// A sound program, what it is to compute, and where it can be spoilt.
struct Subject {
  std::string name;
  CompiledNetwork compiled;
  std::vector<Expected> expected[2];
  FaultSites sites;
  Subject(std::string network, CompiledNetwork from)
      : name(std::move(network)),
        compiled(std::move(from)),
        expected{compiled.expected_of_run(0), compiled.expected_of_run(1)},
        sites(*compiled.program) {}
};

// Random networks of all widths that compile, and do not run long; every third in a batch as large as the array is high.
std::vector<RandomNetwork> random_subjects(std::uint64_t seed, int count) {
  std::vector<RandomNetwork> result;
  while (static_cast<int>(result.size()) < count) {
    RandomNetwork network = random_network(seed, static_cast<Bits>(seed % 4));
    if (seed++ % 3 == 0) network.frames = network.chip.rows;
    if (network.chip.cores() > 20) continue;
    const WholeWay way = whole_way(network.graph, network.chip, 1, {network.frames});
    if (way.refused.empty() && way.cycles < 4000) result.push_back(std::move(network));
  }
  return result;
}

std::vector<std::unique_ptr<Subject>> subjects(const std::vector<RandomNetwork>& networks) {
  std::vector<std::unique_ptr<Subject>> result;
  for (const RandomNetwork& network : networks) {
    result.push_back(std::make_unique<Subject>(network.graph.name, compile(network.graph, network.chip, {network.frames})));
    const Subject& subject = *result.back();
    Chip chip(network.chip);
    chip.configure(subject.compiled.program);
    std::int64_t compared = 0;
    for (const auto& expected : subject.expected)
      EXPECT_EQ(difference(chip, *subject.compiled.program, expected, compared), "");
  }
  return result;
}

// One trial: the spoilt program before both, and before the reference where both accept it.
void judge(const Subject& subject, const program::Program& spoilt, const std::string& what, FaultTally& tally,
           std::map<std::string, int>& verdicts) {
  const auto verified = verify::verify(spoilt);
  Chip chip(spoilt.chip, EngineKind::fast, 2);  // of two threads: the translation follows the proof until that fails
  chip.configure(spoilt);
  machine::RunResult run;
  std::string differs;
  std::int64_t compared = 0;
  try {
    chip.write_input(input_of(subject.expected[0]));
    run = chip.run_network();
  } catch (const Error& error) {
    ADD_FAILURE() << what << ": " << error.what();
    return;
  }
  EXPECT_EQ(verified.ok, !run.fault) << what
                                     << "\n verifier:  " << (verified.fault ? describe(*verified.fault) : "sound")
                                     << "\n simulator: " << (run.fault ? machine::to_text(*run.fault) : "sound");
  ++tally.planted;
  if (verified.ok != !run.fault) return;
  if (run.fault) {
    ++tally.rejected;
    if (verified.fault->cycle != run.fault->cycle) {
      ++tally.other_cycle;
      std::cout << "another cycle: " << what << "\n verifier:  " << describe(*verified.fault)
                << "\n simulator: " << machine::to_text(*run.fault) << "\n";
    } else if (std::string(verify::name(verified.fault->kind)) != machine::name(run.fault->kind)) {
      ++tally.other_kind;
    }
    ++verdicts[machine::name(run.fault->kind)];
    return;
  }
  try {
    for (const auto& expected : subject.expected)
      if (differs.empty()) differs = difference(chip, spoilt, expected, compared);
  } catch (const Error& error) {
    differs = error.what();  // a frame that does not hold the tensor
  }
  ++(differs.empty() ? tally.harmless : tally.different);
}

}  // namespace

FaultTally FaultReport::total() const {
  FaultTally sum;
  for (const auto& [name, tally] : kinds) {
    sum.planted += tally.planted;
    sum.rejected += tally.rejected;
    sum.harmless += tally.harmless;
    sum.different += tally.different;
    sum.other_kind += tally.other_kind;
    sum.other_cycle += tally.other_cycle;
  }
  return sum;
}

FaultReport plant_faults(std::uint64_t seed, int count, int random_networks) {
  const auto programs =
      subjects(random_networks == 0 ? networks_for_faults() : random_subjects(1000 * seed, random_networks));
  const auto& kinds = fault_kinds_to_plant();
  std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
  FaultReport report;
  for (int planted = 0, attempt = 0; planted < count && attempt < 100 * count; ++attempt) {
    const FaultKind& kind = kinds[static_cast<std::size_t>(attempt) % kinds.size()];
    // A kind for which one program has no place may have one in another.
    for (int tries = 0; tries < 20; ++tries) {
      const Subject& subject = *programs[random() % programs.size()];
      program::Program spoilt = *subject.compiled.program;
      const auto what = kind.plant(spoilt, subject.sites, random);
      if (!what) continue;
      judge(subject, spoilt, fmt::format("{}: {} in {}", kind.name, *what, subject.name), report.kinds[kind.name],
            report.verdicts);
      ++planted;
      break;
    }
  }
  return report;
}

std::string table(const FaultReport& report) {
  std::string text =
      "| planted fault | planted | rejected by both | accepted: same output | accepted: the reference sees it |\n| --- "
      "| ---: | ---: | ---: | ---: |\n";
  const auto row = [&](const std::string& name, const FaultTally& t) {
    text += fmt::format("| {} | {} | {} | {} | {} |\n", name, t.planted, t.rejected, t.harmless, t.different);
  };
  for (const FaultKind& kind : fault_kinds_to_plant())
    if (const auto found = report.kinds.find(kind.name); found != report.kinds.end()) row(found->first, found->second);
  row("all", report.total());
  return text;
}

}  // namespace northpole::tests
