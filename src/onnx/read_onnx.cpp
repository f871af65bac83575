#include "onnx/read_onnx.h"

#include <fcntl.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/stubs/logging.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstring>

#include "network/element_number.h"
#include "network/error.h"
#include "network/text.h"
#include "network/topology.h"
#include "onnx/tensor_proto.h"

namespace northpole::onnx {
namespace {

using network::Error;
using network::Graph;
using network::Node;
using network::Port;
using network::quoted_name;

constexpr std::int64_t oldest_opset = 7, newest_opset = 25;

// float16 is float32 from here on.
network::ElementType widened(network::ElementType type) {
  return type == network::ElementType::float16 ? network::ElementType::float32 : type;
}

std::string standard_domain(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

network::Attribute read_attribute(::onnx::AttributeProto& proto, const std::filesystem::path& folder) {
  using Proto = ::onnx::AttributeProto;
  if (!proto.ref_attr_name().empty()) throw Error("refers to a function's attribute, which is not supported");
  auto type = proto.type();
  if (type == Proto::UNDEFINED) {  // files before IR version 2 say it only by the field they fill
    if (proto.has_i())
      type = Proto::INT;
    else if (proto.has_f())
      type = Proto::FLOAT;
    else if (proto.has_s())
      type = Proto::STRING;
    else if (proto.has_t())
      type = Proto::TENSOR;
    else if (proto.floats_size() > 0)
      type = Proto::FLOATS;
    else if (proto.strings_size() > 0)
      type = Proto::STRINGS;
    else
      type = Proto::INTS;
  }
  switch (type) {
    case Proto::INT:
      return proto.i();
    case Proto::FLOAT:
      return proto.f();
    case Proto::STRING:
      return proto.s();
    case Proto::INTS:
      return std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end());
    case Proto::FLOATS:
      return std::vector<float>(proto.floats().begin(), proto.floats().end());
    case Proto::STRINGS:
      return std::vector<std::string>(proto.strings().begin(), proto.strings().end());
    case Proto::TENSOR:
      return take_tensor(*proto.mutable_t(), folder);
    case Proto::GRAPH:
    case Proto::GRAPHS:
      throw Error("holds a subgraph; control flow is not supported");
    default:
      throw Error("has a type that is not supported");
  }
}

Node read_node(::onnx::NodeProto& proto, const std::filesystem::path& folder) {
  Node node;
  node.name = proto.name();
  node.op = proto.op_type();
  node.domain = standard_domain(proto.domain());
  node.inputs.assign(proto.input().begin(), proto.input().end());
  node.outputs.assign(proto.output().begin(), proto.output().end());
  if (node.name.empty() && !node.outputs.empty()) node.name = node.outputs.front();
  for (::onnx::AttributeProto& attribute : *proto.mutable_attribute()) {
    try {
      if (!node.attributes.emplace(attribute.name(), read_attribute(attribute, folder)).second)
        throw Error("is there twice");
    } catch (const Error& error) {
      throw Error(node.described() + ": attribute " + quoted_name(attribute.name()) + " " + error.what());
    }
  }
  if (node.op == "Cast") {
    auto& to = node.attributes["to"];
    if (const auto* number = std::get_if<std::int64_t>(&to))
      if (const auto type = network::element_type_of(*number)) to = network::number_of(widened(*type));
  }
  return node;
}

// What an error calls the dimension: its number, and its name when it has one.
std::string dimension_name(int axis, const ::onnx::TensorShapeProto_Dimension& dimension) {
  return "dimension " + std::to_string(axis) +
         (dimension.dim_param().empty() ? "" : " (" + quoted_name(dimension.dim_param()) + ")");
}

Port read_port(const ::onnx::ValueInfoProto& proto, bool input) {
  Port port;
  port.name = proto.name();
  const std::string place = std::string("network ") + (input ? "input " : "output ") + quoted_name(proto.name()) + ": ";
  if (!proto.type().has_tensor_type()) {
    if (!input && proto.type().value_case() == ::onnx::TypeProto::VALUE_NOT_SET) return port;
    throw Error(place + "is not a tensor");
  }
  const auto& tensor = proto.type().tensor_type();
  const auto type = network::element_type_of(tensor.elem_type());
  if (!type && (input || tensor.elem_type() != 0))
    throw Error(place + "element type number " + std::to_string(tensor.elem_type()) + " is not supported");
  if (type) port.type = widened(*type);
  if (input && !tensor.has_shape()) throw Error(place + "has no shape; export the network with one");
  for (int axis = 0; axis < tensor.shape().dim_size(); ++axis) {
    const auto& dimension = tensor.shape().dim(axis);
    const bool known = dimension.has_dim_value();
    const std::int64_t value = dimension.dim_value();
    if (known && value < 0) throw Error(place + dimension_name(axis, dimension) + " is " + std::to_string(value));
    if (known && value > 0) {
      port.shape.push_back(value);
      continue;
    }
    // Some exporters write a batch that is not fixed as 0.
    if (input && axis > 0)
      throw Error(place + dimension_name(axis, dimension) + (known ? " is 0" : " is dynamic") +
                  "; only the batch may be dynamic: export the network with a fixed input size");
    port.shape.push_back(1);
  }
  try {
    network::element_count(port.shape);
  } catch (const Error& error) {
    throw Error(place + error.what());
  }
  return port;
}

std::int64_t read_opset(const ::onnx::ModelProto& model) {
  std::int64_t opset = 0;
  for (const auto& import : model.opset_import())
    if (standard_domain(import.domain()).empty()) opset = import.version();
  if (opset < oldest_opset || opset > newest_opset)
    throw Error((opset == 0 ? std::string("it names no opset") : "its opset is " + std::to_string(opset)) +
                "; opsets " + std::to_string(oldest_opset) + " to " + std::to_string(newest_opset) + " are read");
  return opset;
}

Graph read_model(::onnx::ModelProto& model, const std::filesystem::path& folder) {
  if (!model.has_graph() || model.graph().output_size() == 0) throw Error("it holds no network; is it an ONNX file?");
  Graph graph;
  graph.opset = read_opset(model);
  ::onnx::GraphProto& proto = *model.mutable_graph();
  graph.name = proto.name();
  for (const auto& entry : model.metadata_props()) graph.metadata[entry.key()] = entry.value();
  if (proto.sparse_initializer_size() > 0) throw Error("sparse initialisers are not supported");
  for (::onnx::TensorProto& initializer : *proto.mutable_initializer()) {
    const std::string name = initializer.name();
    if (name.empty()) throw Error("an initialiser has no name");
    if (!graph.constants.emplace(name, take_tensor(initializer, folder)).second)
      throw Error("initialiser " + quoted_name(name) + " is there twice");
  }
  for (const auto& input : proto.input())
    if (!graph.constants.count(input.name())) graph.inputs.push_back(read_port(input, true));
  for (const auto& output : proto.output()) graph.outputs.push_back(read_port(output, false));
  for (::onnx::NodeProto& node : *proto.mutable_node()) graph.nodes.push_back(read_node(node, folder));
  network::sort_topologically(graph);
  return graph;
}

// Errors are thrown, so protobuf's own words on standard error would only be noise.
class SilentProtobuf {
 public:
  SilentProtobuf() : before_(google::protobuf::SetLogHandler(nullptr)) {}
  ~SilentProtobuf() { google::protobuf::SetLogHandler(before_); }
  SilentProtobuf(const SilentProtobuf&) = delete;
  SilentProtobuf& operator=(const SilentProtobuf&) = delete;

