#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "chip/chip_description.h"
#include "network/error.h"
#include "network/text.h"

namespace northpole::chip {
namespace {

// Calls visit(key, member) for every whole-number member, in the order in which they are written.
template <typename Description, typename Visit>
void for_each_count(Description& description, Visit visit) {
  visit("rows", description.rows);
  visit("columns", description.columns);
  visit("operations_per_multiply_accumulate", description.operations_per_multiply_accumulate);
  visit("banks", description.banks);
  visit("bank_words", description.bank_words);
  visit("weight_blocks", description.weight_blocks);
  visit("partial_sums", description.partial_sums);
  visit("program_words", description.program_words);
  visit("parameters", description.parameters);
  visit("constant_words", description.constant_words);
  visit("vmm_latency", description.vmm_latency);
  visit("vector_latency", description.vector_latency);
  visit("partial_sum_link_cycles", description.partial_sum_link_cycles);
  visit("word_link_cycles", description.word_link_cycles);
  visit("model_lanes", description.model_lanes);
  visit("frame_words_per_row", description.frame_words_per_row);
}

void read_key(ChipDescription& description, const std::string& key, const nlohmann::ordered_json& value,
              const std::string& source_name) {
  if (key == "clock_megahertz") {
    if (!value.is_number()) throw Error(fmt::format("{}: chip description: '{}' must be a number", source_name, key));
    description.clock_megahertz = value.get<double>();
    return;
  }
  if (key == "vector_precision") {
    const std::string text = value.is_string() ? value.get<std::string>() : std::string();
    if (text != "fp16" && text != "fp32") {
      throw Error(fmt::format("{}: chip description: '{}' must be \"fp16\" or \"fp32\"", source_name, key));
    }
    description.vector_precision = text == "fp16" ? VectorPrecision::fp16 : VectorPrecision::fp32;
    return;
  }
  bool known = false;
  for_each_count(description, [&](const char* name, std::uint32_t& member) {
    if (key != name) return;
    known = true;
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max()) {
      throw Error(fmt::format("{}: chip description: '{}' must be a whole number", source_name, key));
    }
    member = value.get<std::uint32_t>();
  });
  if (!known) throw Error(fmt::format("{}: chip description: unknown key {}", source_name, network::quoted_name(key)));
}

}  // namespace

std::string to_json(const ChipDescription& description) {
  nlohmann::ordered_json object;
  for_each_count(description, [&](const char* name, const std::uint32_t& member) { object[name] = member; });
  object["clock_megahertz"] = description.clock_megahertz;
  object["vector_precision"] = description.vector_precision == VectorPrecision::fp16 ? "fp16" : "fp32";
  return object.dump(2) + "\n";
}

ChipDescription from_json(const std::string& text, const std::string& source_name) {
  nlohmann::ordered_json object;
  try {
    constexpr bool exceptions = true, ignore_comments = true;
    object = nlohmann::ordered_json::parse(text, nullptr, exceptions, ignore_comments);
  } catch (const nlohmann::json::exception&) {
    throw Error(fmt::format("{}: chip description: not valid JSON", source_name));
  }
  if (!object.is_object()) throw Error(fmt::format("{}: chip description: must be one JSON object", source_name));
  ChipDescription description;
  for (const auto& [key, value] : object.items()) read_key(description, key, value, source_name);
  check(description, source_name);
  return description;
}

}  // namespace northpole::chip
