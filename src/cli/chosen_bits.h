// What `quantize --bits auto` found, as text and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "northpole/choose_bits.h"

namespace northpole::cli {

std::string described(const ChosenBits& chosen, double max_drop);
nlohmann::ordered_json as_json(const ChosenBits& chosen, double max_drop);

}  // namespace northpole::cli
