#include "map/transfer_cost.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "lower/whole_view.h"
#include "map/link_loads.h"
#include "map/transfer_parts.h"

namespace northpole::map {

namespace {

std::int32_t divide_up(std::int32_t a, std::int32_t b) { return (a + b - 1) / b; }

// Stored rows of one map's logical rows [first, end).
void add_reader(std::vector<std::vector<std::int32_t>>& readers_of, const std::vector<std::int32_t>& stored,
                std::int32_t first, std::int32_t end, std::int32_t reader) {
  for (std::int32_t i = first; i < std::min(end, static_cast<std::int32_t>(stored.size())); ++i) {
    const std::int32_t at = stored[static_cast<std::size_t>(i)];
    if (at < 0) continue;
    auto& readers = readers_of[static_cast<std::size_t>(at)];
    if (readers.empty() || readers.back() != reader) readers.push_back(reader);
  }
}

// A layer's reading of one input, cut by its mapping.
class Reading {
 public:
  Reading(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping, std::size_t input)
      : layer_(layer), output_(output), mapping_(mapping), input_(input), view_(layer.inputs[input]) {}

  Region region(std::int32_t tile_row, std::int32_t tile_column, std::int32_t output_part,
                std::int32_t input_part) const {
    CorePart part;
    part.input_part = input_part;
    part.output_part = output_part;
    Region& out = part.output;
    out.y0 = tile_row * mapping_.tile_height;
    out.y1 = std::min(out.y0 + mapping_.tile_height, output_.height);
    out.x0 = tile_column * mapping_.tile_width;
    out.x1 = std::min(out.x0 + mapping_.tile_width, output_.width);
    out.block0 = output_part * mapping_.tile_blocks;
    out.block1 = std::min(out.block0 + mapping_.tile_blocks, output_.blocks());
    if (out.empty()) out = {};
    return input_region(layer_, output_, mapping_, part, input_);
  }

  // Who reads each stored row and column, through map `map`; the same row counts once for a reader.
  std::vector<std::vector<std::int32_t>> rows(std::int32_t map, std::int32_t height) const {
    std::vector<std::vector<std::int32_t>> readers(static_cast<std::size_t>(height));
    for (std::int32_t tile = 0; tile < mapping_.tile_rows(); ++tile) {
      const Region r = region(tile, 0, 0, 0);
      add_reader(readers, view_.maps[static_cast<std::size_t>(map)].row, r.y0, r.y1, tile);
    }
    return readers;
  }
  std::vector<std::vector<std::int32_t>> columns(std::int32_t map, std::int32_t width) const {
    std::vector<std::vector<std::int32_t>> readers(static_cast<std::size_t>(width));
    for (std::int32_t tile = 0; tile < mapping_.x_parts; ++tile) {
      const Region r = region(0, tile, 0, 0);
      add_reader(readers, view_.maps[static_cast<std::size_t>(map)].column, r.x0, r.x1, tile);
    }
    return readers;
  }
  // Who reads each stored block of the tensor that is seen through the map.
  std::vector<std::vector<std::int32_t>> blocks(std::int32_t tensor, std::int32_t map, std::int32_t count) const {
    std::vector<std::vector<std::int32_t>> readers(static_cast<std::size_t>(count));
    for (std::int32_t part = 0; part < mapping_.output_parts(); ++part)
      for (std::int32_t input_part = 0; input_part < mapping_.input_parts; ++input_part) {
        const Region r = region(0, 0, part, input_part);
        const std::int32_t reader = part * mapping_.input_parts + input_part;
        for (std::int32_t b = r.block0; b < r.block1; ++b) {
          const lower::ViewBlock& block = view_.blocks[static_cast<std::size_t>(b)];
          if (block.tensor != tensor || block.map != map) continue;
          auto& of_block = readers[static_cast<std::size_t>(block.block)];
          if (of_block.empty() || of_block.back() != reader) of_block.push_back(reader);
        }
      }
    return readers;
  }
  std::set<std::int32_t> maps_of(std::int32_t tensor) const {
    std::set<std::int32_t> maps;
    for (const auto& block : view_.blocks)
      if (block.tensor == tensor) maps.insert(block.map);
    return maps;
  }

