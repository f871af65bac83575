// Networks and data that developers have beside the project and nobody else has.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace northpole::tests {

inline std::filesystem::path assets() {
  const char* folder = std::getenv("NORTHPOLE_ASSETS");
  return folder != nullptr ? folder : NORTHPOLE_SOURCE_DIR "/../shared/assets";
}

inline bool has_asset(const std::string& name) { return std::filesystem::exists(assets() / name); }

}  // namespace northpole::tests
