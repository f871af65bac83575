// For which layer an instruction works. Instructions carry tags of tensors, not names of layers, so that is found out
// from what becomes of the data: a product belongs to the layer whose outputs the vector unit makes of its sum, a
// weight to the products that take it, a word on its way to the layer whose input it is where it arrives.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "report/run_instructions.h"

namespace northpole::report {

class InstructionLayers {
 public:
  explicit InstructionLayers(const RunInstructions& run);

  // In the order of their last issues; then what else tensors are named for ("programs", outputs on their way out).
  const std::vector<std::string>& names() const { return names_; }
  std::size_t layers() const { return layers_; }  // how many of the names are layers of the network

  // By thread, then instruction as in of_core(): index into names(). `instructions` are those of that core.
  using OfCore = std::array<std::vector<std::uint32_t>, isa::thread_count>;
  OfCore of_core(std::uint32_t core, const CoreInstructions& instructions) const;
  struct OfEdge {
    std::vector<std::uint32_t> send, receive;
  };
  OfEdge of_edge(std::uint32_t row, const EdgeInstructions& instructions) const;

 private:
  struct Span {
    std::uint64_t start, last;
    std::uint32_t name;
  };
  std::uint32_t name_index(const std::string& name);
  void learn_from(std::uint32_t core, const CoreInstructions& instructions);
  std::uint32_t multiplying_at(std::uint64_t cycle) const;
  std::uint32_t reader_of(std::uint16_t tensor, std::uint64_t cycle) const;
  std::uint32_t received_at(std::uint32_t core, std::uint64_t cycle, std::uint16_t tensor) const;
  std::uint32_t of_send(bool edge, std::uint32_t row, std::uint32_t column, const PlacedInstruction& placed) const;

  const program::Program& program_;
  std::vector<std::string> names_;
  std::map<std::string, std::uint32_t> index_;
  std::size_t layers_ = 0;
  std::uint32_t programs_ = 0;
  std::vector<std::uint32_t> of_tensor_;  // by tag
  // The VMMs of all cores go through the layers in one order: from which cycle on they multiply for which layer.
  std::map<std::uint64_t, std::uint32_t> multiplying_;
  // By tag: from which cycle on which layer reads the tensor.
  std::vector<std::map<std::uint64_t, std::uint32_t>> readers_;
  std::vector<std::vector<Span>> receiving_;  // by core, in the order of time
};

}  // namespace northpole::report
