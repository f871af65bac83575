// What a program's page shows, as JSON that the page's script reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "program/program.h"
#include "report/json_text.h"

namespace northpole::report {

struct PageProgram {
  const program::Program* program = nullptr;
  std::string name;  // of its file
  std::uint64_t file_bytes = 0;
  // Measured by 'northpole eval' and handed in: share of pictures whose best class is right, 0 to 1.
  std::optional<double> accuracy;
};

// docs/report.md says what is in it. Throws northpole::Error for a program that cannot be followed.
Json page_data(const PageProgram& program);

}  // namespace northpole::report
