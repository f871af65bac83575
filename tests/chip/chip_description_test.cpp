#include "chip/chip_description.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

#include "chip/chip_description_text.h"
#include "network/error.h"

namespace northpole::chip {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::Property;
using testing::ThrowsMessage;

TEST(ChipDescription, SurvivesJson) {
  ChipDescription description;
  description.rows = 3;
  description.columns = 5;
  description.vector_precision = VectorPrecision::fp32;
  description.clock_megahertz = 123.456;
  EXPECT_EQ(from_json(to_json(description), "chip.json"), description);
  EXPECT_EQ(from_json(to_json(ChipDescription{}), "chip.json"), ChipDescription{});
}

// A comment on every line, with the status of its value; what is printed reads back.
TEST(ChipDescription, SurvivesTheCommentedText) {
  ChipDescription description;
  description.rows = 3;
  description.vector_precision = VectorPrecision::fp32;
  EXPECT_EQ(from_json(to_text(description), "chip.json"), description);
  EXPECT_EQ(from_json(to_text(ChipDescription{}), "chip.json"), ChipDescription{});
  std::istringstream text(to_text(ChipDescription{}));
  std::string line;
  int keys = 0;
  while (std::getline(text, line)) {
    EXPECT_LE(line.size(), 140u) << line;
    if (line.find("\":") == std::string::npos) continue;
    ++keys;
    EXPECT_THAT(line, testing::ContainsRegex("// (published|derived|chosen): [^ ]")) << line;
  }
  EXPECT_EQ(keys, std::ranges::count(to_json(ChipDescription{}), ':'));
  EXPECT_THAT(to_text(description), HasSubstr("// changed: of the array of cores (published chip: 16, published)"));
}

TEST(ChipDescription, KeysNotGivenKeepTheirDefaults) {
  ChipDescription expected;
  expected.rows = 4;
  EXPECT_EQ(from_json(R"({"rows": 4})", "chip.json"), expected);
}

struct Refused {
  const char* json;
  const char* message_part;
};

class RefusedDescription : public testing::TestWithParam<Refused> {};

TEST_P(RefusedDescription, NamesFileAndKeyInOneLine) {
  EXPECT_THAT(
      [] { from_json(GetParam().json, "chip.json"); },
      ThrowsMessage<Error>(AllOf(HasSubstr("chip.json: "), HasSubstr(GetParam().message_part), Not(HasSubstr("\n")))));
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedDescription,
    testing::Values(Refused{R"({"rowz": 4})", "unknown key 'rowz'"}, Refused{R"({"rows": 0})", "'rows' is 0"},
                    Refused{R"({"rows": 33})", "'rows' is 33"}, Refused{R"({"columns": 33})", "'columns'"},
                    Refused{R"({"rows": -1})", "'rows'"}, Refused{R"({"rows": 1.5})", "'rows'"},
                    Refused{R"({"rows": "4"})", "'rows'"}, Refused{R"({"rows": 4294967297})", "'rows'"},
                    Refused{R"({"bank_words": 16385})", "'bank_words'"}, Refused{R"({"banks": 0})", "'banks'"},
                    Refused{R"({"model_lanes": 3})", "'model_lanes'"}, Refused{R"({"parameters": 12})", "'parameters'"},
                    Refused{R"({"vector_latency": 1})", "'vector_latency'"},
                    Refused{R"({"clock_megahertz": 0})", "'clock_megahertz'"},
                    Refused{R"({"clock_megahertz": true})", "'clock_megahertz'"},
                    Refused{R"({"vector_precision": "fp8"})", "'vector_precision'"},
                    Refused{R"([1])", "one JSON object"}, Refused{"", "not valid JSON"},
                    Refused{R"({"rows": )", "not valid JSON"}));

}  // namespace
}  // namespace northpole::chip
