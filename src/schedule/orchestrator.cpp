#include "schedule/orchestrator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "lower/whole_view.h"
#include "network/error.h"
#include "schedule/constants_room.h"
#include "schedule/frame_buffer.h"
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
               const chip::ChipDescription& chip, const std::vector<Pause>& pauses, std::uint32_t static_weights,
               const std::function<void(double)>& progress)
      : graph_(graph),
        mappings_(mappings),
        batch_(batch),
        chip_(chip),
        progress_(progress),
        resources_(chip, batch.group_rows, pauses),
        plan_(chip, batch.group_rows, batch.groups),
        memory_(chip, chip.bank_words / 16 * static_weights),
        state_(chip, resources_, plan_),
        frames_(chip, batch.group_rows, graph.name),
        layers_(graph.layers.size()) {}

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
    buffers_ = std::make_unique<Buffers>(chip_, limit);
    last_use_ = last_uses(graph_);

    program_.input = graph_.input.layout;
    frames_.set_aside(program_.input, batch_.frames());
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

  // Data banks in order of preference: those of `last` at the end, the first of them last of all.
  std::vector<std::uint32_t> banks_avoiding(std::vector<std::uint32_t> last) const {
    std::vector<std::uint32_t> banks;
    const auto listed = [&](std::uint32_t bank) { return std::find(last.begin(), last.end(), bank) != last.end(); };
    for (std::uint32_t i = 0; i < memory_.static_bank(); ++i) {
      const std::uint32_t bank = (i + turn_) % memory_.static_bank();
      if (!listed(bank)) banks.push_back(bank);
    }
    std::vector<std::uint32_t> late;
    for (const std::uint32_t bank : last)
      if (bank < memory_.static_bank() && std::find(late.begin(), late.end(), bank) == late.end()) late.push_back(bank);
    banks.insert(banks.end(), late.rbegin(), late.rend());
    return banks;
  }

  // When the first of a holding's words are written.
  static Cycle first_written(const Holding& holding) {
    Cycle first = ~Cycle{0};
    for (const auto& words : holding.ready)
      for (const Cycle cycle : words) first = std::min(first, cycle);
    return first == ~Cycle{0} ? 0 : first;
  }

  // Takes a buffer for the holding's regions.
  void allocate(Holding& holding, const std::vector<std::uint32_t>& banks, Cycle wanted, Cycle price,
                const std::string& layer) {
    const std::uint32_t words = holding.lay_out();
    holding.buffer = buffers_->take(banks, std::max(words, 1U), wanted, price, layer);
    holding.base = holding.buffer.base;
    holding.held = true;
  }

  // The same for the packed input of the first layer, which arrives for a long time: cut into pieces, each in another
  // bank than those before it, so that no piece is received where the VMM reads. The first piece is what the first
  // pixel tile needs; each further one as much as arrives before the VMM begins with it.
  void allocate_in_segments(Holding& holding, const lower::Layer& layer, const map::PixelTiles& tiles,
                            const map::Cost& cost, std::vector<std::uint32_t> banks, Cycle price) {
    const std::uint32_t words = holding.lay_out(), rows = words / holding.pitch_y;
    // First row that pixel tiles before `tile` do not need.
    const auto needed_before = [&](std::int32_t tile) {
      if (tile >= tiles.down) return rows;
      return std::min(rows, static_cast<std::uint32_t>((tile * tiles.height - 1) * layer.stride_y +
                                                       (layer.window_height - 1) * layer.dilation_y + 1));
    };
    const Cycle of_tile =
        std::max<Cycle>(1, cost.arithmetic / static_cast<Cycle>(tiles.count())) * static_cast<Cycle>(tiles.across);
    const auto arrived = [&](std::uint32_t row) { return cost.activations * row / rows; };
    const Cycle begin = arrived(needed_before(1));
    std::uint32_t first = 0;
    for (std::int32_t tile = 1; first < rows;) {
      const std::uint32_t end = needed_before(tile);
      const Buffer buffer = buffers_->take(banks, (end - first) * holding.pitch_y, 0, price, layer.name);
      holding.segments.push_back({static_cast<std::int32_t>(first), buffer.base, buffer});
      const auto taken = std::find(banks.begin(), banks.end(), resources_.bank_of(buffer.base));
      std::rotate(taken, taken + 1, banks.end());
      first = end;
      // The VMM needs what comes now in pixel tile `tile`, counted from 0.
      const Cycle reached = begin + static_cast<Cycle>(tile) * of_tile;
      for (++tile; tile < tiles.down && arrived(needed_before(tile + 1)) <= reached;) ++tile;
    }
    holding.base = holding.segments[0].base;
    holding.buffer = holding.segments[0].buffer;
    holding.held = true;
  }

  void release(Holding& holding) {
    if (!holding.held) return;
    holding.held = false;
    if (holding.segments.empty()) buffers_->release(holding.buffer, holding.last_use + 1);
    for (const RowSegment& segment : holding.segments) buffers_->release(segment.buffer, holding.last_use + 1);
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
          release(*places_[tensor].holding);
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
      std::vector<std::uint32_t> avoid = {read_bank_};
      for (std::size_t j = 0; j < layer.inputs.size(); ++j)
        if (const Holding* beside = places_[static_cast<std::size_t>(layer.inputs[j].blocks[0].tensor)].holding)
          if (j != i) avoid.push_back(resources_.bank_of(beside->base));
      for (const lower::ViewBlock& block : layer.inputs[i].blocks)
        if (const Holding* source = places_[static_cast<std::size_t>(block.tensor)].holding)
          avoid.push_back(resources_.bank_of(source->base));
      for (const Holding* other : job.inputs) avoid.push_back(resources_.bank_of(other->base));
      avoid.push_back(written_bank_);
      const map::PixelTiles tiles = map::pixel_tiles(job.mapping, chip_);
      if (layer.kind == lower::LayerKind::linear && i == 0 && tiles.down > 1 && places_[read].holding == nullptr)
        allocate_in_segments(holding, layer, tiles, mappings_.layers[index].cost, banks_avoiding(avoid), price);
      else {
        const Holding* source = places_[read].holding;
        allocate(holding, banks_avoiding(avoid), source == nullptr ? 0 : first_written(*source), price, layer.name);
      }
      bring(layer.inputs[i], holding, false, job);
      job.inputs.push_back(&holding);
      gathered.push_back(&holding);
    }

    Holding& output = new_holding();
    output.tag = new_tag(stored.name, layer.name);
    for (const auto& part : of.parts) output.regions.push_back(part.input_part == 0 ? part.output : Region{});
    std::vector<std::uint32_t> avoid;
    // What comes in pieces is read from the last of them while outputs are taken on.
    const auto& pieces = job.inputs[0]->segments;
    if (pieces.empty())
      avoid.push_back(resources_.bank_of(job.inputs[0]->base));
    else
      for (std::size_t i = 0; i < std::min<std::size_t>(2, pieces.size()); ++i)
        avoid.push_back(resources_.bank_of(pieces[pieces.size() - 1 - i].base));
    // A vector layer goes on beside the VMM's layer before it.
    if (layer.kind != lower::LayerKind::linear) avoid.push_back(read_bank_);
    // Nor where lies what a later layer reads together with it.
    for (std::size_t l = index + 1; l < graph_.layers.size(); ++l)
      for (const lower::View& view : graph_.layers[l].inputs)
        if (view.blocks[0].tensor == layer.output)
          for (const lower::View& other : graph_.layers[l].inputs)
            if (const Holding* beside = places_[static_cast<std::size_t>(other.blocks[0].tensor)].holding)
              avoid.push_back(resources_.bank_of(beside->base));
    for (std::size_t i = 1; i < job.inputs.size(); ++i) avoid.push_back(resources_.bank_of(job.inputs[i]->base));
    // A vector layer's outputs may follow its first inputs; the VMM's come after those of the layer before.
    Cycle wanted = state_.vmm_free;
    if (layer.kind != lower::LayerKind::linear) wanted = std::min(wanted, first_written(*job.inputs[0]));
    auto& home = homes_[static_cast<std::size_t>(layer.output)];
    home = home_of(graph_, index, output.regions, [&](std::size_t reader) {
      std::vector<Region> regions;
      for (const auto& part : layers_[reader].parts)
        regions.push_back(
            map::input_region(graph_.layers[reader], output_of(reader), mappings_.layers[reader].mapping, part, 0));
      return regions;
    });
    if (home)
      home->put(output, buffers_->take(banks_avoiding(avoid), home->around.lay_out(), wanted, price, layer.name));
    else
      allocate(output, banks_avoiding(avoid), wanted, price, layer.name);
    job.output = &output;

    const std::uint32_t read_bank = resources_.bank_of(job.inputs[0]->base);
    if (!of.constants)
      of.constants = std::make_unique<LayerConstants>(layer, stored, of.parts,
                                                      constants_room_->take(index, layer.name, read_bank_, read_bank),
                                                      new_tag("constants of " + layer.name, layer.name), memory_);
    if (layer.kind == lower::LayerKind::linear) {
      LinearJob(job, *of.weights, *of.constants, memory_, state_).plan(of.order);
      read_bank_ = pieces.empty() ? read_bank : resources_.bank_of(pieces.back().base);
    } else {
      VectorJob(job, *of.constants, state_).plan();
    }
    written_bank_ = resources_.bank_of(output.base);
    ++turn_;
    for (Holding* holding : gathered) release(*holding);
    for (const lower::View& view : layer.inputs) {
      const auto read = static_cast<std::size_t>(view.blocks[0].tensor);
      if (homes_[read] && homes_[read]->layer == index) places_[read].holding->used(homes_[read]->around.last_use);
    }

    const auto tensor = static_cast<std::size_t>(layer.output);
    Places& places = places_[tensor];
    places.tag = output.tag;
    places.holding = &output;
    for (std::uint32_t core = 0; core < output.regions.size(); ++core)
      if (!output.regions[core].empty())
        places.pieces.push_back({false, core, output.regions[core], output.base, output.pitch_y, output.pitch_x});
    if (stored.in_graph) add_locations(tensor, wave);
    finish_cycles(index, job, wave);
    of.cycles = job.cycles;
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
    allocate(holding, banks_avoiding({read_bank_, written_bank_}), state_.vmm_free, 100, name);
    padding_->fill(output.view, holding, resources_, plan_);
    gather(output.view, holding, places_, false, resources_, plan_);
    leave(rows, holding, program_.outputs[index].tag, resources_, plan_);
    release(holding);
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
  std::unique_ptr<Buffers> buffers_;
  std::unique_ptr<ConstantsRoom> constants_room_;
  std::vector<OfLayer> layers_;
  std::vector<std::int32_t> last_use_;
  // Of the wave in work.
  std::vector<std::unique_ptr<Holding>> holdings_;
  std::vector<Places> places_;                // by stored tensor
  std::vector<std::unique_ptr<Home>> homes_;  // by stored tensor
  // Banks of the job before: where its VMM reads, and where its outputs go.
  std::uint32_t read_bank_ = 0, written_bank_ = 1, turn_ = 0;
};

}  // namespace

program::Program orchestrate(const lower::LayerGraph& graph, const map::Plan& mappings, const Batch& batch,
                             const chip::ChipDescription& chip, const std::vector<Pause>& pauses,
                             std::uint32_t static_weights, const std::function<void(double)>& progress) {
  return Orchestrator(graph, mappings, batch, chip, pauses, static_weights, progress).run();
}

Timing orchestrated_timing(const lower::LayerGraph& graph, const map::Plan& mappings, const Batch& batch,
                           const chip::ChipDescription& chip) {
  return Orchestrator(graph, mappings, batch, chip, {}, static_weights_of(batch.groups), nullptr).timing();
}

}  // namespace northpole::schedule
