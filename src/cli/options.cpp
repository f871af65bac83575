#include "options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "data/files.h"
#include "network/error.h"
#include "program/atomic_file.h"

namespace northpole::cli {
namespace {

using Json = nlohmann::ordered_json;

// The whole text as a number of pixels; 0 when it is none.
int pixels(std::string_view text) {
  int value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && end == text.data() + text.size() && value > 0 ? value : 0;
}

Json resize_json(const std::string& text) {
  if (const int side = pixels(text)) return side;
  return text;  // "automatic", "none", or refused by the library
}

// "224" or "224x192", height first.
void set_crop(Json& json, const std::string& text) {
  const std::size_t times = text.find('x');
  const int height = pixels(std::string_view(text).substr(0, times));
  const int width = times == std::string::npos ? height : pixels(std::string_view(text).substr(times + 1));
  if (height == 0 || width == 0)
    throw Error(fmt::format("--crop {}: a side or HEIGHTxWIDTH in pixels is expected", text));
  json["height"] = height;
  json["width"] = width;
}

}  // namespace

void add_input_options(CLI::App& command, InputArguments& arguments) {
  const char* group = "How a picture becomes the input (kept in the written file)";
  command.add_option("--picture", arguments.json, "all of the following as one JSON object, see docs/command-line.md")
      ->type_name("JSON")
      ->group(group);
  command.add_option("--resize", arguments.resize, "pixels of the shorter side, 'none', or 'automatic' (the default)")
      ->type_name("PIXELS")
      ->group(group);
  command.add_option("--crop", arguments.crop, "central part that the network sees; default: the input's size")
      ->type_name("HxW")
      ->group(group);
  command
      .add_option("--mean", arguments.mean,
                  "of samples from 0 to 1, one or one a channel; default: ImageNet's, 0 for grey")
      ->delimiter(',')
      ->expected(1, 3)
      ->group(group);
  command.add_option("--deviation", arguments.deviation, "likewise; default: ImageNet's, 1 for grey")
      ->delimiter(',')
      ->expected(1, 3)
      ->group(group);
  command.add_option("--order", arguments.order, "of the colours, RGB (the default) or BGR")
      ->check(CLI::IsMember({"RGB", "BGR"}))
      ->group(group);
  command.add_option("--classes", arguments.classes_file, "text file with the name of a class on each line")
      ->type_name("FILE")
      ->group(group);
}

InputOptions input_options(const InputArguments& arguments) {
  Json json = Json::object();
  if (!arguments.json.empty()) {
    json = Json::parse(arguments.json, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) throw Error(fmt::format("--picture: '{:.60}' is no JSON object", arguments.json));
  }
  if (!arguments.resize.empty()) json["resize"] = resize_json(arguments.resize);
  if (!arguments.crop.empty()) set_crop(json, arguments.crop);
  if (!arguments.mean.empty()) json["mean"] = arguments.mean;
  if (!arguments.deviation.empty()) json["deviation"] = arguments.deviation;
  if (!arguments.order.empty()) json["order"] = arguments.order;
  InputOptions options;
  if (!json.empty()) options.picture = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (!arguments.classes_file.empty()) options.classes = data::read_class_names(arguments.classes_file);
  return options;
}

CLI::Option* add_bits(CLI::App& command, std::string& bits, bool with_choice) {
  std::string meaning = "of weights and activations: 8, 4, 2, or mixed: 4, but 8 in the first and last layers";
  std::vector<std::string> known = {"8", "4", "2", "mixed"};
  if (with_choice) {
    meaning += "; auto: by layer, the fastest that loses little";
    known.push_back("auto");
  }
  return command.add_option("--bits", bits, meaning)->check(CLI::IsMember(known))->type_name("BITS");
}

std::string described_bits(const std::string& bits) {
  if (bits == "auto") return "bits chosen layer by layer";
  return bits == "mixed" ? "4 bits, 8 in the first and last layers" : bits + " bits";
}

void add_threads(CLI::App& command, int& threads) {
  threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  command.add_option("--threads", threads, "host threads; changes nothing in the result")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
}

void add_chip_file(CLI::App& command, std::string& file, const std::string& meaning) {
  command.add_option("--chip", file, meaning + " (JSON as 'northpole chip' prints it)")->type_name("FILE");
}

std::optional<chip::ChipDescription> chip_of(const std::string& file) {
  if (file.empty()) return std::nullopt;
  return chip::from_json(program::read_whole_file(file), file);
}

void check_can_be_written(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) throw Error(path + ": cannot be written: it is a folder");
  fs::path folder = fs::path(path).parent_path();
  if (folder.empty()) folder = ".";
  if (!fs::is_directory(folder, ignored)) {
    throw Error(fmt::format("{}: cannot be written: there is no folder '{}'", path, folder.string()));
  }
  if (::access(folder.c_str(), W_OK) != 0)
    throw Error(fmt::format("{}: cannot be written: no permission for '{}'", path, folder.string()));
}

}  // namespace northpole::cli
