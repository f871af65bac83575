// The published table, the language model that the calibration did not use, and what wrong constants would change.
#include "energy/comparison.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "energy/calibration.h"
#include "energy/constants_text.h"
#include "energy/sensitivity.h"
#include "support/small_network.h"

namespace northpole::energy {
namespace {

using testing::HasSubstr;
using testing::Not;

program::Program small_program() {
  tests::SmallNetwork network({1, 8, 12, 12});
  network.output(network.quantize(network.conv(network.x, {16, 8, 3, 3}, 1), reference::int8(0.05F, 3)));
  return *tests::compile(network.graph, tests::array(4, 4)).program;
}

void expect_narrow(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u) << line;
}

TEST(Published, EveryFigureHasASourceAndEveryMachineAFormat) {
  for (const PublishedMachine& machine : published_machines()) {
    EXPECT_STRNE(machine.format, "");
    for (const PublishedFigure& figure : {machine.frames_per_second, machine.watts, machine.frames_per_joule})
      if (figure.value != 0) {
        EXPECT_STRNE(figure.source, "") << machine.name;
      }
  }
  // 30,814 / 400 = 77, not 80; 42,460 / 74 = 573.8, not 571. H100's 81,292 / 700 rounds to its 116.
  EXPECT_THAT(disagreements(), testing::ElementsAre(HasSubstr("A100: 80"), HasSubstr("NorthPole: 571")));
  EXPECT_THAT(disagreements().front(), HasSubstr("= 77.0 (-3.7 %)"));
}

TEST(LanguageModel, HasItsPublishedSizeAndIsCheckedAgainstThePublishedEnergy) {
  EXPECT_NEAR(language_joules_per_token, 23.7e-3, 0.05e-3);
  const auto checks = check_language_model(prices_of({}));
  ASSERT_EQ(checks.size(), 2u);
  EXPECT_NEAR(checks[0].parameters, 3.48e9, 0.01e9);
  EXPECT_NEAR(checks[1].parameters, 3.25e9, 0.01e9);
  EXPECT_FALSE(checks[0].fits);
  EXPECT_TRUE(checks[1].fits);
  for (const LanguageModelCheck& check : checks) {
    // All weights are used once for a token, and the cache of the whole context by every query.
    EXPECT_GT(static_cast<double>(multiply_accumulates(check.counts)), check.parameters);
    EXPECT_LT(static_cast<double>(multiply_accumulates(check.counts)), 1.2 * check.parameters);
    EXPECT_GT(static_cast<double>(of(check.counts, Event::memory_read)), check.parameters / 2);
    // Stated, not fitted: the model is not to be off by more than a factor of two.
    EXPECT_LT(std::abs(check.error()), 0.5) << check.shape->name;
    EXPECT_NE(check.error(), 0);
  }
}

TEST(Comparison, KeepsPublishedAndModelledApart) {
  const program::Program program = small_program();
  const Comparison comparison = compare({model_of(program)});
  const std::string text = to_text(comparison);
  expect_narrow(text);
  EXPECT_THAT(text, HasSubstr(calibrated_on));
  EXPECT_THAT(text, HasSubstr("Disagreement: A100"));
  // The table that has the published machines has no program and the other way round.
  const std::size_t modelled = text.find("modelled, this compiler");
  ASSERT_NE(modelled, std::string::npos);
  EXPECT_THAT(text.substr(0, modelled), Not(HasSubstr(program.network + ",")));
  EXPECT_THAT(text.substr(modelled), Not(HasSubstr("30,814")));
  const auto json = nlohmann::json::parse(to_json(comparison));
  EXPECT_EQ(json.at("published").size(), 4u);
  EXPECT_EQ(json.at("published_ratios").size(), 6u);
  EXPECT_EQ(json.at("modelled").size(), 1u);
  EXPECT_GT(json.at("modelled")[0].at("watts"), json.at("modelled")[0].at("idle_watts"));
  EXPECT_EQ(json.at("language_model").at("modelled").size(), 2u);
  EXPECT_TRUE(json.at("published")[3].at("watts").is_null());
}

TEST(Sensitivity, SharesAndRecalibratedWatts) {
  const program::Program program = small_program();
  const EventCounts counts = count_events(program);
  const auto result = sensitivity_of(program, counts);
  ASSERT_EQ(result.size(), constant_count);
  const Energy energy = energy_of(program, counts, prices_of(program.chip));
  for (const Sensitivity& one : result) {
    EXPECT_GE(one.share, 0) << info(one.constant).key;
    EXPECT_LT(one.share, 1) << info(one.constant).key;
    EXPECT_GT(one.half_watts, 0);
  }
  // Leakage is a part of every run, and twice as much of it makes the calibrated rest smaller.
  const Sensitivity& leakage = result[static_cast<std::size_t>(Constant::leakage)];
  EXPECT_NEAR(leakage.share * energy.watts(), prices_of(program.chip).leakage_watts, 1e-6);
  EXPECT_LT(leakage.double_language_joules * language_tokens_per_second, 1e9);
  expect_narrow(to_text(result, energy));
}

TEST(Constants, PageInTheDocumentationIsTheCodes) {
  std::ifstream file(NORTHPOLE_SOURCE_DIR "/docs/energy.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(page, HasSubstr(constants_text())) << "put it in again: northpole constants";
  EXPECT_EQ(nlohmann::json::parse(constants_json()).at("constants").size(), constant_count);
}

}  // namespace
}  // namespace northpole::energy
