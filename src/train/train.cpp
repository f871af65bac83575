#include "train/train.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "data/class_names.h"
#include "network/error.h"
#include "network/prepare.h"
#include "network/rewrites.h"
#include "program/atomic_file.h"
#include "train/batches.h"
#include "train/checkpoint.h"
#include "train/curves_page.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/run_log.h"
#include "train/trained_network.h"

namespace northpole::train {

namespace {

using torch::Tensor;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

constexpr std::int64_t most_start_pictures = 256;
constexpr std::int64_t most_start_features = 1 << 23;  // of all pictures that the steps start from

class Training {
 public:
  explicit Training(const Task& task)
      : task_(task),
        settings_(task.settings),
        network_(task.graph, task.settings),
        pictures_(task.training_data, task.graph, network_.classes(), task.settings.limit),
        batches_(pictures_, task.graph),
        update_(settings_.optimizer, settings_.weight_decay) {
    batch_ = std::min(settings_.batch, pictures_.size());
    steps_an_epoch_ = pictures_.size() / batch_;
    steps_ = steps_an_epoch_ * settings_.epochs;
  }

  Result run() {
    prepare_folder();
    if (!task_.any_labels) check_labels();
    std::optional<Pictures> test_pictures;
    if (!task_.test_data.empty()) {
      test_pictures.emplace(task_.test_data, task_.graph, network_.classes(), task_.test_limit);
    }
    Result result;
    start(result);
    while (state_.step < steps_) {
      step();
      if (state_.step % steps_an_epoch_ == 0) {
        finish_epoch(test_pictures ? &*test_pictures : nullptr);
      } else if (seconds_since(saved_) >= task_.checkpoint_seconds) {
        save();
      }
      if (task_.stop == nullptr || !*task_.stop || state_.step == steps_) continue;
      save();
      result.finished = false;
      return result;
    }
    result.seconds = state_.seconds;
    const quantize::Decisions decisions = network_.decisions();
    result.graph = network::prepared(quantize::emit(network_.graph(), network_.points(), decisions));
    name_classes(result.graph);
    if (test_pictures) {
      const Batches batches(*test_pictures, task_.graph);
      result.test_pictures = batches.size();
      result.accuracy = last_accuracy_ ? *last_accuracy_ : integer_accuracy(network_, batches);
      result.float_accuracy =
          accuracy(batches, batches.size(), [&](const Tensor& inputs) { return network_.float_scores(inputs); });
    }
    return result;
  }

 private:
  std::string file(const char* name) const { return (std::filesystem::path(task_.folder) / name).string(); }
  std::string checkpoint_file() const { return file("checkpoint"); }
  static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  void prepare_folder() const {
    std::error_code failed;
    std::filesystem::create_directories(task_.folder, failed);
    if (failed) throw Error(fmt::format("{}: cannot be made: {}", task_.folder, failed.message()));
  }

  // Labels that belong to other pictures look like guessing to a network that was trained.
  void check_labels() const {
    const std::int64_t count = std::min<std::int64_t>(pictures_.size(), 500);
    if (count < 50) return;
    const double known = accuracy(batches_, count, [&](const Tensor& inputs) { return network_.float_scores(inputs); });
    const double guessing = 1.0 / static_cast<double>(network_.classes());
    if (known > guessing + 0.1 * (1 - guessing)) return;
    throw Error(fmt::format(
        "{}: the float network is right on {:.1f} % of {} of these pictures, as good as guessing: labels of other "
        "pictures, classes in another order, or another mean and deviation? (--any-labels trains on them all the same)",
        pictures_.source(), 100 * known, count));
  }

  void start(Result& result) {
    std::vector<std::int64_t> chosen;
    const std::int64_t count = std::clamp<std::int64_t>(most_start_features / pictures_.features(), 1,
                                                        std::min(most_start_pictures, pictures_.size()));
    for (std::int64_t i = 0; i < count; ++i) chosen.push_back(i * pictures_.size() / count);
    network_.start_from(batches_.plain(chosen));
    state_.settings = described(settings_);
    state_.settings["network"] = task_.graph.source;
    state_.settings["data"] = fmt::format("{} pictures of {}", pictures_.size(), pictures_.source());
    if (!task_.restart && std::filesystem::exists(checkpoint_file())) resume();
    result.resumed_at = state_.step;
    log_.emplace(file("log.jsonl"), state_.log_lines);
    if (state_.log_lines == 0) {
      Json first = {{"run", "northpole train"}, {"steps", steps_}, {"epochs", settings_.epochs}};
      for (const auto& [name, value] : state_.settings) first["settings"][name] = value;
      log(first);
    }
    saved_ = begun_ = Clock::now();
  }

