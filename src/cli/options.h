// Options that several commands have.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chip/chip_description.h"
#include "northpole/network.h"

namespace northpole::cli {

// How a picture becomes the input, and class names.
struct InputArguments {
  std::string json, resize, crop, order, classes_file;
  std::vector<float> mean, deviation;
};
void add_input_options(CLI::App& command, InputArguments& arguments);
// Throws northpole::Error for what cannot be.
InputOptions input_options(const InputArguments& arguments);

// --bits 8|4|2|mixed, and auto where it can be chosen.
CLI::Option* add_bits(CLI::App& command, std::string& bits, bool with_choice = false);
// "8 bits", "4 bits, 8 in the first and last layers".
std::string described_bits(const std::string& bits);

// --threads, all processors by default.
void add_threads(CLI::App& command, int& threads);

// --chip FILE; nothing when it was not given.
void add_chip_file(CLI::App& command, std::string& file, const std::string& meaning);
std::optional<chip::ChipDescription> chip_of(const std::string& file);

// Throws northpole::Error now rather than after minutes of work.
void check_can_be_written(const std::string& path);

}  // namespace northpole::cli
