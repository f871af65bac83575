#include "schedule/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "map/choose_mapping.h"
#include "network/error.h"
#include "schedule/chip_requirements.h"
#include "schedule/frame_plan.h"
#include "schedule/linear_compute.h"
#include "schedule/padding.h"
#include "schedule/program_loading.h"
#include "schedule/tensor_places.h"
#include "schedule/timeline.h"
#include "schedule/vector_compute.h"

namespace northpole::schedule {

namespace {

using map::Region;

class Compiler {
 public:
  Compiler(const lower::LayerGraph& graph, const chip::ChipDescription& chip, const CompileOptions& options,
           std::uint32_t boot_words)
      : graph_(graph),
        chip_(chip),
        options_(options),
        boot_words_(boot_words),
        memory_(chip),
        frames_(chip, graph.name),
        mapping_(graph.tensors.size()),
        has_mapping_(graph.tensors.size(), false),
        holding_(graph.tensors.size()),
        pieces_(graph.tensors.size()),
        tags_(graph.tensors.size(), 0) {}

  // Nothing when a boot program takes more words than were set aside.
  std::optional<program::Program> run() {
    program_.chip = chip_;
    program_.tensors.push_back({"nothing", ""});
    program_.network = graph_.name;
    program_.picture_transform = graph_.picture_transform;
    program_.classes = graph_.classes;
    program_.host_operations = graph_.host_operations;
    program_tag_ = new_tag("programs", "");
    parameter_tag_ = new_tag("parameters", "");
    padding_tag_ = new_tag("padding", "");
    boot_address_ = reserve_boot(memory_, program_tag_, boot_words_, chip_);
    begin("boot");
    last_use_ = last_uses(graph_);
    place_input();
    for (std::size_t i = 0; i < graph_.layers.size(); ++i) {
      plan_layer(static_cast<std::int32_t>(i));
      if (options_.progress) options_.progress(static_cast<double>(i + 1) / static_cast<double>(graph_.layers.size()));
    }
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) plan_output(i);
    if (segments_.size() % 2 != 0) begin("return");
    if (!build_programs()) return std::nullopt;
    const auto ends = place_in_time(segments_, chip_, program_);
    for (std::size_t s = 0; s < segments_.size(); ++s)
      for (const std::int32_t tensor : segments_[s]->completed) {
        const auto index = static_cast<std::size_t>(tensor);
        program_.locations.push_back(location_of(graph_.tensors[index], tags_[index], pieces_[index], ends[s]));
      }
    memory_.check(graph_.name);
    program_.image = memory_.image();
    return std::move(program_);
  }

 private:
  std::uint16_t new_tag(const std::string& name, const std::string& layer) {
    if (program_.tensors.size() > 0xffff)
      throw Error("the network has too many layers for the 65,535 tags of a program");
    program_.tensors.push_back({name, layer});
    return static_cast<std::uint16_t>(program_.tensors.size() - 1);
  }

  SegmentPlan& begin(const std::string& layer) {
    segments_.push_back(std::make_unique<SegmentPlan>(chip_));
    segments_.back()->layer = layer;
    return *segments_.back();
  }
  SegmentPlan& current() { return *segments_.back(); }

  void place_input() {
    const auto tensor = static_cast<std::size_t>(graph_.input.tensor);
    program_.input = graph_.input.layout;
    program_.input.tag = tags_[tensor] = new_tag(graph_.tensors[tensor].name, graph_.tensors[tensor].layer);
    pieces_[tensor] = frames_.spread(program_.input);
  }

  // The view is a stored tensor, whole, and every core already holds just what it reads.
  bool in_place(const lower::View& view, const std::vector<Region>& wanted) const {
    const auto tensor = static_cast<std::size_t>(view.blocks[0].tensor);
    if (!has_mapping_[tensor] || !is_whole(view, graph_.tensors[tensor])) return false;
    for (std::size_t core = 0; core < wanted.size(); ++core)
      if (!wanted[core].empty() && !(wanted[core] == holding_[tensor].regions[core])) return false;
    return true;
  }