  void resume() {
    Checkpoint kept = read_checkpoint(checkpoint_file());
    for (const auto& [name, value] : state_.settings) {
      const auto found = kept.settings.find(name);
      if (found != kept.settings.end() && found->second == value) continue;
      throw Error(
          fmt::format("{}: was started with {} = {}, not {}; give it the same, another --run folder, or --restart",
                      checkpoint_file(), name, found == kept.settings.end() ? "nothing" : found->second, value));
    }
    if (kept.settings.size() != state_.settings.size()) {
      throw Error(checkpoint_file() + ": was started with other --layer-bits; give another --run folder, or --restart");
    }
    const torch::NoGradGuard no_gradients;
    for (const auto& [name, tensor] : kept.tensors) {
      Tensor mine;
      if (const auto parameter = network_.parameters().find(name); parameter != network_.parameters().end()) {
        mine = parameter->second;
      } else if (const auto statistic = network_.statistics().find(name); statistic != network_.statistics().end()) {
        mine = statistic->second;
      } else {
        update_.memory()[name] = tensor;
        continue;
      }
      if (mine.sizes() != tensor.sizes()) throw Error(checkpoint_file() + ": is of another network");
      mine.copy_(tensor);
    }
    kept.tensors.clear();
    state_ = kept;
    if (task_.remark && state_.step < steps_) {
      task_.remark(fmt::format("{}: going on behind step {} of {}", checkpoint_file(), state_.step, steps_));
    }
  }

  void save() {
    state_.seconds += seconds_since(begun_);
    begun_ = Clock::now();
    state_.log_lines = static_cast<std::int64_t>(log_->lines().size());
    state_.tensors = network_.parameters();
    for (const auto& [name, tensor] : network_.statistics()) state_.tensors[name] = tensor;
    for (const auto& [name, tensor] : update_.memory()) state_.tensors[name] = tensor;
    try {
      write_checkpoint(state_, checkpoint_file());
    } catch (const Error& error) {
      throw Error(
          fmt::format("{}; the training is stopped, nothing older is lost: the same command goes on from the "
                      "last checkpoint that was written",
                      error.what()));
    }
    state_.tensors.clear();
    saved_ = Clock::now();
  }

  void step() {
    const std::int64_t epoch = state_.step / steps_an_epoch_, in_epoch = state_.step % steps_an_epoch_;
    if (in_epoch == 0 || order_.empty()) order_ = shuffled(pictures_.size(), settings_.seed, epoch);
    if (in_epoch == 0) state_.loss_sum = 0, state_.right = 0;
    const std::vector<std::int64_t> chosen(order_.begin() + in_epoch * batch_,
                                           order_.begin() + (in_epoch + 1) * batch_);
    const Tensor inputs = batches_.augmented(chosen, settings_, epoch), labels = batches_.labels(chosen);
    const Tensor scores = network_.scores(inputs, true);
    const Tensor teacher = settings_.distillation > 0 ? network_.float_scores(inputs) : Tensor();
    const Tensor loss = loss_of(scores, labels, teacher, settings_);
    const auto value = loss.item<double>();
    check_loss(value, epoch);
    loss.backward();
    const double rate = learning_rate(settings_, state_.step, steps_);
    update_.apply(network_.parameters(), rate, state_.step);
    network_.confine_parameters();
    ++state_.step;
    state_.loss_sum += value;
    state_.right += right_ones(scores, labels);
    note_step(epoch, in_epoch + 1, value, rate);
  }

