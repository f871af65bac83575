#include "schedule/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "map/choose_mapping.h"
#include "network/error.h"
#include "schedule/chip_requirements.h"
#include "schedule/linear_compute.h"
#include "schedule/program_loading.h"
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
    find_last_uses();
    place_input();
    for (std::size_t i = 0; i < graph_.layers.size(); ++i) {
      plan_layer(static_cast<std::int32_t>(i));
      if (options_.progress) options_.progress(static_cast<double>(i + 1) / static_cast<double>(graph_.layers.size()));
    }
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) plan_output(i);
    if (segments_.size() % 2 != 0) begin("return");
    if (!build_programs()) return std::nullopt;
    place_in_time();
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

  void find_last_uses() {
    last_use_.assign(graph_.tensors.size(), 0);
    for (std::size_t i = 0; i < graph_.layers.size(); ++i) {
      last_use_[static_cast<std::size_t>(graph_.layers[i].output)] =
          std::max(last_use_[static_cast<std::size_t>(graph_.layers[i].output)], static_cast<std::int32_t>(i));
      for (const auto& view : graph_.layers[i].inputs)
        for (const auto& block : view.blocks)
          last_use_[static_cast<std::size_t>(block.tensor)] = static_cast<std::int32_t>(i);
    }
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i)
      for (const auto& block : graph_.outputs[i].view.blocks)
        last_use_[static_cast<std::size_t>(block.tensor)] = static_cast<std::int32_t>(graph_.layers.size() + i);
  }

  // Spreads a frame over the rows; gives its pieces.
  std::vector<Piece> spread(program::FrameLayout& layout) {
    layout.split_by_block = layout.height < chip_.rows && layout.blocks > layout.height;
    layout.base = frame_words_;
    std::vector<Piece> result;
    const std::uint32_t size = layout.split_by_block ? layout.blocks : layout.height;
    const std::uint32_t part = (size + chip_.rows - 1) / chip_.rows;
    std::uint32_t words = 0;
    for (std::uint32_t row = 0; row * part < size; ++row) {
      const auto first = static_cast<std::int32_t>(row * part),
                 last = static_cast<std::int32_t>(std::min(size, row * part + part));
      Piece piece;
      piece.edge = true;
      piece.place = row;
      piece.base = layout.base;
      piece.region = {0, static_cast<std::int32_t>(layout.height), 0, static_cast<std::int32_t>(layout.width),
                      0, static_cast<std::int32_t>(layout.blocks)};
      piece.pitch_x = layout.split_by_block ? part : layout.blocks;
      piece.pitch_y = piece.pitch_x * layout.width;
      (layout.split_by_block ? piece.region.block0 : piece.region.y0) = first;
      (layout.split_by_block ? piece.region.block1 : piece.region.y1) = last;
      words = std::max(words, (layout.split_by_block ? layout.height : part) * piece.pitch_y);
      result.push_back(piece);
    }
    frame_words_ += words;
    if (frame_words_ > chip_.frame_words_per_row)
      throw Error(
          fmt::format("{}: the frame of '{}' does not fit: its rows need {} words of 32 bytes of the frame buffer, {} "
                      "more than there are",
                      graph_.name, layout.tensor, frame_words_, frame_words_ - chip_.frame_words_per_row));
    return result;
  }

  void place_input() {
    const auto tensor = static_cast<std::size_t>(graph_.input.tensor);
    program_.input = graph_.input.layout;
    program_.input.tag = tags_[tensor] = new_tag(graph_.tensors[tensor].name, graph_.tensors[tensor].layer);
    pieces_[tensor] = spread(program_.input);
  }

  // The view is a stored tensor, whole, and every core already holds just what it reads.
  bool in_place(const lower::View& view, const std::vector<Region>& wanted) const {
    if (view.maps.size() != 1 || view.blocks.empty()) return false;
    const auto tensor = static_cast<std::size_t>(view.blocks[0].tensor);
    const auto& stored = graph_.tensors[tensor];
    if (!has_mapping_[tensor] || static_cast<std::int32_t>(view.blocks.size()) != stored.blocks()) return false;
    for (std::size_t i = 0; i < view.blocks.size(); ++i)
      if (view.blocks[i].tensor != view.blocks[0].tensor || view.blocks[i].block != static_cast<std::int32_t>(i))
        return false;
    const auto identity = [](const std::vector<std::int32_t>& indices, std::int32_t size) {
      if (static_cast<std::int32_t>(indices.size()) != size) return false;
      for (std::int32_t i = 0; i < size; ++i)
        if (indices[static_cast<std::size_t>(i)] != i) return false;
      return true;
    };
    if (!identity(view.maps[0].row, stored.height) || !identity(view.maps[0].column, stored.width)) return false;
    for (std::size_t core = 0; core < wanted.size(); ++core)
      if (!wanted[core].empty() && !(wanted[core] == holding_[tensor].regions[core])) return false;
    return true;
  }

  Gathered gather(const lower::View&, std::vector<Region> regions, std::int32_t first, std::int32_t last,
                  const std::string& layer, const std::string& name) {
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
        placement.inputs.push_back(gather(layer.inputs[i], std::move(regions), index, index, layer.name,
                                          fmt::format("input {} of {}", i, layer.name)));
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
    const auto rows = spread(layout);
    std::vector<Region> regions(chip_.cores());
    for (const Piece& piece : rows) regions[piece.place * chip_.columns] = piece.region;
    const auto step = static_cast<std::int32_t>(graph_.layers.size() + index);
    const std::string name = "output " + output.name;
    Gathered gathered = gather(output.view, std::move(regions), step, step, name, name);
    begin(name);
    const std::uint64_t ready = bring(name, {&output.view}, {&gathered});
    layout.tag = new_tag("frame of " + output.name, name);
    for (const Piece& piece : rows) {
      const std::uint32_t core = piece.place * chip_.columns;
      const Region& region = piece.region;
      const auto loops = [&](isa::Instruction& instruction, std::size_t operand, std::uint32_t pitch_y,
                             std::uint32_t pitch_x) {
        const std::uint32_t counts[3] = {static_cast<std::uint32_t>(region.height()),
                                         static_cast<std::uint32_t>(region.width()),
                                         static_cast<std::uint32_t>(region.blocks())};
        const std::uint32_t strides[3] = {pitch_y, pitch_x, 1};
        std::uint32_t interval = counts[0] * counts[1] * counts[2];
        for (std::size_t i = 0; i < 3; ++i) {
          interval /= counts[i];
          isa::Loop loop;
          loop.count = static_cast<std::uint16_t>(counts[i]);
          loop.interval = interval;
          loop.stride[operand] = static_cast<std::int16_t>(strides[i]);
          instruction.loops.push_back(loop);
        }
        simplify(instruction);
      };
      isa::Instruction send, receive;
      send.opcode = isa::Opcode::send;
      send.flags = isa::send_west_edge;
      send.operand[isa::operand_a] = static_cast<std::uint16_t>(gathered.base);
      send.tensor[isa::operand_a] = gathered.tag;
      loops(send, isa::operand_a, gathered.pitch_y, gathered.pitch_x);
      receive.opcode = isa::Opcode::receive;
      receive.operand[isa::operand_d] = static_cast<std::uint16_t>(piece.base);
      receive.tensor[isa::operand_d] = layout.tag;
      loops(receive, isa::operand_d, piece.pitch_y, piece.pitch_x);
      const std::uint64_t start = std::max(ready, current().free_from(core, Thread::send));
      current().add(core, Thread::send, start, send);
      current().edge_receive[piece.place].push_back({start + 2, receive});
      current().lasts_until(current().edge_receive[piece.place].back().last() + 1);
    }
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

  // Absolute cycles: a segment's cycle 0 is the switch into it; the boot programs start in their cycle 1.
  void place_in_time() {
    std::vector<std::vector<isa::Word>> edge_send(chip_.rows), edge_receive(chip_.rows);
    std::vector<std::uint64_t> send_free(chip_.rows, 0), receive_free(chip_.rows, 0);
    std::int64_t base = -1;
    for (const auto& segment : segments_) {
      const auto append = [&](const std::vector<TimedInstruction>& list, std::vector<isa::Word>& words,
                              std::uint64_t& free) {
        for (const TimedInstruction& timed : rolled(list)) {
          isa::Instruction instruction = timed.instruction;
          const auto start = static_cast<std::uint64_t>(base + static_cast<std::int64_t>(timed.start));
          instruction.delay = static_cast<std::uint32_t>(start - free);
          free = start + span(instruction) + 1;
          isa::append_encoded(instruction, words);
        }
      };
      for (std::uint32_t row = 0; row < chip_.rows; ++row) {
        append(segment->edge_send[row], edge_send[row], send_free[row]);
        append(segment->edge_receive[row], edge_receive[row], receive_free[row]);
      }
      const auto end = base + static_cast<std::int64_t>(segment->end);
      for (const std::int32_t tensor : segment->completed) add_location(tensor, static_cast<std::uint64_t>(end));
      program_.segments.push_back({segment->layer, static_cast<std::uint64_t>(base + 1),
                                   static_cast<std::uint64_t>(end), segment->multiply_accumulates,
                                   segment->transfer_cycles, segment->compute_cycles, segment->bound});
      base = end;
    }
    program_.cycles = static_cast<std::uint64_t>(base) + 1;
    isa::Instruction end;
    end.opcode = isa::Opcode::end;
    for (std::uint32_t row = 0; row < chip_.rows; ++row) {
      isa::append_encoded(end, edge_send[row]);
      isa::append_encoded(end, edge_receive[row]);
      program_.edges.push_back({std::move(edge_send[row]), std::move(edge_receive[row])});
    }
  }

  void add_location(std::int32_t tensor, std::uint64_t cycle) {
    const lower::StoredTensor& stored = graph_.tensors[static_cast<std::size_t>(tensor)];
    program::TensorLocation location;
    location.tensor = stored.name;
    location.tag = tags_[static_cast<std::size_t>(tensor)];
    location.cycle = cycle;
    location.channels = static_cast<std::uint32_t>(stored.channels);
    location.height = static_cast<std::uint32_t>(stored.height);
    location.width = static_cast<std::uint32_t>(stored.width);
    location.is_signed = stored.quantization.is_signed;
    location.scale = stored.quantization.scale;
    location.zero_point = stored.quantization.zero_point;
    const auto u = [](std::int32_t value) { return static_cast<std::uint32_t>(value); };
    for (const Piece& piece : pieces_[static_cast<std::size_t>(tensor)])
      location.pieces.push_back({piece.place, piece.base, u(piece.region.y0), u(piece.region.y1), u(piece.region.x0),
                                 u(piece.region.x1), u(piece.region.block0), u(piece.region.block1), piece.pitch_y,
                                 piece.pitch_x});
    program_.locations.push_back(std::move(location));
  }

  const lower::LayerGraph& graph_;
  const chip::ChipDescription& chip_;
  const CompileOptions& options_;
  const std::uint32_t boot_words_;
  MemoryPlan memory_;
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
  std::uint32_t frame_words_ = 0;
};

}  // namespace

program::Program compile(const lower::LayerGraph& graph, const chip::ChipDescription& chip,
                         const CompileOptions& options) {
  check_requirements(chip);
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
