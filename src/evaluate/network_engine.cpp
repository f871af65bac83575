#include "evaluate/network_engine.h"

#include "evaluate/input_tensor.h"
#include "network/error.h"
#include "network/prepare.h"
#include "reference/float_interpreter.h"
#include "reference/quantized_interpreter.h"

namespace northpole::evaluate {
namespace {

template <typename Interpreter>
class NetworkEngine : public Engine {
 public:
  NetworkEngine(std::shared_ptr<const Interpreter> interpreter, const data::PictureTransform& transform)
      : interpreter_(std::move(interpreter)), transform_(transform) {}

  EngineKind kind() const override {
    return std::is_same_v<Interpreter, reference::FloatInterpreter> ? EngineKind::floats : EngineKind::reference;
  }

  std::vector<Answer> answers(const std::vector<data::Picture>& pictures) override {
    std::vector<Answer> result;
    for (const data::Picture& picture : pictures) result.push_back(answer(picture));
    return result;
  }

 private:
  Answer answer(const data::Picture& picture) const {
    const network::Graph& graph = interpreter_->graph();
    const network::Port& input = graph.inputs.front();
    const auto outputs = interpreter_->run({{input.name, input_tensor(transform_, picture, input)}});
    const network::Tensor& scores = outputs.at(graph.outputs.front().name);
    Answer answer;
    answer.shape = scores.shape;
    answer.scores.resize(static_cast<std::size_t>(scores.size()));
    for (std::size_t i = 0; i < answer.scores.size(); ++i) {
      answer.scores[i] = static_cast<float>(scores.number(static_cast<std::int64_t>(i)));
    }
    return answer;
  }

  std::shared_ptr<const Interpreter> interpreter_;
  data::PictureTransform transform_;
};

template <typename Interpreter>
std::function<std::unique_ptr<Engine>()> engines(std::shared_ptr<const Interpreter> interpreter,
                                                 const data::PictureTransform& transform) {
  return [=] { return std::make_unique<NetworkEngine<Interpreter>>(interpreter, transform); };
}

}  // namespace

network::Graph with_scores_as_output(network::Graph graph) {
  if (graph.inputs.size() != 1 || graph.outputs.empty()) {
    throw Error(graph.source + ": a network with exactly one input and an output is expected");
  }
  std::string value = graph.outputs.front().name;
  for (std::string at = value;;) {
    const auto producer = graph.producer(at);
    if (!producer) break;
    const network::Node& node = graph.nodes[*producer];
    if (node.op == "ArgMax") value = node.inputs.front();
    // Behind an ArgMax, its result may still be brought into another shape.
    if (node.op != "ArgMax" && node.op != "Reshape") break;
    at = node.inputs.front();
  }
  const bool chosen = value != graph.outputs.front().name;
  if (!chosen && graph.outputs.size() == 1) return graph;
  network::Port port = graph.outputs.front();
  if (chosen) port = graph.values.at(value);
  port.name = value;
  graph.outputs = {port};
  return network::prepared(std::move(graph));
}

std::function<std::unique_ptr<Engine>()> float_engines(network::Graph graph, const data::PictureTransform& transform) {
  return engines(std::make_shared<const reference::FloatInterpreter>(std::move(graph)), transform);
}

std::function<std::unique_ptr<Engine>()> reference_engines(network::Graph graph,
                                                           const data::PictureTransform& transform,
                                                           reference::Precision precision) {
  return engines(std::make_shared<const reference::QuantizedInterpreter>(std::move(graph), precision), transform);
}

}  // namespace northpole::evaluate
