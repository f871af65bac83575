#include "schedule/orchestrator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "lower/whole_view.h"
#include "map/transfer_table.h"
#include "network/error.h"
#include "schedule/bank_choice.h"
#include "schedule/constants_room.h"
#include "schedule/frame_buffer.h"
#include "schedule/halves.h"
#include "schedule/holding_room.h"
#include "schedule/home.h"
#include "schedule/linear_job.h"
#include "schedule/padding_copies.h"
#include "schedule/run_programs.h"
#include "schedule/tensor_places.h"
#include "schedule/vector_job.h"

namespace northpole::schedule {

namespace {

using map::Region;

class Orchestrator {
 public:
  Orchestrator(const lower::LayerGraph& graph, const map::Plan& mappings, const Batch& batch,
               const chip::ChipDescription& chip, const std::vector<Pause>& pauses, const Room& room,
               const std::function<void(double)>& progress)
      : graph_(graph),
        mappings_(mappings),
        batch_(batch),
        chip_(chip),
        progress_(progress),
        resources_(chip, batch.group_rows, pauses),
        plan_(chip, batch.group_rows, batch.groups),
        memory_(chip, chip.bank_words / 16 * room.static_weights),
        state_(chip, resources_, plan_),
        frames_(chip, batch.group_rows, graph.name),
        banks_(graph, mappings, chip, memory_.static_bank()),
        layers_(graph.layers.size()) {
    state_.in_order = room.in_order;
  }

  program::Program run() {
    const ProgramTags tags = plan_run();
    for (auto& layer : layers_) program_.layers.push_back(layer.cycles);
    write_programs(plan_, memory_, program_, tags);
    memory_.check(graph_.name);
    program_.image = memory_.image();
    return std::move(program_);
  }

  Timing timing() {
    plan_run();
    Timing result;
    result.cycles = plan_.end();
    std::uint64_t before = 0;
    for (const auto& layer : layers_) {
      const std::uint64_t last = std::max(before, layer.cycles.last_issue);
      result.took.push_back(last - before);
      before = last;
    }
    return result;
  }

 private:
  ProgramTags plan_run() {
    program_.chip = chip_;
    program_.tensors.push_back({"nothing", ""});
    program_.network = graph_.name;
    program_.picture_transform = graph_.picture_transform;
    program_.classes = graph_.classes;
    program_.host_operations = graph_.host_operations;
    program_.frames = batch_.frames();
    ProgramTags tags;
    tags.programs = new_tag("programs", "");
    tags.parameters = new_tag("parameters", "");
    padding_ = std::make_unique<PaddingWords>(graph_, new_tag("padding", ""), chip_, memory_);
    set_weights_aside();
    std::vector<std::uint32_t> constants;
    for (std::size_t i = 0; i < layers_.size(); ++i)
      constants.push_back(constant_words_of(graph_.layers[i], output_of(i), layers_[i].parts));
    constants_room_ = std::make_unique<ConstantsRoom>(std::move(constants), chip_, memory_);
    std::vector<std::uint32_t> limit;
    for (std::uint32_t bank = 0; bank < memory_.static_bank(); ++bank)
      limit.push_back(memory_.free_words(bank) - constants_room_->words(bank));
    room_ = std::make_unique<HoldingRoom>(chip_, limit);
    last_use_ = last_uses(graph_);

    program_.input = graph_.input.layout;
    frames_.set_aside(program_.input, batch_.frames(), part_of_input());
    const auto& input = graph_.tensors[static_cast<std::size_t>(graph_.input.tensor)];
    program_.input.tag = new_tag(input.name, input.layer);
    for (const lower::FrameOutput& output : graph_.outputs) {
      program_.outputs.push_back(output.layout);
      frames_.set_aside(program_.outputs.back(), batch_.frames());
      program_.outputs.back().tag = new_tag("frame of " + output.name, "output " + output.name);
    }
    for (const lower::Layer& layer : graph_.layers) program_.multiply_accumulates += layer.multiply_accumulates;

    for (std::uint32_t wave = 0; wave < batch_.waves; ++wave) plan_wave(wave);
    return tags;
  }

