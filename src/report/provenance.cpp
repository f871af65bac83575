#include "report/provenance.h"

#include <string>

#include "chip/chip_description_text.h"

namespace northpole::report {

Json provenance(const chip::ChipDescription& chip) {
  const Json values = Json::parse(chip::to_json(chip)), published = Json::parse(chip::to_json({}));
  Json result = Json::array();
  for (const chip::KeyNote& note : chip::key_notes()) {
    const std::string unit = note.unit;
    const bool changed = values[note.key] != published[note.key];
    result.push_back({{"group", "machine"},
                      {"name", note.key},
                      {"value", values[note.key]},
                      {"meaning", (unit.empty() ? "" : unit + ", ") + note.comment},
                      {"status", changed ? "changed" : note.status},
                      {"source", changed ? "this program's chip description; that of the published chip: " +
                                               published[note.key].dump() + ", " + note.status
                                         : "docs/machine.md"}});
  }
  return result;
}

}  // namespace northpole::report
