// Words over every link of a group's activation network, by X-then-Y multicast.
#pragma once

#include <cstdint>
#include <vector>

namespace northpole::map {

class LinkLoads {
 public:
  LinkLoads(std::int32_t rows, std::int32_t columns);

  // `words` words from (row, column) to every core of the rows first_row .. last_row whose column is in the mask; rows
  // in between that do not take them are passed through all the same. Column -1 is the edge unit of the row.
  void send(std::int32_t row, std::int32_t column, std::int32_t first_row, std::int32_t last_row, std::uint32_t columns,
            std::uint64_t words);

  std::uint64_t busiest_link() const;
  std::uint64_t busiest_sender() const;
  std::uint64_t words() const { return words_; }

 private:
  std::size_t horizontal(std::int32_t row, std::int32_t column) const;
  std::size_t vertical(std::int32_t row, std::int32_t column) const;

  std::int32_t rows_, columns_;
  std::uint64_t words_ = 0;
  // Changes of the load from one link to the next, along a row (from column -1 on) or down a column.
  std::vector<std::int64_t> east_, west_, south_, north_;
  std::vector<std::uint64_t> sent_;
};

}  // namespace northpole::map
