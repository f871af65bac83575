#include "machine/fast/shared_rows.h"

#include <numeric>

namespace northpole::machine::fast {
namespace {

std::uint64_t scrambled(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
  value = (value ^ value >> 27) * 0x94d049bb133111ebu;
  return value ^ value >> 31;
}

}  // namespace

std::uint64_t mix_of(std::span<const std::uint32_t> values) {
  std::uint64_t mix = 0;
  for (const std::uint32_t value : values) mix += scrambled(value);
  return mix;
}

const SharedRows::Place& SharedRows::place(std::span<const std::uint32_t> rows, std::span<const std::uint32_t> signs,
                                           const std::vector<ListKey>& keys) {
  key_.assign(signs.begin(), signs.end());
  key_.insert(key_.end(), rows.begin(), rows.end());
  const std::uint32_t number = seen_.number(key_);
  if (number < places_.size()) return places_[number];
  Place& place = places_.emplace_back();
  std::uint64_t mix = rows.size();
  for (const std::uint32_t row : rows) mix = scrambled(mix ^ keys[row].mix);
  const auto [first, last] = by_rows_.equal_range(mix);
  for (auto at = first; at != last; ++at) {
    if (!in_line(products_[at->second], rows, signs, place.order)) continue;
    place.product = at->second;
    return place;
  }
  place.product = static_cast<std::uint32_t>(products_.size());
  products_.push_back({{rows.begin(), rows.end()}, {signs.begin(), signs.end()}});
  by_rows_.emplace(mix, place.product);
  return place;
}

// Terms that have the same words in every row, and the same sign, are the same.
bool SharedRows::in_line(const Product& product, std::span<const std::uint32_t> rows,
                         std::span<const std::uint32_t> signs, std::vector<std::uint32_t>& order) const {
  if (product.rows.size() != rows.size() || product.signs.size() != signs.size()) return false;
  const auto columns = [&](std::span<const std::uint32_t> lists, std::span<const std::uint32_t> sign) {
    std::vector<std::uint64_t> mixes(sign.begin(), sign.end());
    for (const std::uint32_t list : lists) {
      for (std::size_t term = 0; term < mixes.size(); ++term) mixes[term] = scrambled(mixes[term] ^ lists_[list][term]);
    }
    return mixes;
  };
  std::unordered_multimap<std::uint64_t, std::uint32_t> terms;
  const auto own = columns(rows, signs), wanted = columns(product.rows, product.signs);
  for (std::uint32_t term = 0; term < own.size(); ++term) terms.emplace(own[term], term);
  std::vector<std::uint32_t> result;
  for (std::size_t term = 0; term < wanted.size(); ++term) {
    const auto found = terms.find(wanted[term]);
    if (found == terms.end() || signs[found->second] != product.signs[term]) return false;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (lists_[rows[row]][found->second] != lists_[product.rows[row]][term]) return false;
    }
    result.push_back(found->second);
    terms.erase(found);
  }
  order = std::move(result);
  return true;
}

}  // namespace northpole::machine::fast