 private:
  const lower::Layer& layer_;
  const lower::StoredTensor& output_;
  const Mapping& mapping_;
  std::size_t input_;
  const lower::View& view_;
};

// Where a tensor lies: the part of each row, column and block, and the places of the parts.
struct Holding {
  PartPlaces row_places, column_places, block_places;
  std::vector<std::int32_t> row, column, block;
};

std::vector<std::int32_t> parts_of(std::int32_t size, std::int32_t part) {
  std::vector<std::int32_t> result;
  for (std::int32_t i = 0; i < size; ++i) result.push_back(part == 0 ? 0 : i / part);
  return result;
}

Holding held_by_cores(const lower::StoredTensor& tensor, const Mapping& m) {
  return {tile_row_places(m),
          tile_column_places(m),
          output_part_places(m),
          parts_of(tensor.height, m.tile_height),
          parts_of(tensor.width, m.tile_width),
          parts_of(tensor.blocks(), m.tile_blocks)};
}

Holding held_by_edges(const lower::StoredTensor& tensor, bool split_by_block, std::int32_t part, std::int32_t rows) {
  PartPlaces edges, one{{0}, {0}};
  for (std::int32_t row = 0; row < rows; ++row) {
    edges.row.push_back(row);
    edges.column.push_back(0);
  }
  Holding held{one, {{0}, {-1}}, one, {}, parts_of(tensor.width, 0), {}};
  (split_by_block ? held.block_places : held.row_places) = edges;
  held.row = parts_of(tensor.height, split_by_block ? 0 : part != 0 ? part : divide_up(tensor.height, rows));
  for (std::int32_t& row : held.row) row = std::min(row, rows - 1);
  held.block = parts_of(tensor.blocks(), split_by_block ? divide_up(tensor.blocks(), rows) : 0);
  return held;
}

// Rows that need the same columns.
struct Destination {
  std::int32_t first_row = 0, last_row = 0;
  std::uint32_t shifts = 0;  // what is added to the columns of the readers' tile columns
};

// Fills `result`; `shifts_of_row` is room for a number for each row, zero before and after.
void find_destinations(const Direction& rows, const WordClass& row, const Direction& blocks, const WordClass& block,
                       std::vector<std::uint32_t>& shifts_of_row, std::vector<Destination>& result) {
  for (const std::int32_t y : row.readers)
    for (const std::int32_t b : block.readers) {
      const auto iy = static_cast<std::size_t>(y), ib = static_cast<std::size_t>(b);
      shifts_of_row[static_cast<std::size_t>(rows.readers.row[iy] + blocks.readers.row[ib])] |=
          1U << (rows.readers.column[iy] + blocks.readers.column[ib]);
    }
  result.clear();
  for (std::size_t i = 0; i < shifts_of_row.size(); ++i) {
    const std::uint32_t shifts = shifts_of_row[i];
    if (shifts == 0) continue;
    const auto at = static_cast<std::int32_t>(i);
    const auto same = std::find_if(result.begin(), result.end(), [&](const auto& d) { return d.shifts == shifts; });
    if (same == result.end())
      result.push_back({at, at, shifts});
    else
      same->last_row = at;
    shifts_of_row[i] = 0;
  }
}

void add_loads(LinkLoads& loads, const Direction& rows, const Direction& columns, const Direction& blocks,
               std::size_t array_rows) {
  const auto at = [](std::int32_t i) { return static_cast<std::size_t>(i); };
  std::vector<std::uint32_t> shifts_of_row(array_rows, 0), tile_columns;
  for (const WordClass& column : columns.classes) {
    tile_columns.push_back(0);
    for (const std::int32_t x : column.readers) tile_columns.back() |= 1U << columns.readers.column[at(x)];
  }
  std::vector<Destination> targets;
  for (const WordClass& row : rows.classes)
    for (const WordClass& block : blocks.classes) {
      find_destinations(rows, row, blocks, block, shifts_of_row, targets);
      const std::int32_t source_row = rows.sources.row[at(row.source)] + blocks.sources.row[at(block.source)];
      const std::int32_t source_column = rows.sources.column[at(row.source)] + blocks.sources.column[at(block.source)];
      for (std::size_t x = 0; x < columns.classes.size(); ++x) {
        const WordClass& column = columns.classes[x];
        const std::uint64_t words = row.words * block.words * column.words;
        for (const Destination& target : targets) {
          std::uint32_t mask = 0;
          for (std::uint32_t shift = target.shifts; shift != 0; shift &= shift - 1)
            mask |= tile_columns[x] << std::countr_zero(shift);
          loads.send(source_row, source_column + columns.sources.column[at(column.source)], target.first_row,
                     target.last_row, mask, words);
        }
      }
    }
}

// Words that each reader of a direction takes.
std::vector<std::uint64_t> words_by_reader(const Direction& d) {
  std::vector<std::uint64_t> result(d.readers.row.size(), 0);
  for (const WordClass& words : d.classes)
    for (const std::int32_t reader : words.readers) result[static_cast<std::size_t>(reader)] += words.words;
  return result;
}

void add_received(std::vector<std::uint64_t>& received, const Direction& rows, const Direction& columns,
                  const Direction& blocks, std::int32_t array_columns) {
  const auto by_row = words_by_reader(rows), by_column = words_by_reader(columns), by_block = words_by_reader(blocks);
  for (std::size_t y = 0; y < by_row.size(); ++y)
    for (std::size_t b = 0; b < by_block.size(); ++b)
      for (std::size_t x = 0; x < by_column.size(); ++x) {
        const std::int32_t row = rows.readers.row[y] + blocks.readers.row[b];
        const std::int32_t column = rows.readers.column[y] + blocks.readers.column[b] + columns.readers.column[x];
        received[static_cast<std::size_t>(row * array_columns + column)] += by_row[y] * by_block[b] * by_column[x];
      }
}

TransferCost counted(const Reading& reading, const Mapping& mapping, std::int32_t tensor,
                     const lower::StoredTensor& source, const Holding& held, std::int32_t rows,
                     const chip::ChipDescription& chip) {
  const auto columns = static_cast<std::int32_t>(chip.columns);
  LinkLoads loads(rows, columns);
  std::vector<std::uint64_t> received(static_cast<std::size_t>(rows * columns), 0);
  for (const std::int32_t map : reading.maps_of(tensor)) {
    const Direction y =
        direction(held.row_places, tile_row_places(mapping), held.row, reading.rows(map, source.height));
    const Direction x =
        direction(held.column_places, tile_column_places(mapping), held.column, reading.columns(map, source.width));
    const Direction b = direction(held.block_places, channel_part_places(mapping), held.block,
                                  reading.blocks(tensor, map, source.blocks()));
    add_loads(loads, y, x, b, static_cast<std::size_t>(rows));
    add_received(received, y, x, b, columns);
  }
  TransferCost result;
  result.in_place = false;
  result.words = loads.words();
  result.sent = loads.busiest_sender();
  result.link = loads.busiest_link();
  result.link_cycles = chip.word_link_cycles;
  result.received = *std::max_element(received.begin(), received.end());
  return result;
}

// The tensor is made where the layer reads it: every core reads what it holds and some of its neighbours' words besides
// (Home in schedule/orchestrator.cpp). Gives the words that the fullest core holds; 0 when it is not so.
std::uint64_t words_at_home(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping,
                            std::size_t input, const lower::StoredTensor& source, const Mapping& source_mapping,
                            const chip::ChipDescription& chip, std::uint32_t group_rows) {
  std::int32_t top = 0, left = 0;
  if (input != 0 || layer.kind == lower::LayerKind::elementwise ||
      !lower::is_padded(layer.inputs[0], source, top, left))
    return 0;
  std::uint64_t most = 0;
  for (std::uint32_t core = 0; core < group_rows * chip.columns; ++core) {
    const CorePart held = part_of(source_mapping, source, chip, core);
    const Region& own = held.output;
    if (own.empty() || held.input_part != 0) continue;
    const Region read = input_region(layer, output, mapping, part_of(mapping, output, chip, core), 0);
    if (read.empty() || own.y0 + top < read.y0 || own.y1 + top > read.y1 || own.x0 + left < read.x0 ||
        own.x1 + left > read.x1 || own.block0 != read.block0 || own.block1 != read.block1)
      return 0;
    most = std::max(most, static_cast<std::uint64_t>(own.height()) * static_cast<std::uint64_t>(own.width()) *
                              static_cast<std::uint64_t>(own.blocks()));
  }
  return most;
}

}  // namespace

std::uint64_t TransferCost::cycles() const { return std::max({received, sent, link}) * link_cycles; }

bool reads_in_place(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping,
                    std::size_t input, const lower::StoredTensor& source, const Mapping& source_mapping,
                    const chip::ChipDescription& chip, std::uint32_t group_rows) {
  if (!lower::is_whole(layer.inputs[input], source)) return false;
  for (std::uint32_t core = 0; core < group_rows * chip.columns; ++core) {
    const Region read = input_region(layer, output, mapping, part_of(mapping, output, chip, core), input);
    if (read.empty()) continue;
    const CorePart held = part_of(source_mapping, source, chip, core);
    if (held.input_part != 0 || !(read == held.output)) return false;
  }
  return true;
}

TransferCost transfer_cost(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping,
                           std::size_t input, std::int32_t tensor, const lower::StoredTensor& source,
                           const Mapping& source_mapping, const chip::ChipDescription& chip, std::uint32_t group_rows) {
  if (reads_in_place(layer, output, mapping, input, source, source_mapping, chip, group_rows)) return {};
  TransferCost result = counted(Reading(layer, output, mapping, input), mapping, tensor, source,
                                held_by_cores(source, source_mapping), static_cast<std::int32_t>(group_rows), chip);
  // What a core holds it neither sends to itself nor receives.
  const std::uint64_t own = words_at_home(layer, output, mapping, input, source, source_mapping, chip, group_rows);
  result.received -= std::min(result.received, own);
  result.at_home = own != 0;
  if (result.at_home) result.sent = std::min(result.sent, result.received);
  return result;
}

TransferCost frame_transfer_cost(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping,
                                 std::size_t input, std::int32_t tensor, const lower::StoredTensor& source,
                                 bool split_by_block, std::uint32_t part, const chip::ChipDescription& chip,
                                 std::uint32_t group_rows) {
  const auto rows = static_cast<std::int32_t>(group_rows);
  return counted(Reading(layer, output, mapping, input), mapping, tensor, source,
                 held_by_edges(source, split_by_block, static_cast<std::int32_t>(part), rows), rows, chip);
}

}  // namespace northpole::map
