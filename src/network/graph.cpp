#include "network/graph.h"

#include "network/error.h"
#include "network/text.h"

namespace northpole::network {
namespace {

template <typename T>
T attribute_or(const Node& node, const std::string& attribute, T otherwise, const char* kind) {
  const auto found = node.attributes.find(attribute);
  if (found == node.attributes.end()) return otherwise;
  if (const T* value = std::get_if<T>(&found->second)) return *value;
  throw Error(node.described() + ": attribute " + quoted_name(attribute) + " must be " + kind);
}

}  // namespace

std::int64_t Node::integer(const std::string& attribute, std::int64_t otherwise) const {
  return attribute_or(*this, attribute, otherwise, "an integer");
}

float Node::real(const std::string& attribute, float otherwise) const {
  return attribute_or(*this, attribute, otherwise, "a float");
}

std::string Node::text(const std::string& attribute, const std::string& otherwise) const {
  return attribute_or(*this, attribute, otherwise, "a string");
}

std::vector<std::int64_t> Node::integers(const std::string& attribute, std::vector<std::int64_t> otherwise) const {
  return attribute_or(*this, attribute, std::move(otherwise), "a list of integers");
}

std::string Node::described() const {
  const std::string quoted_op = quoted_name(domain.empty() ? op : domain + "." + op);
  return "node " + quoted_name(name) + " (" + quoted_op.substr(1, quoted_op.size() - 2) + ")";
}

std::optional<std::size_t> Graph::producer(const std::string& value) const {
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (const std::string& output : nodes[i].outputs)
      if (output == value && !value.empty()) return i;
  return std::nullopt;
}

std::vector<std::size_t> Graph::consumers(const std::string& value) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (const std::string& input : nodes[i].inputs)
      if (input == value && (found.empty() || found.back() != i)) found.push_back(i);
  return found;
}

bool Graph::is_output(const std::string& value) const {
  for (const Port& port : outputs)
    if (port.name == value) return true;
  return false;
}

std::string place(const Graph& graph, const Node& node) {
  return (graph.source.empty() ? "" : graph.source + ": ") + node.described() + ": ";
}

}  // namespace northpole::network
