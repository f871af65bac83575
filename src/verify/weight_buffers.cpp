#include "verify/weight_buffers.h"

#include <fmt/format.h>

#include <bit>

namespace northpole::verify {

static_assert(chip::block_words == 32, "a block's words are the bits of one number");

WeightBuffers::WeightBuffers(const chip::ChipDescription& chip, Reporter& reporter, Counts& counts)
    : reporter_(reporter),
      counts_(counts),
      blocks_(chip.weight_blocks),
      present_(std::size_t{chip.cores()} * blocks_),
      writers_(std::size_t{chip.cores()} * blocks_ * chip::block_words) {}

// What waits lies less than the number of slots ahead.
void WeightBuffers::make_room(std::uint64_t cycle, std::uint32_t skew) {
  std::vector<std::vector<Take>> more(std::bit_ceil(skew + std::size_t{1}));
  for (std::uint64_t ahead = cycle; ahead < cycle + takes_.size(); ++ahead)
    more[ahead % more.size()].swap(takes_[ahead % takes_.size()]);
  takes_.swap(more);
}

void WeightBuffers::take_all(std::uint64_t cycle, WordNetwork& model_network) {
  auto& takes = takes_[cycle % takes_.size()];
  for (const Take& take : takes) {
    const std::uint32_t core = take.actor.place;
    if (!model_network.take(cycle, core, take.lane)) {
      reporter_.report(FaultKind::missing_word, cycle, take.actor, fmt::format("model network lane {}", take.lane),
                       "no word is delivered in this cycle");
    }
    std::uint32_t& present = present_[std::size_t{core} * blocks_ + take.word / chip::block_words];
    const std::uint32_t bit = 1u << take.word % chip::block_words;
    InstructionNumber& writer = writers_[std::size_t{core} * blocks_ * chip::block_words + take.word];
    if ((present & bit) != 0) {
      reporter_.report(FaultKind::overwritten, cycle, take.actor, fmt::format("weight word {}", take.word),
                       "the weights there are still in use", writer);
    }
    present |= bit;
    writer = take.actor.instruction;
  }
  counts_.weight_words += takes.size();
  in_flight_ -= takes.size();
  takes.clear();
}

void WeightBuffers::report_left_behind(std::uint64_t end_cycle) {
  for (std::size_t index = 0; index < present_.size(); ++index) {
    if (present_[index] == 0) continue;
    const auto core = static_cast<std::uint32_t>(index / blocks_);
    const std::size_t word =
        index % blocks_ * chip::block_words + static_cast<std::size_t>(std::countr_zero(present_[index]));
    reporter_.report_state(FaultKind::left_behind, end_cycle, false, core, fmt::format("weight word {}", word),
                           "still in use at the end of the run",
                           writers_[std::size_t{core} * blocks_ * chip::block_words + word]);
    break;
  }
  for (const auto& takes : takes_) {
    for (const Take& take : takes) {
      reporter_.report_state(FaultKind::left_behind, end_cycle, false, take.actor.place,
                             fmt::format("weight word {}", take.word), "not yet taken at the end of the run",
                             take.actor.instruction);
    }
  }
}

void WeightBuffers::missing_words(std::uint64_t cycle, const Actor& actor, std::uint32_t first_word,
                                  std::uint32_t needed, std::uint32_t present) {
  const int missing = std::countr_zero(needed & ~present);
  reporter_.report(FaultKind::unwritten, cycle, actor,
                   fmt::format("weight block of words {} to {}", first_word, first_word + std::popcount(needed) - 1),
                   fmt::format("{} of its {} words are there, word {} is not", std::popcount(needed & present),
                               std::popcount(needed),
                               first_word / chip::block_words * chip::block_words + static_cast<unsigned>(missing)));
}

}  // namespace northpole::verify
