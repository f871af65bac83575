#include "report/verification.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/json_text.h"
#include "report/table.h"

namespace northpole::report {

std::string to_text(const verify::Result& result) {
  if (!result.ok) {
    return fmt::format("NOT SOUND, after {} events: {}\n", grouped(result.events),
                       result.fault ? verify::describe(*result.fault) : "no fault given");
  }
  std::string text = fmt::format("sound: {} events checked\n", grouped(result.events));
  std::vector<std::vector<std::string>> rows = {{"of which were looked at", "count"}};
  for (const auto& [name, count] : result.counts.named()) rows.push_back({name, grouped(count)});
  return text + table(rows) +
         "No resource is used twice in a cycle, every word is written before it is read and not overwritten\n"
         "before its last reader, addresses, buffers and trip counts are in range, all threads end.\n";
}

std::string to_json(const verify::Result& result) {
  Json json;
  json["ok"] = result.ok;
  json["events"] = result.events;
  json["fault"] = nullptr;
  if (result.fault) {
    const verify::Fault& fault = *result.fault;
    Json& entry = json["fault"] = Json::object();
    entry["kind"] = verify::name(fault.kind);
    entry["cycle"] = fault.cycle;
    entry[fault.edge ? "edge" : "core"] = fault.place;
    entry["thread"] = fault.thread ? Json(isa::name(*fault.thread)) : Json(nullptr);
    entry["resource"] = fault.resource;
    entry["message"] = fault.message;
    entry["instruction"] = fault.second_instruction;
    entry["layer"] = fault.second_layer;
    entry["first_instruction"] = fault.first_instruction;
    entry["first_layer"] = fault.first_layer;
    entry["text"] = verify::describe(fault);
  }
  Json& counts = json["counts"] = Json::object();
  for (auto [name, count] : result.counts.named()) {
    std::replace(name.begin(), name.end(), ' ', '_');
    counts[name] = count;
  }
  return text_of(json);
}

}  // namespace northpole::report
