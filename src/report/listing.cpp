#include "report/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "isa/assembly.h"
#include "network/error.h"
#include "network/text.h"
#include "report/core_programs.h"

namespace northpole::report {
namespace {

isa::TensorLookup tensor_names(const program::Program& program) {
  return [&](std::uint16_t tag) {
    return tag < program.tensors.size() ? program.tensors[tag].name : fmt::format("tensor {}", tag);
  };
}

// Layers overlap: a program works for all whose cycles meet its own, not only for the one that it is named after.
bool is_wanted(const program::Program& program, std::size_t number, const std::string& layer) {
  if (layer.empty()) return true;
  if (number >= program.segments.size()) return false;
  const program::Segment& segment = program.segments[number];
  const auto meets = [&](const program::LayerCycles& cycles) {
    return cycles.layer.find(layer) != std::string::npos && cycles.first_cycle <= segment.last_cycle &&
           segment.first_cycle <= cycles.last_cycle;
  };
  return segment.layer.find(layer) != std::string::npos || std::ranges::any_of(program.layers, meets);
}

Listing listing_of(const program::Program& program, std::size_t segment, const CoreProgram& own,
                   const InspectOptions& options) {
  Listing listing;
  listing.segment = segment;
  if (segment < program.segments.size()) {
    listing.layer = program.segments[segment].layer;
    listing.first_cycle = program.segments[segment].first_cycle;
    listing.last_cycle = program.segments[segment].last_cycle;
  }
  listing.words = own.words->size();
  if (own.words->empty()) return listing;
  const auto directory = isa::decode_directory(own.words->front());
  for (std::uint32_t t = 0; t < isa::thread_count; ++t) {
    const auto thread = static_cast<isa::Thread>(t);
    if (options.thread && *options.thread != thread) continue;
    const bool is_there = directory[t] != 0 && directory[t] < own.words->size();
    listing.sections.emplace_back(
        isa::name(thread),
        is_there ? isa::section_assembly(own.words->data(), own.words->size(), directory[t], tensor_names(program))
                 : "");
  }
  return listing;
}

}  // namespace

Listings listings(const program::Program& program, const InspectOptions& options) {
  if (options.core && *options.core >= program.chip.cores()) {
    throw Error(fmt::format("there is no core {}; cores are 0 to {}", *options.core, program.chip.cores() - 1));
  }
  const ProgramSequence sequence = program_sequence(program);
  Listings result;
  result.problem = sequence.problem;
  for (std::size_t segment = 0; segment < sequence.programs.size(); ++segment) {
    if (!is_wanted(program, segment, options.layer)) continue;
    const std::vector<CoreProgram>& programs = sequence.programs[segment];
    if (options.core) {
      result.programs.push_back(listing_of(program, segment, programs[*options.core], options));
      result.programs.back().cores = {*options.core};
      result.programs.back().parameters = programs[*options.core].parameters;
      continue;
    }
    std::map<const void*, std::size_t> known;  // shared words to their listing
    for (std::uint32_t core = 0; core < programs.size(); ++core) {
      const auto [place, is_new] = known.emplace(programs[core].words.get(), result.programs.size());
      if (is_new) result.programs.push_back(listing_of(program, segment, programs[core], options));
      result.programs[place->second].cores.push_back(core);
    }
  }
  if (result.programs.empty()) {
    throw Error(fmt::format("no layer's name contains {}; without options, inspect lists the layers",
                            network::quoted_name(options.layer)));
  }
  return result;
}

Listing edge_listing(const program::Program& program, std::uint32_t row) {
  if (row >= program.edges.size()) {
    throw Error(fmt::format("there is no edge unit of row {}; rows are 0 to {}", row, program.edges.size() - 1));
  }
  const program::Edge& edge = program.edges[row];
  Listing listing;
  listing.words = edge.send.size() + edge.receive.size();
  const auto assembly = [&](const std::vector<isa::Word>& words) {
    return isa::section_assembly(words.data(), words.size(), 0, tensor_names(program));
  };
  listing.sections = {{"send", assembly(edge.send)}, {"receive", assembly(edge.receive)}};
  return listing;
}

}  // namespace northpole::report
