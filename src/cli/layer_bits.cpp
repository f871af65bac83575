#include "layer_bits.h"

#include <fmt/format.h>

#include <filesystem>

#include "data/files.h"
#include "network/error.h"

namespace northpole::cli {
namespace {

using LayerBits = std::map<std::string, quantize::LayerBits>;

// The width of "4"; 0 for anything but 8, 4 and 2.
int width_of(const std::string& text) { return text == "8" ? 8 : text == "4" ? 4 : text == "2" ? 2 : 0; }

// Node names may hold equals signs themselves. False when the text is no such assignment.
bool add_layer(const std::string& text, LayerBits& layers) {
  const std::size_t equals = text.rfind('=');
  const std::string bits = equals == std::string::npos ? "" : text.substr(equals + 1);
  const std::size_t comma = bits.find(',');
  const int weights = width_of(bits.substr(0, comma));
  const int activations = comma == std::string::npos ? weights : width_of(bits.substr(comma + 1));
  if (weights == 0 || activations == 0) return false;
  layers[text.substr(0, equals)] = {weights, activations};
  return true;
}

void add_file(const std::string& path, LayerBits& layers) {
  int number = 0;
  for (const std::string& line : data::read_lines(path)) {
    ++number;
    if (line.empty() || line.front() == '#' || add_layer(line, layers)) continue;
    throw Error(fmt::format("{}: line {}: '{:.80}' is not NODE=BITS or NODE=BITS,BITS; bits are 8, 4 or 2", path,
                            number, line));
  }
}

}  // namespace

void add_layer_bits(CLI::App& command, LayerBits& layers) {
  command
      .add_option_function<std::vector<std::string>>(
          "--layer-bits",
          [&layers](const std::vector<std::string>& given) {
            for (const std::string& text : given) {
              if (std::filesystem::is_regular_file(text)) {
                add_file(text, layers);
              } else if (!add_layer(text, layers)) {
                throw CLI::ValidationError("--layer-bits",
                                           "'" + text +
                                               "' is not NODE=BITS or NODE=BITS,BITS, nor a file of such "
                                               "lines; bits are 8, 4 or 2");
              }
            }
          },
          "other bits for one layer: of its weights, or of its weights and its input; or a file with such a line for "
          "each layer; may be given again")
      ->type_name("NODE=BITS[,BITS]|FILE")
      ->allow_extra_args(false);
}

}  // namespace northpole::cli
