// Both engines of the simulated chip on a real network and real pictures: the very same answers.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "data/dataset.h"
#include "evaluate/chip_engine.h"
#include "network/prepare.h"
#include "onnx/read_onnx.h"
#include "quantize/quantize.h"
#include "support/assets.h"
#include "support/picture_source.h"
#include "support/whole_way.h"

namespace northpole::evaluate {
namespace {

using tests::assets;

std::size_t best_class(const Answer& answer) {
  return static_cast<std::size_t>(std::max_element(answer.scores.begin(), answer.scores.end()) - answer.scores.begin());
}

TEST(BothEngines, AnswerPicturesOfImageNetAlike) {
  const std::string model = "models/resnet50-v1-imagenet.onnx", data = "imagenet-val";
  if (!tests::has_asset(model) || !tests::has_asset(data)) GTEST_SKIP() << "no " << model << ": set NORTHPOLE_ASSETS";
  constexpr std::int64_t pictures = 20;
  const network::Graph graph = network::prepared(onnx::read_onnx(assets() / model));
  const tests::PictureSource source(graph, assets() / data);
  quantize::Options options;
  options.threads = 2;
  const network::Graph quantized = quantize::quantize(graph, source.calibration(100, 16), options);
  const auto program = tests::compile(quantized, {}).program;

  const data::PictureTransform transform = transform_of(*program, model);
  const auto fast = chip_engines(program, transform, EngineKind::fast)();
  const auto step = chip_engines(program, transform, EngineKind::step)();
  ASSERT_EQ(fast->kind(), EngineKind::fast);
  ASSERT_EQ(step->kind(), EngineKind::step);
  const auto dataset = data::open_dataset((assets() / data).string());
  std::int64_t right = 0;
  for (std::int64_t index = 0; index < pictures; ++index) {
    const std::vector<data::Picture> picture{dataset->picture(index)};
    const Answer by_fast = fast->answers(picture).front();
    const Answer by_step = step->answers(picture).front();
    EXPECT_EQ(by_fast.scores, by_step.scores) << "picture " << index;
    EXPECT_EQ(by_fast.cycles, by_step.cycles);
    EXPECT_EQ(by_fast.events, by_step.events);
    right += static_cast<std::int64_t>(best_class(by_fast)) == dataset->label(index);
  }
  std::cout << right << " of " << pictures << " pictures right, by both engines\n";
  EXPECT_GT(right, pictures / 2);
}

}  // namespace
}  // namespace northpole::evaluate