  // What all waves of a layer share.
  struct OfLayer {
    std::vector<map::CorePart> parts;
    std::unique_ptr<WeightStreams> weights;
    std::vector<Product> order;
    std::unique_ptr<LayerConstants> constants;
    program::LayerCycles cycles;
  };

  // FrameLayout::part, for the layer that reads the network's input first.
  std::uint32_t part_of_input() const {
    const auto& input = graph_.tensors[static_cast<std::size_t>(graph_.input.tensor)];
    for (std::size_t l = 0; l < graph_.layers.size(); ++l)
      if (graph_.layers[l].inputs[0].blocks[0].tensor == graph_.input.tensor)
        return map::frame_part(input, graph_.layers[l], mappings_.layers[l].mapping, batch_.group_rows);
    return 0;
  }

  std::uint16_t new_tag(const std::string& name, const std::string& layer) {
    if (program_.tensors.size() > 0xffff)
      throw Error("the network has too many layers for the 65,535 tags of a program");
    program_.tensors.push_back({name, layer});
    return static_cast<std::uint16_t>(program_.tensors.size() - 1);
  }

  const lower::StoredTensor& output_of(std::size_t index) const {
    return graph_.tensors[static_cast<std::size_t>(graph_.layers[index].output)];
  }

  void set_weights_aside() {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const lower::Layer& layer = graph_.layers[i];
      OfLayer& of = layers_[i];
      for (std::uint32_t core = 0; core < resources_.group_chip.cores(); ++core)
        of.parts.push_back(map::part_of(mappings_.layers[i].mapping, output_of(i), resources_.group_chip, core));
      if (layer.kind != lower::LayerKind::linear) continue;
      of.weights = std::make_unique<WeightStreams>(layer, output_of(i), mappings_.layers[i].mapping, of.parts,
                                                   new_tag("weights of " + layer.name, layer.name), chip_, memory_);
    }
  }

  // The view is a stored tensor, whole, and every core already holds just what it reads.
  bool in_place(const lower::View& view, const std::vector<Region>& wanted) const {
    const auto tensor = static_cast<std::size_t>(view.blocks[0].tensor);
    const Holding* holding = places_[tensor].holding;
    if (holding == nullptr || !lower::is_whole(view, graph_.tensors[tensor])) return false;
    for (std::size_t core = 0; core < wanted.size(); ++core)
      if (!wanted[core].empty() && !(wanted[core] == holding->regions[core])) return false;
    return true;
  }

  // Is it read by a window that needs rows of two cores?
  bool pooled(std::int32_t tensor) const {
    return std::any_of(graph_.layers.begin(), graph_.layers.end(), [&](const lower::Layer& reader) {
      return reader.kind == lower::LayerKind::max_pool && reader.window_height > reader.stride_y &&
             reader.inputs[0].blocks[0].tensor == tensor;
    });
  }

  // When the first of a holding's words are written.
  static Cycle first_written(const Holding& holding) {
    Cycle first = ~Cycle{0};
    for (const auto& words : holding.ready)
      for (const Cycle cycle : words) first = std::min(first, cycle);
    return first == ~Cycle{0} ? 0 : first;
  }

  void plan_wave(std::uint32_t wave) {
    holdings_.clear();
    places_.assign(graph_.tensors.size(), {});
    homes_.clear();
    homes_.resize(graph_.tensors.size());
    const auto input = static_cast<std::size_t>(graph_.input.tensor);
    places_[input].pieces = frames_.pieces(program_.input, wave);
    places_[input].tag = program_.input.tag;
    const std::size_t steps = graph_.layers.size() + graph_.outputs.size();
    for (std::size_t i = 0; i < steps; ++i) {
      if (i < graph_.layers.size())
        plan_layer(i, wave);
      else
        plan_output(i - graph_.layers.size(), wave);
      for (std::size_t tensor = 0; tensor < graph_.tensors.size(); ++tensor)
        if (last_use_[tensor] == static_cast<std::int32_t>(i) && places_[tensor].holding != nullptr)
          room_->give_back(*places_[tensor].holding);
      if (progress_) progress_(static_cast<double>(wave * steps + i + 1) / static_cast<double>(steps * batch_.waves));
    }
  }

