#include "support/whole_way.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>

#include "evaluate/host_operations.h"
#include "lower/lower.h"
#include "machine/fast/engine.h"
#include "machine/frame.h"
#include "network/error.h"
#include "network/prepare.h"
#include "program/program_file.h"
#include "schedule/compile.h"
#include "schedule/orchestrator.h"
#include "verify/verify.h"

namespace northpole::tests {

using network::Tensor;

CompiledNetwork compile(const network::Graph& graph, const chip::ChipDescription& chip,
                        const Compilation& compilation) {
  CompiledNetwork result;
  result.graph = network::prepared(graph);
  const auto layers = lower::lower(result.graph, chip, compilation.lowering);
  schedule::CompileOptions options;
  options.frames = compilation.frames;
  options.objective = compilation.objective;
  if (compilation.mappings) {
    const auto plan = map::Planner(layers, chip, chip.rows, compilation.objective).of(compilation.mappings(layers));
    result.program = std::make_shared<const program::Program>(schedule::orchestrate(
        layers, plan, {chip.rows, 1, 1}, chip, {}, schedule::Room{schedule::static_weights_of(1)}, nullptr));
  } else {
    result.program = std::make_shared<const program::Program>(schedule::compile(layers, chip, options));
  }
  const bool half = chip.vector_precision == chip::VectorPrecision::fp16;
  result.reference = std::make_unique<reference::QuantizedInterpreter>(
      result.graph, half ? reference::Precision::fp16 : reference::Precision::fp32);
  return result;
}

Expected CompiledNetwork::expected(std::uint64_t seed) const {
  std::mt19937_64 random(seed);
  const network::Port& port = graph.inputs[0];
  // As wide as the codes reach, and a bit more.
  const auto& layout = program->input;
  const int codes = 1 << layout.bits;
  const double low = (layout.is_signed ? -codes / 2 : 0) - layout.zero_point, high = low + codes - 1;
  std::uniform_real_distribution<double> real((low - 8) * static_cast<double>(layout.scale),
                                              (high + 8) * static_cast<double>(layout.scale));
  Tensor input = Tensor::zeros(port.type, port.shape);
  for (std::int64_t i = 0; i < input.size(); ++i) {
    const double number = real(random);
    if (port.type == network::ElementType::float32)
      input.data<float>()[i] = static_cast<float>(number);
    else  // codes; only their lowest byte is there
      input.bytes[static_cast<std::size_t>(i)] =
          static_cast<std::uint8_t>(static_cast<int>(std::clamp(std::floor(number), low, high)));
  }
  Expected result;
  result.outputs =
      reference->run({{port.name, input}}, [&](const std::string& name, const reference::QuantizedTensor& tensor) {
        auto& codes = result.tensors[name];
        for (const auto code : tensor.codes) codes.push_back(static_cast<std::uint8_t>(code));
      });
  result.input = result.tensors.at(layout.tensor);
  return result;
}

namespace {

// The frame's codes, after what the host does with them, against the network's output.
std::string output_difference(const program::Program& program, std::size_t index,
                              const std::vector<std::uint8_t>& codes, const Tensor& expected) {
  const program::FrameLayout& layout = program.outputs[index];
  Tensor real = Tensor::zeros(network::ElementType::float32, layout.shape);
  for (std::size_t i = 0; i < codes.size(); ++i)
    real.data<float>()[i] =
        static_cast<float>((layout.is_signed ? static_cast<std::int8_t>(codes[i]) : codes[i]) - layout.zero_point) *
        layout.scale;
  double tolerance = 0;
  bool chosen = false;
  if (index == 0)
    for (const auto& operation : program.host_operations) {
      evaluate::apply(operation, real);
      if (operation.op == "MatMul") tolerance = 1e-5;  // another order of summation
      chosen |= operation.op == "ArgMax";
    }
  std::vector<double> values(real.data<float>(), real.data<float>() + real.size());
  if (chosen) values = {static_cast<double>(std::max_element(values.begin(), values.end()) - values.begin())};
  if (static_cast<std::int64_t>(values.size()) != expected.size())
    return fmt::format("output '{}' has {} elements, the reference {}", layout.tensor, values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double wanted =
        network::is_quantized_type(expected.type)
            ? static_cast<double>(
                  static_cast<float>(expected.integer(static_cast<std::int64_t>(i)) - layout.zero_point) * layout.scale)
            : expected.number(static_cast<std::int64_t>(i));
    if (std::abs(values[i] - wanted) > tolerance * std::max(1.0, std::abs(wanted)))
      return fmt::format("output '{}', element {}: {} instead of {}", layout.tensor, i, values[i], wanted);
  }
  return {};
}

}  // namespace

std::vector<Expected> CompiledNetwork::expected_of_run(std::uint64_t run) const {
  std::vector<Expected> result;
  for (std::uint32_t frame = 0; frame < program->frames; ++frame)
    result.push_back(expected(run * program->frames + frame + 1));
  return result;
}

std::vector<std::uint8_t> input_of(const std::vector<Expected>& frames) {
  std::vector<std::uint8_t> input;
  for (const Expected& expected : frames) input.insert(input.end(), expected.input.begin(), expected.input.end());
  return input;
}

std::string difference(Chip& chip, const program::Program& program, const std::vector<Expected>& frames,
                       std::int64_t& compared) {
  std::string problem;
  std::size_t seen = 0;
  chip.write_input(input_of(frames));
  const auto result = chip.run_network([&](const machine::TensorSnapshot& snapshot) {
    ++seen;
    const std::string& name = snapshot.location.tensor;
    const Expected& expected = frames.at(snapshot.location.frame);
    const auto found = expected.tensors.find(name);
    if (!problem.empty()) return;
    if (!snapshot.problem.empty()) {
      problem = fmt::format("tensor '{}': {}", name, snapshot.problem);
    } else if (found == expected.tensors.end()) {
      problem = fmt::format("tensor '{}' is unknown to the reference", name);
    } else if (found->second.size() != snapshot.codes.size()) {
      problem = fmt::format("tensor '{}' has {} elements, the reference {}", name, snapshot.codes.size(),
                            found->second.size());
    } else if (found->second != snapshot.codes) {
      std::size_t different = 0, first = 0;
      for (std::size_t i = snapshot.codes.size(); i-- > 0;)
        if (snapshot.codes[i] != found->second[i]) ++different, first = i;
      problem = fmt::format("tensor '{}' of frame {} ({}x{}x{}): {} elements differ, the first is {}: {} instead of {}",
                            name, snapshot.location.frame, snapshot.location.channels, snapshot.location.height, snapshot.location.width, different,
                            first, snapshot.codes[first], found->second[first]);
    }
    compared += static_cast<std::int64_t>(snapshot.codes.size());
  });
  if (result.fault) return "the simulator: " + machine::to_text(*result.fault);
  if (!problem.empty()) return problem;
  if (seen != program.locations.size())
    return fmt::format("{} of {} tensors were complete within the run", seen, program.locations.size());
  for (std::size_t i = 0; i < program.outputs.size(); ++i) {
    const auto codes = chip.read_output(i);
    compared += static_cast<std::int64_t>(codes.size());
    const auto of_frame = static_cast<std::ptrdiff_t>(codes.size() / frames.size());
    for (std::size_t frame = 0; frame < frames.size(); ++frame) {
      const auto first = codes.begin() + static_cast<std::ptrdiff_t>(frame) * of_frame;
      problem = output_difference(program, i, {first, first + of_frame},
                                  frames[frame].outputs.at(program.outputs[i].tensor));
      if (!problem.empty()) return fmt::format("frame {}: {}", frame, problem);
    }
  }
  return {};
}

namespace {

// Every kernel that this processor runs, against the tensors of the reference and the output words of `chip`'s last run.
class ForcedKernels {
 public:
  explicit ForcedKernels(std::shared_ptr<const program::Program> program) : program_(std::move(program)) {
    using namespace machine::fast;
    for (const Kernel* kernel : kernels())
      if (kernel != &best_kernel()) engines_.emplace_back(kernel->name, translate(program_, Verified::yes, *kernel));
  }

