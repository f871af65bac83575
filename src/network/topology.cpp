#include "network/topology.h"

#include <set>
#include <unordered_map>
#include <unordered_set>

#include "network/error.h"
#include "network/text.h"

namespace northpole::network {
namespace {

std::string file_prefix(const Graph& graph) { return graph.source.empty() ? "" : graph.source + ": "; }

void name_nodes(Graph& graph) {
  std::unordered_set<std::string> used;
  std::unordered_map<std::string, int> next_number;  // by stem, so that ten thousand equal names stay cheap
  for (Node& node : graph.nodes) {
    std::string stem = node.name;
    for (std::size_t i = 0; stem.empty() && i < node.outputs.size(); ++i) stem = node.outputs[i];
    if (stem.empty()) stem = node.op;
    node.name = stem;
    int& number = next_number.emplace(stem, 2).first->second;
    while (!used.insert(node.name).second) node.name = stem + "_" + std::to_string(number++);
  }
}

// Which node makes a value; `outside` for inputs and constants.
constexpr std::size_t outside = ~std::size_t{0};
using Makers = std::unordered_map<std::string, std::size_t>;

Makers find_makers(const Graph& graph) {
  Makers makers;
  const auto add = [&](const std::string& value, std::size_t maker) {
    if (!makers.emplace(value, maker).second)
      throw Error(file_prefix(graph) + "value " + quoted_name(value) +
                  " is produced twice; value names must be unique");
  };
  for (const Port& input : graph.inputs) add(input.name, outside);
  for (const auto& [name, constant] : graph.constants) add(name, outside);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    for (const std::string& output : graph.nodes[i].outputs)
      if (!output.empty()) add(output, i);
  return makers;
}

}  // namespace

void sort_topologically(Graph& graph) {
  name_nodes(graph);
  const Makers makers = find_makers(graph);
  for (const Port& output : graph.outputs)
    if (!makers.count(output.name))
      throw Error(file_prefix(graph) + "network output " + quoted_name(output.name) + " is produced by no node");

  const std::size_t count = graph.nodes.size();
  std::vector<std::vector<std::size_t>> readers(count);
  std::vector<std::size_t> missing(count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    for (const std::string& input : graph.nodes[i].inputs) {
      if (input.empty()) continue;
      const auto maker = makers.find(input);
      if (maker == makers.end())
        throw Error(place(graph, graph.nodes[i]) + "reads " + quoted_name(input) + ", which nothing produces");
      if (maker->second == outside) continue;
      readers[maker->second].push_back(i);
      ++missing[i];
    }
  }

  // Always the earliest node that is ready, so that a sorted list stays as it is.
  std::set<std::size_t> ready;
  for (std::size_t i = 0; i < count; ++i)
    if (missing[i] == 0) ready.insert(i);
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const std::size_t next = *ready.begin();
    ready.erase(ready.begin());
    order.push_back(next);
    for (const std::size_t reader : readers[next])
      if (--missing[reader] == 0) ready.insert(reader);
  }
  if (order.size() != count) {
    for (std::size_t i = 0; i < count; ++i)
      if (missing[i] != 0)
        throw Error(place(graph, graph.nodes[i]) +
                    "the network has a cycle through or before this node; networks must be acyclic");
  }
  std::vector<Node> sorted;
  sorted.reserve(count);
  for (const std::size_t index : order) sorted.push_back(std::move(graph.nodes[index]));
  graph.nodes = std::move(sorted);
}

std::string fresh_value_name(const Graph& graph, const std::string& stem) {
  const auto used = [&](const std::string& name) {
    if (graph.constants.count(name) || graph.values.count(name) || graph.producer(name)) return true;
    for (const Port& input : graph.inputs)
      if (input.name == name) return true;
    return false;
  };
  std::string name = stem;
  for (int number = 2; used(name); ++number) name = stem + "_" + std::to_string(number);
  return name;
}

}  // namespace northpole::network