  Holding& new_holding() {
    holdings_.push_back(std::make_unique<Holding>());
    return *holdings_.back();
  }

  void plan_layer(std::size_t index, std::uint32_t wave) {
    const lower::Layer& layer = graph_.layers[index];
    const lower::StoredTensor& stored = output_of(index);
    OfLayer& of = layers_[index];
    Job job;
    job.layer = &layer;
    job.output_tensor = &stored;
    job.mapping = mappings_.layers[index].mapping;
    job.parts = of.parts;
    job.cycles = of.cycles;
    job.cycles.layer = layer.name;
    job.last_rows_early = pooled(layer.output);

    // Threads that meet in a bank may double a layer's time.
    const Cycle price =
        std::max({mappings_.layers[index].cost.arithmetic, mappings_.layers[index].cost.vector, Cycle{64}});
    // Inputs: where they lie, or gathered into a bank in which the layer before neither reads nor writes.
    std::vector<Holding*> gathered;
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      std::vector<Region> regions;
      for (const auto& part : of.parts) regions.push_back(map::input_region(layer, stored, job.mapping, part, i));
      if (in_place(layer.inputs[i], regions)) {
        job.inputs.push_back(places_[static_cast<std::size_t>(layer.inputs[i].blocks[0].tensor)].holding);
        continue;
      }
      const auto read = static_cast<std::size_t>(layer.inputs[i].blocks[0].tensor);
      if (homes_[read] && homes_[read]->layer == index && homes_[read]->input == i) {
        Home& home = *homes_[read];
        home.enter(*places_[read].holding);
        bring(layer.inputs[i], home.around, true, job);
        job.inputs.push_back(&home.around);
        continue;
      }
      Holding& holding = new_holding();
      holding.regions = std::move(regions);
      holding.tag = new_tag(fmt::format("input {} of {}", i, layer.name), layer.name);
      const auto banks = banks_.for_whole_input(index, i, job, places_);
      const map::PixelTiles tiles = map::pixel_tiles(job.mapping, chip_);
      const bool first_of_linear = layer.kind == lower::LayerKind::linear && i == 0;
      const Holding* source = places_[read].holding;
      const Cycle first = source == nullptr ? 0 : first_written(*source);
      const Halves along = halves_of(job.mapping, tiles);
      if (first_of_linear && along != Halves::none && source != nullptr) {
        holding.segments = halves_in_time(layer.inputs[i], holding.regions, places_, along);
        holding.in_columns = along == Halves::columns && !holding.segments.empty();
      }
      if (first_of_linear && tiles.down > 1 && source == nullptr)
        room_->take_arriving(holding, layer, tiles, mappings_.layers[index].cost,
                             static_cast<std::uint32_t>(job.mapping.tile_height * layer.stride_y), banks, price);
      else if (holding.segments.empty())
        room_->take(holding, banks, first, price, layer.name);
      else
        room_->take_halves(
            holding, banks_.for_input(index, *source, places_),
            [&](std::uint32_t early) { return banks_.for_late_input(index, *source, places_, early); }, first, price,
            layer.name);
      bring(layer.inputs[i], holding, false, job);
      job.inputs.push_back(&holding);
      gathered.push_back(&holding);
    }

    Holding& output = new_holding();
    output.tag = new_tag(stored.name, layer.name);
    for (const auto& part : of.parts) output.regions.push_back(part.input_part == 0 ? part.output : Region{});
    place_output(index, job, output, price);
    job.output = &output;
    if (!of.constants)
      of.constants = std::make_unique<LayerConstants>(
          layer, stored, of.parts, constants_room_->take(index, layer.name, banks_.read(), banks_.of(*job.inputs[0])),
          new_tag("constants of " + layer.name, layer.name), memory_);
    if (layer.kind == lower::LayerKind::linear)
      LinearJob(job, *of.weights, *of.constants, memory_, state_).plan(of.order);
    else
      VectorJob(job, *of.constants, state_).plan();
    banks_.planned(index, job);
    for (Holding* holding : gathered) room_->give_back(*holding);
    for (const lower::View& view : layer.inputs) {
      const auto read = static_cast<std::size_t>(view.blocks[0].tensor);
      if (homes_[read] && homes_[read]->layer == index) places_[read].holding->used(homes_[read]->around.last_use);
    }

