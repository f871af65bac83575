// What a program is and where its cycles go: report::report_of(program), and its instructions as readable assembly:
// report::inspect(program).
#pragma once

#include "report/inspect.h"
#include "report/report.h"
#include "report/table.h"
