// A data flow as work for the host: operations with the same weights become rows of one matrix product, products of the
// same activation words share their panels, and every value has its slot in the arena while it is needed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "machine/fast/data_flow.h"
#include "machine/fast/kernel.h"
#include "machine/fast/slot_regions.h"

namespace northpole::machine::fast {

// 32 output channels (a list of weight blocks) for all rows of a product.
struct ProductColumn {
  std::vector<std::uint32_t> blocks;              // of each term, index into Plan::block_order
  std::array<std::int32_t, chip::lanes> start{};  // of every sum
  std::uint32_t setup = 0;
  Slot output = 0;            // of row 0; the others follow
  std::vector<Slot> seconds;  // of each row, or none
};

// rows x terms activation words times columns of terms blocks.
struct Product {
  std::uint32_t rows = 0, terms = 0;
  struct Tile {
    std::uint32_t first_row, rows;
  };
  std::vector<Tile> tiles;
  std::vector<Slot> activations;        // tile after tile, term after term, the tile's rows
  std::vector<std::uint8_t> is_signed;  // of each term's activation words
  std::vector<ProductColumn> columns;
};

// Word operations of one setup and number of inputs.
struct WordWork {
  std::uint32_t rows = 0, inputs = 0;
  std::uint32_t setup = 0;
  std::vector<Slot> sources;  // row after row
  std::vector<Slot> seconds;
  Slot output = 0;
};

// Conversions of one kind.
struct ConversionWork {
  std::uint32_t rows = 0;
  Conversion conversion;
  std::vector<Slot> sources;  // row after row
  Slot output = 0;
};

enum class StepKind : std::uint8_t { product, words, conversions };

struct Plan {
  struct Step {  // in an order in which everything is made before it is used
    StepKind kind;
    std::uint32_t index;
    std::uint32_t level;  // steps of one level do not need each other
  };
  std::vector<Step> steps;
  std::vector<Product> products;
  std::vector<WordWork> words;
  std::vector<ConversionWork> conversions;
  std::vector<PreparedSetup> setups;
  std::vector<std::array<std::uint8_t, block_bytes>> blocks;  // lane after lane
  std::vector<std::uint32_t> block_order;                     // those that are used, in the order of their first use
  std::uint32_t slots = 0;
  std::uint32_t input_words = 0;  // in slots 0 ..
  struct Constant {
    Slot slot;
    isa::Word word;
  };
  std::vector<Constant> constants;

  std::vector<std::vector<Slot>> outputs;
  struct Location {
    struct Codes {
      Slot slot;
      std::uint32_t level;  // 32 codes are there after the steps of this level, perhaps not after later ones
    };
    std::size_t location;
    std::vector<Codes> words;  // in the order of location_words.h
    std::string problem;
  };
  std::vector<Location> locations;
  RunResult result;
};

// `tile_rows`: the most that a tile may have.
Plan make_plan(DataFlow flow, chip::VectorPrecision precision, std::uint32_t tile_rows);

}  // namespace northpole::machine::fast