    const auto tensor = static_cast<std::size_t>(layer.output);
    places_[tensor] = places_of(output);
    if (stored.in_graph) add_locations(tensor, wave);
    finish_cycles(index, job, wave);
    of.cycles = job.cycles;
  }

  // Takes room for a layer's output, at home where it has a home. Outputs of one half of the pixels travel, and are
  // read, while the other half is computed: they lie in two banks.
  void place_output(std::size_t index, const Job& job, Holding& output, Cycle price) {
    const lower::Layer& layer = graph_.layers[index];
    const bool linear = layer.kind == lower::LayerKind::linear;
    const map::PixelTiles tiles = map::pixel_tiles(job.mapping, chip_);
    const Halves along = halves_of(job.mapping, tiles);
    // A vector layer's outputs may follow its first inputs; the VMM's come after those of the layer before.
    const Cycle wanted = linear ? state_.vmm_free : std::min(state_.vmm_free, first_written(*job.inputs[0]));
    auto& home = homes_[static_cast<std::size_t>(layer.output)];
    home = home_of(graph_, index, output.regions, [&](std::size_t reader) {
      std::vector<Region> regions;
      for (const auto& part : layers_[reader].parts)
        regions.push_back(
            map::input_region(graph_.layers[reader], output_of(reader), mappings_.layers[reader].mapping, part, 0));
      return regions;
    });
    Holding& holding = home ? home->around : output;
    if (linear && along != Halves::none && read_by_linear_layers(graph_, layer.output)) {
      std::size_t core = 0;
      while (output.regions[core].empty()) ++core;
      const Region &own = output.regions[core], &held = holding.regions[core];
      std::int32_t rows = 0, columns = 0;
      for (const Region& region : holding.regions) {
        rows = std::max(rows, region.empty() ? 0 : region.height());
        columns = std::max(columns, region.empty() ? 0 : region.width());
      }
      holding.in_columns = along == Halves::columns;
      holding.segments =
          holding.in_columns
              ? halves(columns, home ? own.x0 + home->left - held.x0 : 0, job.mapping.tile_width, tiles.width)
              : halves(rows, home ? own.y0 + home->top - held.y0 : 0, job.mapping.tile_height, tiles.height);
    }
    if (holding.segments.empty())
      room_->take(holding, banks_.for_whole_output(index, job, places_), wanted, price, layer.name);
    else
      room_->take_halves(
          holding, banks_.for_output(index, job, places_),
          [&](std::uint32_t early) { return banks_.for_late_output(index, job, places_, early); }, wanted, price,
          layer.name);
    if (home) home->put(output);
  }

  // The words of a layer's output in the cores that made them.
  static Places places_of(Holding& output) {
    Places places;
    places.tag = output.tag;
    places.holding = &output;
    for (std::uint32_t core = 0; core < output.regions.size(); ++core)
      for (std::int32_t s = output.segments.empty() ? -1 : 0; s < static_cast<std::int32_t>(output.segments.size());
           ++s) {
        const Region region = output.part(core, s);
        if (region.empty()) continue;
        const std::uint32_t base = s < 0 ? output.base : output.segments[static_cast<std::size_t>(s)].base;
        places.pieces.push_back({false, core, region, base, output.pitch_y, output.pitch_x});
      }
    return places;
  }

  void bring(const lower::View& view, Holding& holding, bool own, Job& job) {
    const Cycle padded = padding_->fill(view, holding, resources_, plan_);
    if (padded != 0) job.begins(padded);
    const Brought brought = gather(view, holding, places_, own, resources_, plan_);
    if (brought.first != 0) job.begins(brought.first);
  }

