#include "train/checkpoint.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "network/error.h"
#include "program/atomic_file.h"

namespace northpole::train {

namespace {

// The file: this line, the length of a JSON text as eight bytes, the text, then the tensors' elements one after
// another, in the order of their names; all little-endian float32.
constexpr std::string_view first_line = "northpole checkpoint 1\n";

using Json = nlohmann::json;

}  // namespace

void write_checkpoint(const Checkpoint& checkpoint, const std::string& path) {
  Json head = {{"settings", checkpoint.settings},   {"step", checkpoint.step},
               {"log_lines", checkpoint.log_lines}, {"first_loss", checkpoint.first_loss},
               {"loss_sum", checkpoint.loss_sum},   {"right", checkpoint.right},
               {"seconds", checkpoint.seconds}};
  std::string elements;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const torch::Tensor values = tensor.detach().to(torch::kFloat32).contiguous();
    head["tensors"][name] = values.sizes().vec();
    elements.append(reinterpret_cast<const char*>(values.data_ptr<float>()),
                    static_cast<std::size_t>(values.numel()) * sizeof(float));
  }
  const std::string text = head.dump();
  const std::uint64_t length = text.size();
  std::string bytes(first_line);
  bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
  program::write_file_atomically(bytes + text + elements, path);
}

Checkpoint read_checkpoint(const std::string& path) {
  const std::string bytes = program::read_whole_file(path);
  const auto damaged = [&]() -> Error { return Error(path + ": no checkpoint of a training, or a damaged one"); };
  std::uint64_t length = 0;
  std::size_t at = first_line.size() + sizeof length;
  if (bytes.size() < at || bytes.compare(0, first_line.size(), first_line) != 0) throw damaged();
  std::memcpy(&length, bytes.data() + first_line.size(), sizeof length);
  if (length > bytes.size() - at) throw damaged();
  Checkpoint checkpoint;
  try {
    const Json head = Json::parse(bytes.substr(at, length));
    at += length;
    head.at("settings").get_to(checkpoint.settings);
    head.at("step").get_to(checkpoint.step);
    head.at("log_lines").get_to(checkpoint.log_lines);
    head.at("first_loss").get_to(checkpoint.first_loss);
    head.at("loss_sum").get_to(checkpoint.loss_sum);
    head.at("right").get_to(checkpoint.right);
    head.at("seconds").get_to(checkpoint.seconds);
    for (const auto& [name, shape] : head.at("tensors").items()) {
      std::uint64_t count = 1;
      for (const Json& size : shape) {
        count *= size.get<std::uint64_t>();
        if (count > bytes.size()) throw damaged();
      }
      if (count * sizeof(float) > bytes.size() - at) throw damaged();
      torch::Tensor tensor = torch::empty(shape.get<std::vector<std::int64_t>>());
      std::memcpy(tensor.data_ptr<float>(), bytes.data() + at, count * sizeof(float));
      at += count * sizeof(float);
      checkpoint.tensors[name] = tensor;
    }
  } catch (const Json::exception&) {
    throw damaged();
  }
  if (at != bytes.size()) throw damaged();
  return checkpoint;
}

}  // namespace northpole::train
