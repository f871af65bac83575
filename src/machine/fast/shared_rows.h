// Which columns have the same rows, so that they can share the panels of a product. The order of a column's terms does
// not matter: where cores of one column took them in another order than cores of another, they are put in line.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "machine/fast/sequence_table.h"

namespace northpole::machine::fast {

// By which rows are ordered, whatever the order of their terms.
struct ListKey {
  std::uint32_t place;  // the highest place of its words
  std::uint64_t mix;    // of its words' names, in any order
};
std::uint64_t mix_of(std::span<const std::uint32_t> values);

class SharedRows {
 public:
  explicit SharedRows(const SequenceTable& lists) : lists_(lists) {}

  struct Place {
    std::uint32_t product = 0;         // 0, 1, ... in the order of their first columns
    std::vector<std::uint32_t> order;  // the column's terms in the order of the product's; empty: as they are
  };
  // rows: activation lists of the column's rows in the order of their keys (keys: by list); signs: of each term.
  const Place& place(std::span<const std::uint32_t> rows, std::span<const std::uint32_t> signs,
                     const std::vector<ListKey>& keys);

 private:
  struct Product {
    std::vector<std::uint32_t> rows, signs;
  };
  bool in_line(const Product& product, std::span<const std::uint32_t> rows, std::span<const std::uint32_t> signs,
               std::vector<std::uint32_t>& order) const;

  const SequenceTable& lists_;
  SequenceTable seen_;         // signs and rows as they came
  std::vector<Place> places_;  // by number of `seen_`
  std::vector<Product> products_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> by_rows_;
  std::vector<std::uint32_t> key_;
};

}  // namespace northpole::machine::fast
