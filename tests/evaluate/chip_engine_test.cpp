// Pictures through the simulated chip, several a run.
#include "evaluate/chip_engine.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "evaluate/evaluate.h"
#include "network/error.h"
#include "support/echo_program.h"

namespace northpole::evaluate {
namespace {

// A grey picture of 4 x 4 whose brightest pixel is number `place`, of 16.
data::Picture dot(int place) {
  data::Picture picture = data::Picture::blank(4, 4);
  for (int i = 0; i < 3; ++i) picture.pixel(place % 4, place / 4)[i] = 255;
  return picture;
}

class Dots : public data::Dataset {
 public:
  explicit Dots(std::int64_t count) : count_(count) {}
  std::int64_t size() const override { return count_; }
  data::Picture picture(std::int64_t index) const override { return dot(static_cast<int>(index % 16)); }
  int label(std::int64_t index) const override { return static_cast<int>(index % 16); }
  std::string picture_name(std::int64_t index) const override { return "dot " + std::to_string(index); }
  const std::vector<std::string>& class_names() const override { return names_; }

 private:
  std::int64_t count_;
  std::vector<std::string> names_;
};

Model echo_model(EngineKind kind) {
  Model model;
  model.source = "echo.np";
  auto program = std::make_shared<const program::Program>(tests::echo_program());
  model.frames = program->frames;
  model.transform = transform_of(*program, model.source);
  model.make_engine = chip_engines(program, model.transform, kind);
  model.program = program;
  return model;
}

std::size_t brightest(const Answer& answer) {
  return static_cast<std::size_t>(std::max_element(answer.scores.begin(), answer.scores.end()) - answer.scores.begin());
}

TEST(ChipEngine, AnswersEachPictureOfARun) {
  for (const EngineKind kind : {EngineKind::step, EngineKind::fast}) {
    const auto engine = echo_model(kind).make_engine();
    const std::vector<Answer> answers = engine->answers({dot(3), dot(9), dot(0), dot(15)});
    ASSERT_EQ(answers.size(), 4U);
    EXPECT_EQ(brightest(answers[0]), 3U);
    EXPECT_EQ(brightest(answers[1]), 9U);
    EXPECT_EQ(brightest(answers[2]), 0U);
    EXPECT_EQ(brightest(answers[3]), 15U);
    EXPECT_EQ(answers[0].shape, (network::Shape{1, 16}));
    // Codes of 4 bit, scale 0.25, zero point -1: a bright pixel is 1.
    EXPECT_EQ(answers[0].scores[3], 1.0F);
    EXPECT_EQ(answers[0].scores[4], 0.0F);
    EXPECT_GT(answers[0].cycles, 0U);
  }
}

TEST(ChipEngine, FewerPicturesThanFramesAreFilledUpAndTooManyRefused) {
  const auto engine = echo_model(EngineKind::step).make_engine();
  const std::vector<Answer> answers = engine->answers({dot(7), dot(2)});
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(brightest(answers[0]), 7U);
  EXPECT_EQ(brightest(answers[1]), 2U);
  EXPECT_THROW(engine->answers({}), Error);
  EXPECT_THROW(engine->answers(std::vector<data::Picture>(5, dot(1))), Error);
}

TEST(ChipEngine, WhatFillsARunUpIsTheLastPicture) {
  const program::Program program = tests::echo_program();
  EXPECT_EQ(codes_of_run(program, {{1, 2}, {3, 4}}), (std::vector<std::uint8_t>{1, 2, 3, 4, 3, 4, 3, 4}));
}

TEST(ChipEngine, NarrowInputCodesSaturateAtTheirWidth) {
  program::FrameLayout layout;
  layout.bits = 4;
  layout.scale = 0.5F;
  EXPECT_EQ(quantized_input(layout, {-1000, 1000, 1}), (std::vector<std::uint8_t>{0xf8, 7, 2}));
  layout.is_signed = false;
  EXPECT_EQ(quantized_input(layout, {-1000, 1000, 1}), (std::vector<std::uint8_t>{0, 15, 2}));
}

TEST(Evaluate, EveryPictureCountsOnceHoweverTheyFillTheRuns) {
  const Model model = echo_model(EngineKind::fast);
  for (const std::int64_t count : {1, 3, 4, 7, 16}) {
    for (const int threads : {1, 2}) {
      EvaluateOptions options;
      options.threads = threads;
      std::int64_t last = 0;
      options.progress = [&](std::int64_t done, std::int64_t total) {
        EXPECT_EQ(total, count);
        last = done;
      };
      const Evaluation result = evaluate(model, Dots(count), options);
      EXPECT_EQ(result.pictures, count);
      EXPECT_EQ(result.right1, count);
      EXPECT_EQ(result.frames, 4);
      EXPECT_EQ(result.cycles, model.program->cycles);
      EXPECT_DOUBLE_EQ(result.cycles_per_frame(), static_cast<double>(model.program->cycles) / 4);
      EXPECT_EQ(last, count);
    }
  }
}

}  // namespace
}  // namespace northpole::evaluate
