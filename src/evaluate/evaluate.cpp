#include "evaluate/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "evaluate/parallel.h"
#include "evaluate/ranking.h"
#include "network/error.h"

namespace northpole::evaluate {

Evaluation evaluate(const Model& model, const data::Dataset& pictures, const EvaluateOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  Evaluation result;
  result.pictures = options.limit > 0 ? std::min(options.limit, pictures.size()) : pictures.size();
  if (result.pictures == 0) throw Error("the data holds no pictures");
  std::mutex counting;
  std::int64_t done = 0;
  for_each_index(result.pictures, options.threads, model.make_engine,
                 [&](const std::unique_ptr<Engine>& engine, std::int64_t index) {
                   Answer answer;
                   const data::Picture picture = pictures.picture(index);
                   try {
                     answer = engine->answer(picture);
                   } catch (const Error& error) {
                     throw Error(fmt::format("{}: {}", pictures.picture_name(index), error.what()));
                   }
                   if (!is_score_list(answer.shape)) {
                     throw Error(fmt::format(
                         "{}: the output of shape {} is no list of scores by class, so nothing can be counted right",
                         model.source, network::to_string(answer.shape)));
                   }
                   const int label = pictures.label(index);
                   if (static_cast<std::size_t>(label) >= answer.scores.size()) {
                     throw Error(fmt::format("{}: is of class {}, but {} tells only {} classes apart",
                                             pictures.picture_name(index), label, model.source, answer.scores.size()));
                   }
                   const std::vector<Ranked> best = best_classes(answer.scores, 5);
                   const auto found = std::find_if(best.begin(), best.end(),
                                                   [&](const Ranked& ranked) { return ranked.class_number == label; });
                   const std::lock_guard lock(counting);
                   result.right1 += found == best.begin();
                   result.right5 += found != best.end();
                   result.engine = name(engine->kind());
                   result.cycles_per_frame = answer.cycles;
                   if (options.progress) options.progress(++done, result.pictures);
                 });
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

std::string to_json(const Evaluation& evaluation) {
  nlohmann::ordered_json json;
  json["engine"] = evaluation.engine;
  json["pictures"] = evaluation.pictures;
  json["top1"] = evaluation.top1();
  json["top5"] = evaluation.top5();
  json["top1_pictures"] = evaluation.right1;
  json["top5_pictures"] = evaluation.right5;
  if (evaluation.cycles_per_frame != 0) json["cycles_per_frame"] = evaluation.cycles_per_frame;
  json["seconds"] = evaluation.seconds;
  return json.dump(2);
}

}  // namespace northpole::evaluate