  std::string difference(const Chip& chip, const std::vector<Expected>& frames) {
    const std::vector<isa::Word> input = machine::pack_frame(program_->input, input_of(frames));
    for (auto& [name, engine] : engines_) {
      std::string problem;
      engine.run(input, [&](const machine::TensorSnapshot& snapshot) {
        const auto& location = snapshot.location;
        if (snapshot.codes != frames.at(location.frame).tensors.at(location.tensor))
          problem = fmt::format("tensor '{}' of frame {}", location.tensor, location.frame);
      });
      for (std::size_t i = 0; i < program_->outputs.size(); ++i)
        if (engine.output(i) != chip.read_output_words(i)) problem = fmt::format("output {}", i);
      if (!problem.empty()) return fmt::format("kernel '{}': {} differs", name, problem);
    }
    return {};
  }

 private:
  std::shared_ptr<const program::Program> program_;
  std::vector<std::pair<std::string, machine::fast::Engine>> engines_;
};

}  // namespace

WholeWay whole_way(const network::Graph& graph, const chip::ChipDescription& description, int runs,
                   const Compilation& compilation) {
  WholeWay result;
  CompiledNetwork compiled;
  try {
    compiled = compile(graph, description, compilation);
  } catch (const Error& error) {
    result.refused = error.what();
    return result;
  }
  try {
    const program::Program& program = *compiled.program;
    result.tensors = static_cast<std::int64_t>(program.locations.size());
    result.cycles = program.cycles;
    result.segments = program.segments.size();
    const auto verified = verify::verify(program);
    if (!verified.ok) result.failed = "the verifier: " + describe(*verified.fault);
    Chip chip(description, EngineKind::step), fast(description, EngineKind::fast);
    chip.configure(compiled.program);
    fast.configure(compiled.program);
    if (result.failed.empty() && fast.engine() != EngineKind::fast) result.failed = "the fast engine refuses the program";
    std::optional<ForcedKernels> forced;
    if (result.failed.empty() && compilation.every_kernel) forced.emplace(compiled.program);
    for (int run = 0; run < runs && result.failed.empty(); ++run) {
      const auto expected = compiled.expected_of_run(static_cast<std::uint64_t>(run));
      result.failed = difference(chip, program, expected, result.elements);
      if (result.failed.empty()) {
        std::int64_t again = 0;
        result.failed = difference(fast, program, expected, again);
        if (result.failed.empty() && forced) result.failed = forced->difference(fast, expected);
        if (!result.failed.empty()) result.failed = "fast engine: " + result.failed;
      }
      if (!result.failed.empty() && run > 0) result.failed = fmt::format("in run {}: {}", run + 1, result.failed);
    }
  } catch (const std::exception& error) {
    result.failed = std::string("exception: ") + error.what();
  }
  return result;
}

bool names_a_node(const std::string& text, const network::Graph& graph) {
  if (text.find("does not fit") != std::string::npos || text.find("computes nothing") != std::string::npos) return true;
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const network::Node& node) {
    return text.find("'" + node.name + "'") != std::string::npos ||
           std::any_of(node.outputs.begin(), node.outputs.end(),
                       [&](const std::string& output) { return text.find("'" + output + "'") != std::string::npos; });
  });
}

}  // namespace northpole::tests
