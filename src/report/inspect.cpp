#include "report/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "network/error.h"
#include "network/text.h"
#include "report/json_text.h"
#include "report/listing.h"
#include "report/table.h"

namespace northpole::report {
namespace {

// "0..3, 16": numbers in order, runs together.
std::string ranges(const std::vector<std::uint32_t>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", numbers[i]);
    if (last > i) text += fmt::format("..{}", numbers[last]);
    i = last + 1;
  }
  return text;
}

std::string parameters_text(const std::vector<std::uint32_t>& parameters) {
  std::string text;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (i % 8 == 0) text += fmt::format("{}  p{:<3} =", i == 0 ? "" : "\n", i);
    text += fmt::format(" {}", parameters[i]);
  }
  return text.empty() ? text : text + "\n";
}

std::string sections_text(const Listing& listing) {
  std::string text;
  for (const auto& [thread, assembly] : listing.sections) {
    text += fmt::format("  {}:\n{}", thread, assembly.empty() ? "      (no section)\n" : assembly);
  }
  return text.empty() ? "  (no program)\n" : text;
}

std::string text_of(const Listing& listing) {
  return fmt::format("program {}, layer {}, cycles {} to {}, {} words, core{} {}\n", listing.segment,
                     network::quoted_name(listing.layer), listing.first_cycle, listing.last_cycle, listing.words,
                     listing.cores.size() == 1 ? "" : "s", ranges(listing.cores)) +
         parameters_text(listing.parameters) + sections_text(listing) + "\n";
}

// What the overview says of a segment.
struct Overview {
  const Listing* first = nullptr;
  std::size_t different = 0, longest = 0;
};

std::vector<Overview> overview(const Listings& listings) {
  std::vector<Overview> segments;
  for (const Listing& listing : listings.programs) {
    if (segments.empty() || segments.back().first->segment != listing.segment) segments.push_back({&listing});
    ++segments.back().different;
    segments.back().longest = std::max(segments.back().longest, listing.words);
  }
  return segments;
}

std::string overview_text(const Listings& listings) {
  std::vector<std::vector<std::string>> rows = {
      {"layer", "program", "first cycle", "last cycle", "different", "longest, words"}};
  for (const Overview& segment : overview(listings)) {
    rows.push_back({shortened(segment.first->layer, 36), std::to_string(segment.first->segment),
                    grouped(segment.first->first_cycle), grouped(segment.first->last_cycle),
                    std::to_string(segment.different), std::to_string(segment.longest)});
  }
  return table(rows) + "The programs themselves: --core N, --thread NAME, --layer NAME; edge units: --edge ROW.\n";
}

bool is_overview(const InspectOptions& options) { return !options.core && !options.thread && options.layer.empty(); }

Json lines(const std::string& text) {
  Json list = Json::array();
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) list.push_back(line);
  return list;
}

Json sections_json(const Listing& listing) {
  Json threads = Json::object();
  for (const auto& [thread, assembly] : listing.sections) threads[thread] = lines(assembly);
  return threads;
}

Json json_of(const Listing& listing) {
  return {{"program", listing.segment},       {"layer", listing.layer},           {"first_cycle", listing.first_cycle},
          {"last_cycle", listing.last_cycle}, {"words", listing.words},           {"cores", listing.cores},
          {"parameters", listing.parameters}, {"threads", sections_json(listing)}};
}

}  // namespace

std::string inspect_text(const program::Program& program, const InspectOptions& options) {
  if (options.edge) {
    return fmt::format("edge unit of row {}\n{}", *options.edge, sections_text(edge_listing(program, *options.edge)));
  }
  const Listings found = listings(program, options);
  std::string text;
  if (is_overview(options)) {
    text = overview_text(found);
  } else {
    for (const Listing& listing : found.programs) text += text_of(listing);
  }
  return found.problem.empty() ? text
                               : text + fmt::format("The programs cannot be followed further: {}\n", found.problem);
}

std::string inspect_json(const program::Program& program, const InspectOptions& options) {
  if (options.edge) {
    return text_of(Json{{"edge", *options.edge}, {"threads", sections_json(edge_listing(program, *options.edge))}});
  }
  const Listings found = listings(program, options);
  Json json;
  json["problem"] = found.problem.empty() ? Json(nullptr) : Json(found.problem);
  Json& list = json["programs"] = Json::array();
  if (is_overview(options)) {
    for (const Overview& segment : overview(found)) {
      list.push_back({{"program", segment.first->segment},
                      {"layer", segment.first->layer},
                      {"first_cycle", segment.first->first_cycle},
                      {"last_cycle", segment.first->last_cycle},
                      {"different", segment.different},
                      {"longest_words", segment.longest}});
    }
  } else {
    for (const Listing& listing : found.programs) list.push_back(json_of(listing));
  }
  return text_of(json);
}

isa::Thread thread_named(const std::string& name) {
  std::string known;
  for (std::uint32_t t = 0; t < isa::thread_count; ++t) {
    const auto thread = static_cast<isa::Thread>(t);
    if (name == isa::name(thread)) return thread;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", isa::name(thread));
  }
  throw Error(fmt::format("there is no thread {}; threads are {}", network::quoted_name(name), known));
}

}  // namespace northpole::report