  Gathered gather(std::vector<Region> regions, std::int32_t first, std::int32_t last, const std::string& layer,
                  const std::string& name) {
    Gathered gathered;
    std::int32_t height = 0, width = 0, blocks = 0;
    for (const Region& region : regions) {
      height = std::max(height, region.height());
      width = std::max(width, region.width());
      blocks = std::max(blocks, region.blocks());
    }
    gathered.pitch_x = static_cast<std::uint32_t>(blocks);
    gathered.pitch_y = gathered.pitch_x * static_cast<std::uint32_t>(width);
    gathered.base =
        memory_.lend(memory_.gather_bank(), gathered.pitch_y * static_cast<std::uint32_t>(height), first, last, layer);
    gathered.tag = new_tag(name, layer);
    gathered.regions = std::move(regions);
    return gathered;
  }

  // Pads and brings the gathered inputs; opens further segments where programs grow long. Returns when all is there.
  std::uint64_t bring(const std::string& layer, const std::vector<const lower::View*>& views,
                      const std::vector<const Gathered*>& gathered) {
    std::uint64_t begin_cycle = 1;
    for (std::size_t i = 0; i < views.size(); ++i) {
      if (!has_padding(*views[i], *gathered[i])) continue;
      begin_cycle = std::max(begin_cycle, place_padding(*views[i], *gathered[i], padding_words(views[i]->padding),
                                                        padding_tag_, current()));
    }
    std::uint64_t end = begin_cycle;
    const std::size_t limit = chip_.program_words - loading_words - closing_words;
    for (std::size_t i = 0; i < views.size(); ++i) {
      auto streams = streams_for(*views[i], *gathered[i], pieces_, tags_, chip_);
      while (!streams.empty()) {
        // A second input starts its own segment when the first one left no room.
        if (i > 0 && program_length(current()) > limit / 2) {
          current().transfer_cycles += end;
          begin(layer);
          end = begin_cycle = 1;
        }
        const std::size_t taken = program_length(current());
        end = std::max(end, place_streams(streams, *gathered[i], current(), begin_cycle,
                                          std::max(limit, taken + stream_words) - taken, chip_));
        if (streams.empty()) break;
        current().transfer_cycles += end;
        begin(layer);
        end = begin_cycle = 1;
      }
    }
    current().transfer_cycles += end;
    current().bound = "activations";
    return end;
  }

  // A word of the code in every core, for padding.
  std::vector<std::uint32_t> padding_words(std::int32_t code) {
    auto& addresses = padding_[code & 0xff];
    if (addresses.empty())
      for (std::uint32_t core = 0; core < chip_.cores(); ++core) {
        isa::Word word;
        word.fill(static_cast<std::uint8_t>(code));
        addresses.push_back(memory_.place(core, memory_.static_bank(), padding_tag_, {word}));
      }
    return addresses;
  }

  void plan_layer(std::int32_t index) {
    const lower::Layer& layer = graph_.layers[static_cast<std::size_t>(index)];
    const auto output = static_cast<std::size_t>(layer.output);
    const lower::StoredTensor& stored = graph_.tensors[output];
    const auto source = static_cast<std::size_t>(layer.inputs[0].blocks[0].tensor);
    const map::Mapping* source_mapping = has_mapping_[source] ? &mapping_[source] : nullptr;
    LayerPlacement placement;
    placement.layer = &layer;
    placement.mapping = map::choose_mapping(layer, stored, chip_, source_mapping).mapping;
    for (std::uint32_t core = 0; core < chip_.cores(); ++core)
      placement.parts.push_back(map::part_of(placement.mapping, stored, chip_, core));

    std::vector<const lower::View*> to_bring;
    std::vector<std::size_t> brought;
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      std::vector<Region> regions;
      for (const auto& part : placement.parts) regions.push_back(map::input_region(layer, placement.mapping, part, i));
      if (in_place(layer.inputs[i], regions)) {
        placement.inputs.push_back(holding_[static_cast<std::size_t>(layer.inputs[i].blocks[0].tensor)]);
      } else {
        placement.inputs.push_back(
            gather(std::move(regions), index, index, layer.name, fmt::format("input {} of {}", i, layer.name)));
        to_bring.push_back(&layer.inputs[i]);
        brought.push_back(i);
      }
    }

