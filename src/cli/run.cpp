// northpole run FILE PICTURE..
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "command.h"
#include "data/dataset.h"
#include "draw_picture.h"
#include "network/error.h"
#include "northpole/evaluate.h"
#include "options.h"

namespace northpole::cli {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t shown_classes = 5;

struct Arguments {
  std::string file, engine, network, chip;
  std::vector<std::string> pictures;
  bool json = false, draw = false;
};

std::string class_name(const evaluate::Model& model, int number) {
  const auto index = static_cast<std::size_t>(number);
  return index < model.classes.size() ? model.classes[index] : std::to_string(number);
}

double frames_per_second(const evaluate::Model& model, const evaluate::Answer& answer) {
  return model.program->chip.clock_megahertz * 1e6 * static_cast<double>(model.frames) /
         static_cast<double>(answer.cycles);
}

Json json_of(const evaluate::Model& model, const std::string& picture, const evaluate::Answer& answer) {
  Json json;
  json["picture"] = picture;
  json["shape"] = answer.shape;
  json["top"] = Json::array();
  if (evaluate::is_score_list(answer.shape)) {
    for (const evaluate::Ranked& ranked : evaluate::best_classes(answer.scores, shown_classes)) {
      json["top"].push_back(
          {{"class", ranked.class_number}, {"name", class_name(model, ranked.class_number)}, {"score", ranked.score}});
    }
  }
  return json;
}

// What one picture was answered stands at the top, too: most programs take one at a time.
Json json_of(const Arguments& arguments, const evaluate::Model& model, const std::string& engine,
             const std::vector<evaluate::Answer>& answers) {
  Json json = json_of(model, arguments.pictures[0], answers[0]);
  json["engine"] = engine;
  json["host_operations"] = model.host_operations;
  if (answers[0].cycles != 0) {
    json["frames"] = model.frames;
    json["cycles"] = answers[0].cycles;
    json["events"] = answers[0].events;
    json["frames_per_second"] = frames_per_second(model, answers[0]);
  }
  json["answers"] = Json::array();
  for (std::size_t i = 0; i < answers.size(); ++i)
    json["answers"].push_back(json_of(model, arguments.pictures[i], answers[i]));
  return json;
}

void print(const evaluate::Model& model, const evaluate::Answer& answer) {
  if (evaluate::is_score_list(answer.shape)) {
    for (const evaluate::Ranked& ranked : evaluate::best_classes(answer.scores, shown_classes)) {
      fmt::print("{:>12.5f}  {}\n", ranked.score, class_name(model, ranked.class_number));
    }
  } else {
    const auto [lowest, highest] = std::minmax_element(answer.scores.begin(), answer.scores.end());
    fmt::print("output of shape {}, values from {:g} to {:g}\n", network::to_string(answer.shape), *lowest, *highest);
  }
}

void print_run(const evaluate::Model& model, const std::string& engine, const evaluate::Answer& answer) {
  for (const std::string& operation : model.host_operations) fmt::print("{} was done on the host.\n", operation);
  if (answer.cycles == 0) {
    fmt::print("answered by the {} interpreter, which has no cycles\n", engine);
    return;
  }
  const std::string frames = model.frames == 1 ? "" : fmt::format(" for {} frames", model.frames);
  fmt::print("{} cycles{} = {:.1f} us at {:g} MHz, {:.0f} frames/s; {} events ({} engine)\n", answer.cycles, frames,
             static_cast<double>(answer.cycles) / model.program->chip.clock_megahertz,
             model.program->chip.clock_megahertz, frames_per_second(model, answer), answer.events, engine);
}

evaluate::Model model_of(const Arguments& arguments) {
  evaluate::ModelOptions options;
  // One run is soon done cycle by cycle, and a damaged program shows its fault so.
  if (evaluate::is_program_file(arguments.file)) options.engine = evaluate::EngineKind::step;
  if (!arguments.engine.empty()) options.engine = evaluate::engine_kind(arguments.engine);
  options.network = arguments.network;
  options.chip = chip_of(arguments.chip);
  evaluate::Model model = evaluate::open_model(arguments.file, options);
  const auto given = static_cast<std::int64_t>(arguments.pictures.size());
  if (given > model.frames) {
    throw Error(fmt::format("{}: a run takes {} picture{}, {} are given; 'northpole eval' takes any number",
                            arguments.file, model.frames, model.frames == 1 ? "" : "s", given));
  }
  if (given < model.frames) {
    fmt::print(stderr, "{}: a run takes {} pictures, {} given: the last one fills it up\n", arguments.file,
               model.frames, given);
  }
  return model;
}

void run(const Arguments& arguments) {
  const evaluate::Model model = model_of(arguments);
  std::vector<data::Picture> pictures;
  for (const std::string& name : arguments.pictures) pictures.push_back(data::open_picture(name));
  const bool on_terminal = ::isatty(STDOUT_FILENO) != 0;
  if (!arguments.json && (arguments.draw || on_terminal)) {
    for (const data::Picture& picture : pictures)
      fmt::print("{}", drawing(model.transform.geometry(picture), 64, on_terminal));
    std::fflush(stdout);
  }
  const auto engine = model.make_engine();
  const std::vector<evaluate::Answer> answers = engine->answers(pictures);
  const std::string answered_by = evaluate::name(engine->kind());
  if (arguments.json) {
    fmt::print("{}\n",
               json_of(arguments, model, answered_by, answers).dump(2, ' ', false, Json::error_handler_t::replace));
    return;
  }
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers.size() > 1) fmt::print("{}\n", arguments.pictures[i]);
    print(model, answers[i]);
  }
  print_run(model, answered_by, answers[0]);
}

}  // namespace

void add_run(CLI::App& app, int&) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "run", "One run of the simulated chip, cycle by cycle: the best classes of a picture, cycles, frames/s");
  command->add_option("file", arguments->file, "program file (or an ONNX file, for its interpreter's answer)")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("picture", arguments->pictures,
                   "JPEG, PNG, BMP or PNM file, or DATA[17] for picture 17 of a data set; as many as a run has frames, "
                   "or fewer")
      ->required()
      ->type_name("PICTURE");
  command
      ->add_option("--engine", arguments->engine,
                   "step (default) or fast: the chip; reference: the interpreter of --network")
      ->check(CLI::IsMember({"fast", "step", "reference", "float"}));
  command->add_option("--network", arguments->network, "the quantized ONNX file that the program was compiled from")
      ->type_name("NET");
  add_chip_file(*command, arguments->chip, "the chip there is; refuses a program for another one");
  command->add_flag("--draw", arguments->draw, "draw what the network sees, even when this is no terminal");
  command->add_flag("--json", arguments->json, "print JSON");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace northpole::cli
