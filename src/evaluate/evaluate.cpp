#include "evaluate/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "evaluate/parallel.h"
#include "evaluate/ranking.h"
#include "network/error.h"

namespace northpole::evaluate {

namespace {

// "the picture" or "the first picture to the last one".
std::string names_of(const data::Dataset& pictures, std::int64_t first, std::int64_t end) {
  if (end - first == 1) return pictures.picture_name(first);
  return fmt::format("{} to {}", pictures.picture_name(first), pictures.picture_name(end - 1));
}

// Place of the picture's class among the best, from 0 on; `count` when it is not one of them.
std::size_t rank_of(const Model& model, const data::Dataset& pictures, std::int64_t index, const Answer& answer,
                    std::size_t count) {
  if (!is_score_list(answer.shape)) {
    throw Error(fmt::format("{}: the output of shape {} is no list of scores by class, so nothing can be counted right",
                            model.source, network::to_string(answer.shape)));
  }
  const int label = pictures.label(index);
  if (static_cast<std::size_t>(label) >= answer.scores.size()) {
    throw Error(fmt::format("{}: is of class {}, but {} tells only {} classes apart", pictures.picture_name(index),
                            label, model.source, answer.scores.size()));
  }
  const std::vector<Ranked> best = best_classes(answer.scores, count);
  const auto found =
      std::find_if(best.begin(), best.end(), [&](const Ranked& ranked) { return ranked.class_number == label; });
  return found == best.end() ? count : static_cast<std::size_t>(found - best.begin());
}

}  // namespace

Evaluation evaluate(const Model& model, const data::Dataset& pictures, const EvaluateOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  Evaluation result;
  result.pictures = options.limit > 0 ? std::min(options.limit, pictures.size()) : pictures.size();
  result.frames = model.frames;
  if (result.pictures == 0) throw Error("the data holds no pictures");
  std::mutex counting;
  std::int64_t done = 0;
  const std::int64_t runs = (result.pictures + model.frames - 1) / model.frames;
  for_each_index(
      runs, options.threads, model.make_engine, [&](const std::unique_ptr<Engine>& engine, std::int64_t run) {
        const std::int64_t first = run * model.frames, end = std::min(first + model.frames, result.pictures);
        std::vector<data::Picture> of_run;
        for (std::int64_t index = first; index < end; ++index) of_run.push_back(pictures.picture(index));
        std::vector<Answer> answers;
        try {
          answers = engine->answers(of_run);
        } catch (const Error& error) {
          throw Error(fmt::format("{}: {}", names_of(pictures, first, end), error.what()));
        }
        std::int64_t right1 = 0, right5 = 0;
        for (std::int64_t index = first; index < end; ++index) {
          const std::size_t rank = rank_of(model, pictures, index, answers[static_cast<std::size_t>(index - first)], 5);
          right1 += rank == 0;
          right5 += rank < 5;
        }
        const std::lock_guard lock(counting);
        result.right1 += right1;
        result.right5 += right5;
        result.engine = name(engine->kind());
        result.cycles = answers[0].cycles;
        done += end - first;
        if (options.progress) options.progress(done, result.pictures);
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
  if (evaluation.cycles != 0) {
    json["frames"] = evaluation.frames;
    json["cycles"] = evaluation.cycles;
    json["cycles_per_frame"] = evaluation.cycles_per_frame();
  }
  json["seconds"] = evaluation.seconds;
  return json.dump(2);
}

}  // namespace northpole::evaluate