    // The output goes to a bank in which the VMM does not read.
    placement.output.pitch_x = static_cast<std::uint32_t>(placement.mapping.tile_blocks);
    placement.output.pitch_y = placement.output.pitch_x * static_cast<std::uint32_t>(placement.mapping.tile_width);
    const std::uint32_t words = placement.output.pitch_y * static_cast<std::uint32_t>(placement.mapping.tile_height);
    const std::uint32_t read_bank = memory_.bank_of(placement.inputs[0].base);
    const std::int32_t until = last_use_[output];
    std::uint32_t bank = 0;
    std::uint32_t best = 0;
    for (std::uint32_t candidate = 0; candidate < memory_.gather_bank(); ++candidate) {
      if (layer.kind == lower::LayerKind::linear && candidate == read_bank) continue;
      const std::uint32_t gap = memory_.largest_gap(candidate, index, until);
      if (gap > best || best == 0) {
        best = std::max(gap, 1U);
        bank = candidate;
      }
    }
    placement.output.base = memory_.lend(bank, words, index, until, layer.name);
    placement.output.tag = tags_[output] = new_tag(stored.name, layer.name);
    for (const auto& part : placement.parts)
      placement.output.regions.push_back(part.input_part == 0 ? part.output : Region{});
    placement.weights_tag = new_tag("weights of " + layer.name, layer.name);
    placement.constants_tag = new_tag("constants of " + layer.name, layer.name);
    // Constants lie where neither the VMM reads nor the vector unit writes.
    const bool gather_is_free = layer.kind != lower::LayerKind::linear || read_bank != memory_.gather_bank();
    placement.constants_bank = gather_is_free ? memory_.gather_bank() : bank == 0 ? 1 : 0;

    std::unique_ptr<LayerCompute> compute;
    if (layer.kind == lower::LayerKind::linear)
      compute = std::make_unique<LinearCompute>(placement, memory_, chip_);
    else
      compute = std::make_unique<VectorCompute>(placement, memory_, chip_);

    begin(layer.name);
    std::vector<const Gathered*> gathered;
    for (const std::size_t i : brought) gathered.push_back(&placement.inputs[i]);
    std::uint64_t ready = to_bring.empty() ? 1 : bring(layer.name, to_bring, gathered);
    plan_compute(*compute, layer.name, ready);
    current().multiply_accumulates = layer.multiply_accumulates;
    program_.multiply_accumulates += layer.multiply_accumulates;

    mapping_[output] = placement.mapping;
    has_mapping_[output] = true;
    for (std::uint32_t core = 0; core < chip_.cores(); ++core)
      if (!placement.output.regions[core].empty())
        pieces_[output].push_back({false, core, placement.output.regions[core], placement.output.base,
                                   placement.output.pitch_y, placement.output.pitch_x});
    holding_[output] = placement.output;
    if (stored.in_graph) current().completed.push_back(layer.output);
  }

  // As many units in a segment as its program can hold.
  void plan_compute(LayerCompute& compute, const std::string& layer, std::uint64_t ready) {
    const std::size_t limit = chip_.program_words - loading_words;
    std::size_t first = 0;
    std::size_t attempt = compute.units();
    while (first < compute.units()) {
      attempt = std::min(attempt, compute.units() - first);
      auto trial = std::make_unique<SegmentPlan>(current());
      compute.plan(*trial, ready, first, first + attempt);
      if (program_length(*trial) <= limit) {
        segments_.back() = std::move(trial);
        first += attempt;
        if (first == compute.units()) return;
      } else if (ready == 1 && attempt == 1) {
        throw Error(
            fmt::format("layer '{}' does not fit: the program of its smallest part takes {} words, and the loading of "
                        "the next one {}, of the program buffer's {}",
                        layer, program_length(*trial), loading_words, chip_.program_words));
      } else if (ready == 1) {
        attempt = (attempt + 1) / 2;
        continue;
      }
      begin(layer);
      ready = 1;
    }
  }

