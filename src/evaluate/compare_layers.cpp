#include "evaluate/compare_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "evaluate/chip_engine.h"
#include "evaluate/input_tensor.h"
#include "evaluate/parallel.h"
#include "machine/fault.h"
#include "network/error.h"
#include "network/text.h"
#include "northpole/chip.h"
#include "reference/quantized_interpreter.h"

namespace northpole::evaluate {
namespace {

using Codes = std::vector<std::uint8_t>;

// What differs of one tensor: a number of elements, and why.
struct Difference {
  std::int64_t elements = 0;
  std::string text;
};

Difference difference(const machine::TensorSnapshot& snapshot, const std::map<std::string, Codes>& expected) {
  const auto found = expected.find(snapshot.location.tensor);
  const auto size = static_cast<std::int64_t>(snapshot.codes.size());
  if (found == expected.end()) return {size, "the network has no such tensor"};
  if (!snapshot.problem.empty()) return {size, snapshot.problem};
  if (found->second.size() != snapshot.codes.size()) {
    return {size, fmt::format("{} elements, the reference has {}", size, found->second.size())};
  }
  const auto number = [&](std::uint8_t code) {
    return snapshot.location.is_signed ? int{static_cast<std::int8_t>(code)} : int{code};
  };
  const auto first = std::mismatch(snapshot.codes.begin(), snapshot.codes.end(), found->second.begin());
  if (first.first == snapshot.codes.end()) return {};
  Difference result;
  for (std::size_t i = 0; i < snapshot.codes.size(); ++i) result.elements += snapshot.codes[i] != found->second[i];
  result.text = fmt::format("{} of {} elements differ, first element {}: {}, the reference has {}", result.elements,
                            size, first.first - snapshot.codes.begin(), number(*first.first), number(*first.second));
  return result;
}

// A comparison that leaves out frames would prove nothing of them.
void check_all_frames(const Model& model) {
  std::map<std::string, std::set<std::uint32_t>> frames;
  for (const program::TensorLocation& location : model.program->locations)
    frames[location.tensor].insert(location.frame);
  for (const auto& [tensor, of_tensor] : frames) {
    if (of_tensor.size() != model.program->frames) {
      throw Error(fmt::format("{}: it tells where tensor {} lies for {} of its {} frames only", model.source,
                              network::quoted_name(tensor), of_tensor.size(), model.program->frames));
    }
  }
}

}  // namespace

Comparison compare_layers(const Model& model, const data::Dataset& pictures, std::int64_t count, int threads,
                          const std::function<void(std::int64_t, std::int64_t)>& progress) {
  if (!model.program || !model.graph)
    throw Error(model.source + ": comparing takes a program and its quantized network");
  const program::Program& program = *model.program;
  check_all_frames(model);
  const reference::QuantizedInterpreter reference(
      *model.graph, program.chip.vector_precision == chip::VectorPrecision::fp16 ? reference::Precision::fp16
                                                                                 : reference::Precision::fp32);
  const network::Port& input = model.graph->inputs.front();

  Comparison result;
  result.pictures = std::min(count, pictures.size());
  const std::int64_t frames = program.frames, runs = (result.pictures + frames - 1) / frames;
  std::int64_t first_run = runs, done = 0;
  std::mutex counting;
  const auto make_chip =
      configured_chips(model.program, model.engine == EngineKind::step ? EngineKind::step : EngineKind::fast);
  for_each_index(runs, threads, make_chip, [&](Chip& chip, std::int64_t number) {
    const std::int64_t first = number * frames, end = std::min(first + frames, result.pictures);
    std::vector<Codes> inputs;
    std::vector<std::map<std::string, Codes>> expected(static_cast<std::size_t>(end - first));
    for (auto& tensors : expected) {
      const data::Picture picture = pictures.picture(first + (&tensors - expected.data()));
      reference.run({{input.name, input_tensor(model.transform, picture, input)}},
                    [&](const std::string& name, const reference::QuantizedTensor& value) {
                      tensors[name] = Codes(value.codes.begin(), value.codes.end());
                    });
      inputs.push_back(quantized_input(program.input, model.transform.input(picture)));
    }
    chip.write_input(codes_of_run(program, inputs));
    Comparison own;
    const machine::RunResult run = chip.run_network([&](const machine::TensorSnapshot& snapshot) {
      if (snapshot.location.frame >= expected.size()) return;  // only fills the run up
      const Difference different = difference(snapshot, expected[snapshot.location.frame]);
      ++own.tensors;
      own.elements += static_cast<std::int64_t>(snapshot.codes.size());
      own.different_elements += different.elements;
      if (different.text.empty()) return;
      ++own.different_tensors;
      if (own.first_difference.empty()) {
        own.first_difference = fmt::format("{}: tensor {}: {}", pictures.picture_name(first + snapshot.location.frame),
                                           network::quoted_name(snapshot.location.tensor), different.text);
      }
    });
    if (run.fault) throw Error(fmt::format("{}: the machine stopped: {}", model.source, machine::to_text(*run.fault)));
    const std::lock_guard lock(counting);
    result.tensors += own.tensors;
    result.elements += own.elements;
    result.different_tensors += own.different_tensors;
    result.different_elements += own.different_elements;
    if (!own.first_difference.empty() && number < first_run) {
      first_run = number;
      result.first_difference = own.first_difference;
    }
    done += end - first;
    if (progress) progress(done, result.pictures);
  });
  return result;
}

}  // namespace northpole::evaluate
