// The chips that were tried, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "explore/explore.h"

namespace northpole::explore {

struct Exploration {
  std::vector<std::string> networks;  // names of files
  std::vector<Point> points;
  std::vector<Outcome> outcomes;  // by point
};

// Columns for people, rows in the order of the points; chips that the network does not fit say why below the table.
// Says where each figure comes from.
std::string to_text(const Exploration& exploration);
// A line of names, then a line a point; every key of the chip description and every figure.
std::string to_csv(const Exploration& exploration);
std::string to_json(const Exploration& exploration);
// One self-contained file (report/page.h).
std::string to_page(const Exploration& exploration);

}  // namespace northpole::explore
