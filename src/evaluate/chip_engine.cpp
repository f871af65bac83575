#include "evaluate/chip_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>

#include "evaluate/host_operations.h"
#include "machine/fault.h"
#include "network/error.h"


namespace northpole::evaluate {
namespace {

class ChipEngine : public Engine {
 public:
  ChipEngine(std::shared_ptr<const program::Program> program, const data::PictureTransform& transform, Chip chip)
      : program_(std::move(program)), transform_(transform), chip_(std::move(chip)) {}

  EngineKind kind() const override {
    return chip_.engine() == northpole::EngineKind::fast ? EngineKind::fast : EngineKind::step;
  }

  std::vector<Answer> answers(const std::vector<data::Picture>& pictures) override {
    std::vector<std::vector<std::uint8_t>> inputs;
    for (const data::Picture& picture : pictures)
      inputs.push_back(quantized_input(program_->input, transform_.input(picture)));
    chip_.write_input(codes_of_run(*program_, inputs));
    const machine::RunResult result = chip_.run_network();
    if (result.fault) {
      throw Error(
          fmt::format("program of '{}': the machine stopped: {}", program_->network, machine::to_text(*result.fault)));
    }
    const std::vector<std::uint8_t> codes = chip_.read_output();
    const std::size_t of_frame = codes.size() / program_->frames;
    std::vector<Answer> answers;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      const auto first = codes.begin() + static_cast<std::ptrdiff_t>(i * of_frame);
      answers.push_back(answer_from(*program_, {first, first + static_cast<std::ptrdiff_t>(of_frame)}));
      answers.back().cycles = result.cycles;
      answers.back().events = result.statistics.total_events();
    }
    return answers;
  }

 private:
  std::shared_ptr<const program::Program> program_;
  data::PictureTransform transform_;
  Chip chip_;
};

network::Shape shape_of(const program::FrameLayout& layout) {
  if (!layout.shape.empty()) return layout.shape;
  return {1, layout.channels, layout.tensor_height, layout.tensor_width};
}

}  // namespace

std::function<Chip()> configured_chips(std::shared_ptr<const program::Program> program, EngineKind kind) {
  struct First {
    std::mutex making;
    std::optional<Chip> chip;
  };
  return [program = std::move(program), kind, first = std::make_shared<First>()] {
    const auto engine = kind == EngineKind::step ? northpole::EngineKind::step : northpole::EngineKind::fast;
    Chip chip(program->chip, engine);
    const std::lock_guard lock(first->making);
    if (!first->chip) {
      first->chip.emplace(program->chip, engine);
      first->chip->configure(program);
    }
    chip.configure_as(*first->chip);
    return chip;
  };
}

std::function<std::unique_ptr<Engine>()> chip_engines(std::shared_ptr<const program::Program> program,
                                                      const data::PictureTransform& transform, EngineKind kind) {
  return [program, transform, chips = configured_chips(program, kind)] {
    return std::make_unique<ChipEngine>(program, transform, chips());
  };
}

data::PictureTransform transform_of(const program::Program& program, const std::string& source) {
  try {
    if (program.picture_transform.empty()) return data::default_transform(shape_of(program.input));
    const data::PictureTransform transform = data::transform_from_json(program.picture_transform);
    if (std::int64_t{transform.channels} * transform.height * transform.width !=
        network::element_count(shape_of(program.input))) {
      throw Error(fmt::format("its picture transform makes {} x {} x {} values, its input is {}", transform.channels,
                              transform.height, transform.width, network::to_string(shape_of(program.input))));
    }
    return transform;
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", source, error.what()));
  }
}

std::vector<std::uint8_t> quantized_input(const program::FrameLayout& layout, const std::vector<float>& values) {
  const double lowest = layout.is_signed ? -(1 << (layout.bits - 1)) : 0, highest = lowest + (1 << layout.bits) - 1;
  std::vector<std::uint8_t> codes(values.size());
  network::Tensor real = network::Tensor::of_floats(
      layout.operations.empty() ? network::Shape{static_cast<std::int64_t>(values.size())} : shape_of(layout), values);
  for (const program::HostOperation& operation : layout.operations) apply(operation, real);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float ratio = real.data<float>()[i] / layout.scale;
    const double code =
        std::isnan(ratio) ? layout.zero_point : std::nearbyint(static_cast<double>(ratio)) + layout.zero_point;
    codes[i] = static_cast<std::uint8_t>(static_cast<int>(std::clamp(code, lowest, highest)));
  }
  return codes;
}

std::vector<std::uint8_t> codes_of_run(const program::Program& program,
                                       const std::vector<std::vector<std::uint8_t>>& inputs) {
  if (inputs.empty() || inputs.size() > program.frames)
    throw Error(
        fmt::format("{} pictures for a run, the program takes 1 to {} at a time", inputs.size(), program.frames));
  std::vector<std::uint8_t> codes;
  codes.reserve(inputs[0].size() * program.frames);
  for (std::size_t frame = 0; frame < program.frames; ++frame) {
    const std::vector<std::uint8_t>& input = inputs[std::min(frame, inputs.size() - 1)];
    codes.insert(codes.end(), input.begin(), input.end());
  }
  return codes;
}

Answer answer_from(const program::Program& program, const std::vector<std::uint8_t>& codes) {
  const program::FrameLayout& layout = program.outputs.at(0);
  network::Tensor values = network::Tensor::zeros(network::ElementType::float32, shape_of(layout));
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const int code = layout.is_signed ? static_cast<std::int8_t>(codes[i]) : codes[i];
    values.data<float>()[i] = static_cast<float>(code - layout.zero_point) * layout.scale;
  }
  for (const program::HostOperation& operation : program.host_operations) {
    apply(operation, values);
  }
  Answer answer;
  answer.shape = values.shape;
  answer.scores.assign(values.data<float>(), values.data<float>() + values.size());
  return answer;
}

}  // namespace northpole::evaluate