  void note_step(std::int64_t epoch, std::int64_t done, double loss, double rate) {
    if (state_.step % std::max<std::int64_t>(1, steps_ / 500) == 0) {
      log({{"step", state_.step}, {"epoch", epoch + 1}, {"loss", loss}, {"learning_rate", rate}});
    }
    if (!task_.progress) return;
    const double here = seconds_since(started_);
    ++steps_here_;
    task_.progress({epoch + 1, settings_.epochs, state_.step, steps_, state_.loss_sum / static_cast<double>(done),
                    static_cast<double>(state_.right) / static_cast<double>(done * batch_),
                    here / static_cast<double>(steps_here_) * static_cast<double>(steps_ - state_.step)});
  }

  std::string advice() const {
    return fmt::format("the checkpoint {} stays; try a lower --learning-rate in another --run folder",
                       checkpoint_file());
  }

  // Before the step is taken, so that no checkpoint ever holds what it would have done.
  void check_loss(double loss, std::int64_t epoch) {
    if (state_.step == 0) state_.first_loss = loss;
    if (std::isfinite(loss)) return;
    throw Error(
        fmt::format("epoch {}, step {}: the loss is no longer a number; {}", epoch + 1, state_.step + 1, advice()));
  }

  // A training that learns nothing but forgets what the float network knew.
  void check_epoch(const Epoch& epoch) const {
    const double guessing = std::log(static_cast<double>(network_.classes()));
    std::string why;
    if (epoch.loss > 2 * std::max(state_.first_loss, guessing)) {
      why = fmt::format("its loss was {:.3g} at first and is {:.3g} now", state_.first_loss, epoch.loss);
    } else {
      try {
        network_.decisions();
      } catch (const Error& error) {
        why = error.what();
      }
    }
    if (why.empty()) return;
    throw Error(fmt::format("epoch {}: the training diverges: {}; {}", epoch.epoch, why, advice()));
  }

  void finish_epoch(const Pictures* test_pictures) {
    Epoch epoch;
    epoch.epoch = state_.step / steps_an_epoch_;
    epoch.loss = state_.loss_sum / static_cast<double>(steps_an_epoch_);
    check_epoch(epoch);
    epoch.accuracy = static_cast<double>(state_.right) / static_cast<double>(steps_an_epoch_ * batch_);
    epoch.learning_rate = learning_rate(settings_, state_.step - 1, steps_);
    if (test_pictures != nullptr)
      epoch.test_accuracy = integer_accuracy(network_, Batches(*test_pictures, task_.graph));
    epoch.seconds = state_.seconds + seconds_since(begun_);
    Json line = {{"step", state_.step},
                 {"epoch", epoch.epoch},
                 {"training_loss", epoch.loss},
                 {"training_accuracy", epoch.accuracy},
                 {"seconds", std::round(epoch.seconds)}};
    if (epoch.test_accuracy) line["test_accuracy"] = *epoch.test_accuracy;
    log(line);
    save();
    program::write_file_atomically(curves_page(log_->lines()), file("curves.html"));
    if (task_.epoch_done) task_.epoch_done(epoch);
  }

  void log(const Json& line) { log_->add(line.dump(-1, ' ', false, Json::error_handler_t::replace)); }

  void name_classes(network::Graph& graph) const {
    const std::vector<std::string>& names = pictures_.class_names();
    if (data::class_names_of(graph).empty() && static_cast<std::int64_t>(names.size()) == network_.classes()) {
      graph.metadata["northpole.classes"] = data::class_names_to_json(names);
    }
  }

  const Task& task_;
  const Settings& settings_;
  TrainedNetwork network_;
  Pictures pictures_;
  Batches batches_;
  ParameterUpdate update_;
  Checkpoint state_;
  std::optional<RunLog> log_;
  std::optional<double> last_accuracy_;  // of the epoch that was finished last
  std::vector<std::int64_t> order_;      // of the epoch
  std::int64_t batch_ = 1, steps_an_epoch_ = 1, steps_ = 1, steps_here_ = 0;
  Clock::time_point started_ = Clock::now(), begun_ = started_, saved_ = started_;
};

}  // namespace

Result train(const Task& task) {
  at::set_num_threads(task.settings.threads);
  network::check_finite(task.graph);
  return Training(task).run();
}

}  // namespace northpole::train
