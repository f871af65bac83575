// ONNX files as other tools write them, made with protobuf directly.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>
#include <vector>

namespace northpole::tests {

inline ::onnx::ModelProto model_of_opset(std::int64_t opset) {
  ::onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(opset);
  model.mutable_graph()->set_name("test");
  return model;
}

// A dimension of -1 is dynamic.
inline void set_port(::onnx::ValueInfoProto& port, const std::string& name, const std::vector<std::int64_t>& shape,
                     int type = 1) {
  port.set_name(name);
  auto& tensor = *port.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  tensor.mutable_shape();
  for (const std::int64_t dimension : shape) {
    auto& added = *tensor.mutable_shape()->add_dim();
    if (dimension == -1)
      added.set_dim_param("N");
    else
      added.set_dim_value(dimension);
  }
}

inline ::onnx::NodeProto& add_node(::onnx::ModelProto& model, const std::string& op,
                                   const std::vector<std::string>& inputs, const std::string& output) {
  auto& node = *model.mutable_graph()->add_node();
  node.set_op_type(op);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(output);
  return node;
}

// y = relu(x), x of the given shape.
inline ::onnx::ModelProto relu_model(const std::vector<std::int64_t>& shape, std::int64_t opset = 17) {
  ::onnx::ModelProto model = model_of_opset(opset);
  set_port(*model.mutable_graph()->add_input(), "x", shape);
  add_node(model, "Relu", {"x"}, "y");
  model.mutable_graph()->add_output()->set_name("y");
  return model;
}

// y = x + w, for tests of how w is stored.
inline ::onnx::ModelProto model_with_initializer(const ::onnx::TensorProto& tensor) {
  ::onnx::ModelProto model = model_of_opset(17);
  set_port(*model.mutable_graph()->add_input(), "x", {1, 4});
  add_node(model, "Add", {"x", "w"}, "y");
  model.mutable_graph()->add_output()->set_name("y");
  auto& added = *model.mutable_graph()->add_initializer();
  added = tensor;
  added.set_name("w");
  return model;
}

}  // namespace northpole::tests
