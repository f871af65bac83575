// One self-contained HTML file: the charting library, the page's own scripts and the data, all inside; it opens from
// a disk and loads nothing.
#pragma once

#include <string>
#include <vector>

#include "report/page_data.h"

namespace northpole::report {

// A report's page of one program, or of two side by side. Throws northpole::Error when the build has no charting
// library or a program cannot be followed.
std::string report_page(const std::vector<PageProgram>& programs);

// A page of these scripts (names of src/report/page), in this order, with the data for them. No text of the data can
// end the element in which it lies.
std::string page_of(const std::string& title, const std::vector<std::string>& scripts, const Json& data);

}  // namespace northpole::report