  void finish_cycles(std::size_t index, Job& job, std::uint32_t wave) {
    const lower::Layer& layer = graph_.layers[index];
    const map::Cost& cost = mappings_.layers[index].cost;
    program::LayerCycles& cycles = job.cycles;
    const std::uint64_t waves = wave + 1;
    cycles.multiply_accumulates = layer.multiply_accumulates * waves * batch_.groups;
    cycles.arithmetic_bound = cost.arithmetic * waves;
    cycles.weight_bound = cost.weights * waves;
    cycles.activation_bound = cost.activations * waves;
    cycles.partial_sum_bound = cost.partial_sums * waves;
    cycles.vector_bound = cost.vector * waves;
    cycles.memory_bound = cost.memory * waves;
    const std::int32_t bits =
        layer.kind == lower::LayerKind::linear ? std::max(layer.inputs[0].quantization.bits, layer.weights.bits) : 8;
    const std::uint64_t rate = std::uint64_t{chip_.cores()} * 1024 * 8 / static_cast<std::uint64_t>(bits);
    cycles.ideal_cycles = (cycles.multiply_accumulates + rate - 1) / rate;
  }

  void add_locations(std::size_t tensor, std::uint32_t wave) {
    const Holding& holding = *places_[tensor].holding;
    Cycle complete = 0;
    for (const auto& words : holding.ready)
      for (const Cycle cycle : words) complete = std::max(complete, cycle);
    for (std::uint32_t group = 0; group < batch_.groups; ++group) {
      auto location = location_of(graph_.tensors[tensor], holding.tag, places_[tensor].pieces, complete);
      location.frame = wave * batch_.groups + group;
      for (auto& piece : location.pieces) piece.core += group * plan_.group_cores();
      program_.locations.push_back(std::move(location));
    }
  }

  void plan_output(std::size_t index, std::uint32_t wave) {
    const lower::FrameOutput& output = graph_.outputs[index];
    const auto rows = frames_.pieces(program_.outputs[index], wave);
    const std::string name = "output " + output.name;
    Holding& holding = new_holding();
    holding.regions.resize(resources_.group_chip.cores());
    for (const Piece& piece : rows) holding.regions[piece.place * chip_.columns] = piece.region;
    holding.tag = new_tag(name, name);
    room_->take(holding, banks_.avoiding({banks_.read_last(), banks_.written()}), state_.vmm_free, 100, name);
    padding_->fill(output.view, holding, resources_, plan_);
    gather(output.view, holding, places_, false, resources_, plan_);
    leave(rows, holding, program_.outputs[index].tag, resources_, plan_);
    room_->give_back(holding);
  }

  const lower::LayerGraph& graph_;
  const map::Plan& mappings_;
  const Batch& batch_;
  const chip::ChipDescription& chip_;
  const std::function<void(double)>& progress_;
  Resources resources_;
  RunPlan plan_;
  MemoryPlan memory_;
  RunState state_;
  FrameBuffer frames_;
  program::Program program_;
  std::unique_ptr<PaddingWords> padding_;
  std::unique_ptr<HoldingRoom> room_;
  BankChoice banks_;
  std::unique_ptr<ConstantsRoom> constants_room_;
  std::vector<OfLayer> layers_;
  std::vector<std::int32_t> last_use_;
  // Of the wave in work.
  std::vector<std::unique_ptr<Holding>> holdings_;
  std::vector<Places> places_;                // by stored tensor
  std::vector<std::unique_ptr<Home>> homes_;  // by stored tensor
};

}  // namespace

program::Program orchestrate(const lower::LayerGraph& graph, const map::Plan& mappings, const Batch& batch,
                             const chip::ChipDescription& chip, const std::vector<Pause>& pauses, const Room& room,
                             const std::function<void(double)>& progress) {
  return Orchestrator(graph, mappings, batch, chip, pauses, room, progress).run();
}

Timing orchestrated_timing(const lower::LayerGraph& graph, const map::Plan& mappings, const Batch& batch,
                           const chip::ChipDescription& chip, const Room& room) {
  return Orchestrator(graph, mappings, batch, chip, {}, room, nullptr).timing();
}

}  // namespace northpole::schedule
