#include "report/provenance.h"

#include "chip/key_notes.h"

namespace northpole::report {

Json provenance(const chip::ChipDescription& chip) {
  const Json values = Json::parse(chip::to_json(chip)), published = Json::parse(chip::to_json({}));
  Json result = Json::array();
  for (const chip::KeyNote& note : chip::key_notes()) {
    const bool changed = values[note.key] != published[note.key];
    result.push_back(
        {{"group", "machine"},
         {"name", note.key},
         {"value", values[note.key]},
         {"meaning", note.meaning},
         {"status", changed ? "changed" : note.status},
         {"source", changed ? "this program's chip description; published or default: " + published[note.key].dump()
                            : note.source}});
  }
  return result;
}

}  // namespace northpole::report
