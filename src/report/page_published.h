// The published machines as a page shows them, beside nothing of the model's own.
#pragma once

#include "report/json_text.h"

namespace northpole::report {

// {"machines": [..], "ratios": [..], "disagreements": [..]}
Json page_published();

}  // namespace northpole::report
