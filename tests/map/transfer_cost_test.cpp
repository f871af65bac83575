// Transfers counted box by box against transfers counted word by word.
#include "map/transfer_cost.h"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <set>
#include <tuple>

#include "map/candidates.h"
#include "map/layer_graphs.h"

namespace northpole::map {
namespace {

using Place = std::pair<int, int>;  // row, column

// Every word on its own: the law's routes, link by link.
struct Counted {
  std::map<std::tuple<int, int, int>, std::uint64_t> links;  // row, column, direction
  std::map<Place, std::uint64_t> received, sent;
  std::uint64_t words = 0;

  void send(Place from, const std::set<Place>& to) {
    std::map<std::set<int>, std::set<int>> rows_of_columns;
    std::map<int, std::set<int>> columns_of_row;
    for (const auto& [row, column] : to) columns_of_row[row].insert(column);
    for (const auto& [row, columns] : columns_of_row) rows_of_columns[columns].insert(row);
    for (const auto& [columns, rows] : rows_of_columns) {
      ++words;
      ++sent[from];
      std::set<std::tuple<int, int, int>> used;
      for (const int column : columns) {
        for (int c = from.second; c < column; ++c) used.insert({from.first, c, 0});
        for (int c = from.second; c > column; --c) used.insert({from.first, c, 1});
        for (const int row : rows) {
          for (int r = from.first; r < row; ++r) used.insert({r, column, 2});
          for (int r = from.first; r > row; --r) used.insert({r, column, 3});
        }
      }
      for (const auto& link : used) ++links[link];
    }
    for (const Place& place : to) ++received[place];
  }
  TransferCost cost() const {
    TransferCost result;
    result.in_place = false;
    result.words = words;
    for (const auto& [link, n] : links) result.link = std::max(result.link, n);
    for (const auto& [place, n] : received) result.received = std::max(result.received, n);
    for (const auto& [place, n] : sent) result.sent = std::max(result.sent, n);
    return result;
  }
};

// `part`: rows of the frame behind each row of the array; 0: about equally many.
Counted count(const lower::LayerGraph& graph, const Mapping& mapping, std::size_t input, const Mapping* source,
              const chip::ChipDescription& chip, int rows, int part = 0) {
  const lower::Layer& layer = graph.layers.back();
  const lower::View& view = layer.inputs[input];
  const auto& output = graph.tensors[static_cast<std::size_t>(layer.output)];
  const std::int32_t tensor = view.blocks[0].tensor;
  const auto& stored = graph.tensors[static_cast<std::size_t>(tensor)];
  const auto columns = static_cast<int>(chip.columns);
  std::map<std::tuple<int, int, int>, std::set<Place>> needed;
  for (int core = 0; core < rows * columns; ++core) {
    const Region r =
        input_region(layer, output, mapping, part_of(mapping, output, chip, static_cast<std::uint32_t>(core)), input);
    for (int y = r.y0; y < r.y1; ++y)
      for (int x = r.x0; x < r.x1; ++x)
        for (int b = r.block0; b < r.block1; ++b) {
          const auto& block = view.blocks[static_cast<std::size_t>(b)];
          const auto& map = view.maps[static_cast<std::size_t>(block.map)];
          const int row = map.row[static_cast<std::size_t>(y)], column = map.column[static_cast<std::size_t>(x)];
          if (row >= 0 && column >= 0) needed[{row, column, block.block}].insert({core / columns, core % columns});
        }
  }
  Counted counted;
  for (const auto& [word, places] : needed) {
    const auto& [y, x, b] = word;
    if (source == nullptr) {
      const int each = part != 0 ? part : (stored.height + rows - 1) / rows;
      counted.send({std::min(y / each, rows - 1), -1}, places);
      continue;
    }
    for (int core = 0; core < rows * columns; ++core) {
      const CorePart part = part_of(*source, stored, chip, static_cast<std::uint32_t>(core));
      const Region& r = part.output;
      if (part.input_part == 0 && r.y0 <= y && y < r.y1 && r.x0 <= x && x < r.x1 && r.block0 <= b && b < r.block1)
        counted.send({core / columns, core % columns}, places);
    }
  }
  return counted;
}

void expect_equal(const TransferCost& found, const TransferCost& counted) {
  EXPECT_EQ(found.words, counted.words);
  EXPECT_EQ(found.received, counted.received);
  EXPECT_EQ(found.sent, counted.sent);
  EXPECT_EQ(found.link, counted.link);
}

TEST(TransferCost, IsThatOfEveryWordOnItsOwn) {
  chip::ChipDescription chip;
  chip.columns = 8;
  std::mt19937 random(7);
  int compared = 0;
  for (int trial = 0; trial < 150; ++trial) {
    const int window = trial % 3 == 0 ? 3 : 1, stride = trial % 4 == 1 ? 2 : 1, rows = 1 << trial % 3;
    chip.rows = 4;
    LayerGraphBuilder build;
    std::int32_t x = build.input(64, 12, 10, 4);
    x = build.square("first", x, 256, 1, 1, 4);
    x = build.square("second", x, 192, window, stride, 4);
    const auto& graph = build.graph;
    const auto sources = candidates(graph.layers[0], graph.tensors[1], chip, static_cast<std::uint32_t>(rows));
    const auto targets = candidates(graph.layers[1], graph.tensors[2], chip, static_cast<std::uint32_t>(rows));
    const Mapping& source = sources[random() % sources.size()];
    const Mapping& target = targets[random() % targets.size()];
    const TransferCost found = transfer_cost(graph.layers[1], graph.tensors[2], target, 0, 1, graph.tensors[1], source,
                                             chip, static_cast<std::uint32_t>(rows));
    if (found.in_place || found.at_home) continue;
    ++compared;
    expect_equal(found, count(graph, target, 0, &source, chip, rows).cost());
    if (HasFailure()) {
      ADD_FAILURE() << "trial " << trial;
      break;
    }
  }
  EXPECT_GT(compared, 40);
}

TEST(TransferCost, OfTheFrameFromTheEdges) {
  chip::ChipDescription chip;
  chip.columns = 8;
  LayerGraphBuilder build;
  build.input(32, 21, 12, 8);
  build.convolution("conv1", 0, {.channels = 64, .window_height = 7, .stride_y = 2, .phases = 2});
  const auto& graph = build.graph;
  for (const int rows : {1, 4})
    for (const Mapping& mapping : candidates(graph.layers[0], graph.tensors[1], chip, static_cast<std::uint32_t>(rows)))
      for (const int part : {0, 4, 6})
        expect_equal(frame_transfer_cost(graph.layers[0], graph.tensors[1], mapping, 0, 0, graph.tensors[0], false,
                                         static_cast<std::uint32_t>(part), chip, static_cast<std::uint32_t>(rows)),
                     count(graph, mapping, 0, nullptr, chip, rows, part).cost());
}

TEST(TransferCost, SameTilesStayInPlace) {
  const chip::ChipDescription chip;
  LayerGraphBuilder build;
  build.input(64, 28, 28, 4);
  build.square("first", 0, 128, 1, 1, 4);
  build.square("second", 1, 64, 1, 1, 4, 0);
  build.square("third", 1, 64, 3, 1, 4);
  Mapping m;
  m.column_y_parts = m.x_parts = 4;
  m.tile_height = m.tile_width = 7;
  Mapping source = m;
  source.tile_blocks = 2;
  const auto& g = build.graph;
  EXPECT_TRUE(transfer_cost(g.layers[1], g.tensors[2], m, 0, 1, g.tensors[1], source, chip, 1).in_place);
  EXPECT_TRUE(transfer_cost(g.layers[1], g.tensors[2], m, 1, 0, g.tensors[0], m, chip, 1).in_place);
  // Only the halo travels: inside, 9 x 9 positions less the core's own 7 x 7, of two words.
  const TransferCost halo = transfer_cost(g.layers[2], g.tensors[3], m, 0, 1, g.tensors[1], source, chip, 1);
  EXPECT_FALSE(halo.in_place);
  EXPECT_TRUE(halo.at_home);
  EXPECT_EQ(halo.received, (9U * 9 - 7 * 7) * 2);
  EXPECT_LE(halo.sent, halo.received);
}

TEST(TransferCost, WordsSeenTwiceTravelOnce) {
  const chip::ChipDescription chip;
  LayerGraphBuilder build;
  build.input(32, 4, 4, 8);
  build.square("first", 0, 32, 1, 1, 8);
  build.square("second", 1, 32, 1, 1, 8);
  auto& layer = build.graph.layers[1];  // over the tensor at twice its size
  layer.inputs[0].maps[0].row = layer.inputs[0].maps[0].column = {0, 0, 1, 1, 2, 2, 3, 3};
  layer.inputs[0].height = layer.inputs[0].width = 8;
  build.graph.tensors[2].height = build.graph.tensors[2].width = 8;
  Mapping whole, halves;
  whole.tile_height = whole.tile_width = 4;
  halves.tile_height = 8;
  halves.x_parts = 2;
  halves.tile_width = 4;
  const TransferCost found = transfer_cost(layer, build.tensor(2), halves, 0, 1, build.tensor(1), whole, chip, 1);
  EXPECT_EQ(found.received, 8U);
  EXPECT_EQ(found.words, 16U);
  EXPECT_EQ(found.link, 8U);  // the eastern half's
}

}  // namespace
}  // namespace northpole::map
