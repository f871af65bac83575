// Room for holdings in the data banks.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lower/layer.h"
#include "map/cost.h"
#include "schedule/buffers.h"
#include "schedule/holding.h"

namespace northpole::schedule {

class HoldingRoom {
 public:
  using Banks = std::vector<std::uint32_t>;  // in order of preference

  // `limit`: words of each bank that holdings may use, from its bottom.
  HoldingRoom(const chip::ChipDescription& chip, std::vector<std::uint32_t> limit)
      : bank_words_(chip.bank_words), buffers_(chip, std::move(limit)) {}

  // One buffer for the holding's regions. `wanted`, `price`, `layer`: see Buffers::take().
  void take(Holding& holding, const Banks& banks, Cycle wanted, Cycle price, const std::string& layer);
  // A buffer for each of the holding's segments, of which the first and late are known: those that are filled early in
  // one of `early`; the others in one of late(bank of the first).
  void take_halves(Holding& holding, const Banks& early, const std::function<Banks(std::uint32_t)>& late, Cycle wanted,
                   Cycle price, const std::string& layer);
  // For a packed input of the network, which arrives for a long time: cut into pieces, each in another bank than those
  // before it, so that no piece is received where the VMM reads. The first two are what the upper half of the taps and
  // then the lower one need for the first pixel tile; each further one is as much as arrives while the VMM has products
  // that do without it. `own_rows`: rows that come one after the other; those below come with the first rows of the
  // cores that make outputs of them.
  void take_arriving(Holding& holding, const lower::Layer& layer, const map::PixelTiles& tiles, const map::Cost& cost,
                     std::uint32_t own_rows, Banks banks, Cycle price);
  void give_back(Holding& holding);

 private:
  std::uint32_t bank_words_;
  Buffers buffers_;
};

}  // namespace northpole::schedule