  void plan_output(std::size_t index) {
    const lower::FrameOutput& output = graph_.outputs[index];
    program::FrameLayout layout = output.layout;
    const auto rows = frames_.spread(layout);
    std::vector<Region> regions(chip_.cores());
    for (const Piece& piece : rows) regions[piece.place * chip_.columns] = piece.region;
    const auto step = static_cast<std::int32_t>(graph_.layers.size() + index);
    const std::string name = "output " + output.name;
    Gathered gathered = gather(std::move(regions), step, step, name, name);
    begin(name);
    const std::uint64_t ready = bring(name, {&output.view}, {&gathered});
    layout.tag = new_tag("frame of " + output.name, name);
    leave(rows, gathered, layout.tag, ready, current(), chip_);
    program_.outputs.push_back(std::move(layout));
  }

  bool build_programs() {
    // Backwards: a segment must hold the loading of the one after it.
    for (std::size_t s = segments_.size(); s-- > 0;) {
      SegmentPlan& segment = *segments_[s];
      const bool last = s + 1 == segments_.size();
      if (last)
        load_boot(boot_address_, boot_words_, segment, program_tag_, chip_);
      else
        load_programs(next_, segment, memory_, program_tag_, parameter_tag_, chip_);
      if (s != 0) next_ = programs_of(segment, last ? isa::Opcode::end : isa::Opcode::switch_program, chip_);
    }
    program_.boot.resize(chip_.cores());
    for (std::uint32_t core = 0; core < chip_.cores(); ++core) {
      auto words = private_program(*segments_[0], core, isa::Opcode::switch_program);
      if (words.size() > boot_words_) return false;
      words.resize(boot_words_, isa::Word{});
      memory_.fill(core, boot_address_[core], words);
      program_.boot[core] = {core, std::move(words), {}};
    }
    return true;
  }

  const lower::LayerGraph& graph_;
  const chip::ChipDescription& chip_;
  const CompileOptions& options_;
  const std::uint32_t boot_words_;
  MemoryPlan memory_;
  FramePlan frames_;
  program::Program program_;
  std::vector<std::unique_ptr<SegmentPlan>> segments_;
  SegmentPrograms next_;
  // By stored tensor.
  std::vector<map::Mapping> mapping_;
  std::vector<bool> has_mapping_;
  std::vector<Gathered> holding_;
  std::vector<std::vector<Piece>> pieces_;
  std::vector<std::uint16_t> tags_;
  std::vector<std::int32_t> last_use_;
  std::uint16_t program_tag_ = 0, parameter_tag_ = 0, padding_tag_ = 0;
  std::array<std::vector<std::uint32_t>, 256> padding_;
  std::vector<std::uint32_t> boot_address_;
};

// What lower() makes only when told to, and elements of less than 8 bits, are beyond this orchestrator.
void check_layers(const lower::LayerGraph& graph) {
  for (const auto& tensor : graph.tensors)
    if (tensor.quantization.bits != 8)
      throw Error(fmt::format("layer '{}': tensor '{}' has elements of {} bits; only 8 can be scheduled", tensor.layer,
                              tensor.name, tensor.quantization.bits));
  for (const auto& layer : graph.layers)
    if (layer.kind == lower::LayerKind::linear &&
        (layer.inputs.size() != 1 || layer.phases != 1 || layer.weights.bits != 8))
      throw Error(fmt::format(
          "layer '{}' has a second operand, phases or weights of less than 8 bits, which cannot be scheduled", layer.name));
}

}  // namespace

program::Program compile(const lower::LayerGraph& graph, const chip::ChipDescription& chip,
                         const CompileOptions& options) {
  check_requirements(chip);
  if (options.frames != 1)
    throw Error(fmt::format("{}: {} frames a run: this scheduler takes one frame at a time", graph.name, options.frames));
  check_layers(graph);
  // Most boot programs are short; a large array with odd shapes may need more.
  for (std::uint32_t boot_words = 64;; boot_words *= 2) {
    auto program = Compiler(graph, chip, options, std::min(boot_words, chip.program_words)).run();
    if (program) return *std::move(program);
    if (boot_words >= chip.program_words)
      throw Error(
          fmt::format("{} does not fit: loading its first program takes a boot program of more than the {} "
                      "words of the program buffer",
                      graph.name, chip.program_words));
  }
}

}  // namespace northpole::schedule
