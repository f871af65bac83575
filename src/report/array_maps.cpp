#include "report/array_maps.h"

namespace northpole::report {

ArrayMaps array_maps(const RunInstructions& run, const InstructionLayers& layers) {
  const chip::ChipDescription& chip = run.program().chip;
  Routes routes(chip);
  ArrayMaps maps;
  maps.vmm.assign(layers.names().size(), std::vector<std::uint64_t>(chip.cores()));
  maps.vector = maps.vmm;
  for (auto& network : maps.links)
    network.assign(layers.names().size(), std::vector<std::uint64_t>(chip.cores() * 4 + chip.rows));
  const auto add = [&](bool edge, std::uint32_t place, const PlacedInstruction& placed, std::uint32_t name) {
    const auto sending = sending_of(placed.instruction, chip);
    if (!sending) return;
    for (const auto& step : routes.links(edge, place, placed.instruction))
      maps.links[static_cast<std::size_t>(sending->network)][name][step.index] +=
          placed.events * sending->words * sending->cycles;
  };
  for (std::uint32_t core = 0; core < chip.cores(); ++core) {
    const CoreInstructions instructions = run.of_core(core);
    const InstructionLayers::OfCore names = layers.of_core(core, instructions);
    for (std::size_t t = 0; t < isa::thread_count; ++t) {
      for (std::size_t i = 0; i < instructions[t].size(); ++i) {
        const PlacedInstruction& placed = instructions[t][i];
        add(false, core, placed, names[t][i]);
        if (placed.instruction.opcode == isa::Opcode::multiply) maps.vmm[names[t][i]][core] += placed.events;
        if (placed.instruction.opcode == isa::Opcode::vector) maps.vector[names[t][i]][core] += placed.events;
      }
    }
  }
  for (std::uint32_t row = 0; row < chip.rows; ++row) {
    const EdgeInstructions instructions = run.of_edge(row);
    const InstructionLayers::OfEdge names = layers.of_edge(row, instructions);
    for (std::size_t i = 0; i < instructions.send.size(); ++i) add(true, row, instructions.send[i], names.send[i]);
  }
  return maps;
}

}  // namespace northpole::report
