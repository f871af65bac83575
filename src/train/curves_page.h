// The curves of a run as one HTML page that needs nothing else: loss and accuracy, drawn as SVG.
#pragma once

#include <string>
#include <vector>

namespace northpole::train {

// lines: of a RunLog.
std::string curves_page(const std::vector<std::string>& lines);

}  // namespace northpole::train
