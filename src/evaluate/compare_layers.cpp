#include "evaluate/compare_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "evaluate/chip_engine.h"
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
  const auto first = std::mismatch(snapshot.codes.begin(), snapshot.codes.end(), found->second.begin());
  if (first.first == snapshot.codes.end()) return {};
  Difference result;
  for (std::size_t i = 0; i < snapshot.codes.size(); ++i) result.elements += snapshot.codes[i] != found->second[i];
  result.text = fmt::format("{} of {} elements differ, first element {}: {}, the reference has {}", result.elements,
                            size, first.first - snapshot.codes.begin(), *first.first, *first.second);
  return result;
}

}  // namespace

Comparison compare_layers(const Model& model, const data::Dataset& pictures, std::int64_t count, int threads,
                          const std::function<void(std::int64_t, std::int64_t)>& progress) {
  if (!model.program || !model.graph)
    throw Error(model.source + ": comparing takes a program and its quantized network");
  const program::Program& program = *model.program;
  const reference::QuantizedInterpreter reference(
      *model.graph, program.chip.vector_precision == chip::VectorPrecision::fp16 ? reference::Precision::fp16
                                                                                 : reference::Precision::fp32);
  const network::Port& input = model.graph->inputs.front();

  Comparison result;
  result.pictures = std::min(count, pictures.size());
  std::int64_t first_picture = result.pictures, done = 0;
  std::mutex counting;
  const auto make_chip =
      configured_chips(model.program, model.engine == EngineKind::step ? EngineKind::step : EngineKind::fast);
  for_each_index(result.pictures, threads, make_chip, [&](Chip& chip, std::int64_t index) {
    const data::Picture picture = pictures.picture(index);
    std::map<std::string, Codes> expected;
    reference.run({{input.name, model.transform.input(picture, input.shape)}},
                  [&](const std::string& name, const reference::QuantizedTensor& value) {
                    expected[name] = Codes(value.codes.begin(), value.codes.end());
                  });
    chip.write_input(quantized_input(program.input, model.transform.input(picture)));
    Comparison own;
    const machine::RunResult run = chip.run_network([&](const machine::TensorSnapshot& snapshot) {
      const Difference different = difference(snapshot, expected);
      ++own.tensors;
      own.elements += static_cast<std::int64_t>(snapshot.codes.size());
      own.different_elements += different.elements;
      if (different.text.empty()) return;
      ++own.different_tensors;
      if (own.first_difference.empty()) {
        own.first_difference = fmt::format("{}: tensor {}: {}", pictures.picture_name(index),
                                           network::quoted_name(snapshot.location.tensor), different.text);
      }
    });
    if (run.fault) throw Error(fmt::format("{}: the machine stopped: {}", model.source, machine::to_text(*run.fault)));
    const std::lock_guard lock(counting);
    result.tensors += own.tensors;
    result.elements += own.elements;
    result.different_tensors += own.different_tensors;
    result.different_elements += own.different_elements;
    if (!own.first_difference.empty() && index < first_picture) {
      first_picture = index;
      result.first_difference = own.first_difference;
    }
    if (progress) progress(++done, result.pictures);
  });
  return result;
}

}  // namespace northpole::evaluate