 private:
  google::protobuf::LogHandler* before_;
};

bool parse(google::protobuf::io::ZeroCopyInputStream& stream, ::onnx::ModelProto& model) {
  const SilentProtobuf silent;
  google::protobuf::io::CodedInputStream coded(&stream);
  coded.SetTotalBytesLimit(INT_MAX);
  return model.ParseFromCodedStream(&coded) && coded.ConsumedEntireMessage();
}

Graph read_stream(google::protobuf::io::ZeroCopyInputStream& stream, const std::filesystem::path& folder,
                  const std::string& source) {
  ::onnx::ModelProto model;
  if (!parse(stream, model)) throw Error("it is not an ONNX file, or cut short");
  Graph graph = read_model(model, folder);
  graph.source = source;
  return graph;
}

template <typename Action>
Graph with_source(const std::string& source, Action&& action) {
  try {
    return action();
  } catch (const Error& error) {
    throw Error(source + ": " + error.what());
  }
}

class File {
 public:
  explicit File(const std::filesystem::path& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) throw Error(std::string("cannot be opened: ") + std::strerror(errno));
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0 || S_ISDIR(status.st_mode)) fail("is a folder, not an ONNX file");
    if (S_ISREG(status.st_mode) && status.st_size == 0) fail("the file is empty");
    if (status.st_size > INT_MAX)
      fail("the file is larger than 2 GiB, which ONNX files cannot be; put the weights into external data");
  }
  ~File() { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  [[noreturn]] void fail(const char* what) const {
    ::close(descriptor_);
    throw Error(what);
  }
  int descriptor_;
};

}  // namespace

Graph read_onnx(const std::filesystem::path& path) {
  return with_source(path.string(), [&] {
    const File file(path);
    google::protobuf::io::FileInputStream stream(file.descriptor());
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    return read_stream(stream, folder, path.string());
  });
}

Graph read_onnx_bytes(const std::string& bytes, const std::string& source) {
  return with_source(source, [&] {
    if (bytes.size() > INT_MAX) throw Error("more than 2 GiB, which ONNX files cannot be");
    google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
    return read_stream(stream, {}, source);
  });
}

}  // namespace northpole::onnx
