#include "schedule/program_cuts.h"

#include <fmt/format.h>

#include <algorithm>

#include "network/error.h"
#include "schedule/program_streams.h"
#include "schedule/run_programs.h"

namespace northpole::schedule {

namespace {

enum class Outcome { made, no_room_to_load, too_long };

class Cutter {
 public:
  Cutter(const RunThreads& threads, std::vector<std::uint64_t> stored, const chip::ChipDescription& chip)
      : threads_(threads), chip_(chip), stored_(std::move(stored)) {
    // Until it is made, a boot program may be as long as can be.
    boot_.own_words.assign(chip.cores(), chip.program_words);
    boot_.parameters.assign(chip.cores(), 0);
    boot_.set_words.assign(threads.sets().size(), 0);
  }

  std::vector<Segment> run() {
    for (std::size_t variant = 0; made_.empty() || made_.back().segment.cut != 0;) {
      const Outcome outcome = make_from(variant);
      variant = 0;
      if (outcome == Outcome::made) {
        if (made_.size() > failure_.segments) failure_ = {};
      } else {
        note(outcome);
        variant = take_back() + 1;
      }
    }
    made_.back().segment.keepers = std::move(boot_keepers_);
    std::vector<Segment> result;
    for (std::size_t i = made_.size(); i-- > 0;) result.push_back(std::move(made_[i].segment));
    return result;
  }

 private:
  struct Made {
    Segment segment;
    ProgramSizes sizes;
    std::size_t variant = 0;
    std::vector<std::uint64_t> kept;  // words that it made each core store: those of the next segment
  };
  // Where and how no segment could be put before `segments` others, at the first attempt.
  struct Failure {
    std::size_t segments = ~std::size_t{0};
    std::uint64_t cut = 0;
    std::uint32_t lacking = 0;
    std::size_t taken_back = 0;  // segments, since then
  };
  static constexpr std::uint64_t shortest_pause = 2 * loading_gap;
  // Shares of the room that a segment is planned to fill.
  static constexpr std::array<double, 7> shares = {1, 0.9, 0.8, 0.65, 0.5, 0.35, 0.2};

  const Segment* next() const { return made_.empty() ? nullptr : &made_.back().segment; }
  const ProgramSizes& next_sizes() const { return made_.empty() ? boot_ : made_.back().sizes; }
  std::uint64_t until() const { return made_.empty() ? threads_.end() : made_.back().segment.cut; }
  // The last segment may begin when all is over.
  std::size_t variants() const { return shares.size() + 1 + (made_.empty() ? 4 : 0); }

  // Where a segment may begin: variant 0 is the longest one, 1 begins at the end of a pause, then ever shorter ones.
  std::uint64_t cut_for(std::size_t variant, std::size_t limit) const {
    if (variant > shares.size())
      return until() +
             (std::uint64_t{chip_.program_words} * chip_.word_link_cycles / 4 << (variant - shares.size() - 1));
    const std::size_t share = variant == 0 ? 0 : variant - 1;
    const auto words = static_cast<std::size_t>(static_cast<double>(limit) * shares[share]);
    std::uint64_t cut = threads_.first_cut(until(), words);
    if (cut == 0) {
      if (made_.size() % 2 == 1) return 0;  // the boot programs
      // One more is needed before: this one takes a part of what is left.
      static constexpr std::array<unsigned, shares.size() + 1> sixteenths = {8, 7, 9, 6, 10, 4, 12, 14};
      return std::max<std::uint64_t>(1, until() * sixteenths[variant] / 16);
    }
    return variant == 1 ? threads_.end_of_pause(cut, cut + (until() - cut) / 2, shortest_pause) : cut;
  }

  // A segment before those that there are, of a variant from `variant` on.
  Outcome make_from(std::size_t variant) {
    Outcome outcome = Outcome::no_room_to_load;
    const bool rest = threads_.words(0, until()) <= chip_.program_words;
    for (; variant < variants(); ++variant) {
      outcome = make(variant);
      if (outcome == Outcome::made) return outcome;
      // A shorter segment has even less room to load what comes after it.
      if (outcome == Outcome::no_room_to_load && !rest && !made_.empty()) return outcome;
    }
    return outcome;
  }

  Outcome make(std::size_t variant) {
    constexpr int attempts = 8;
    constexpr std::size_t loading_words = 16;  // what the loading and leaving takes, about
    std::size_t limit = chip_.program_words - std::min<std::size_t>(loading_words, chip_.program_words / 2);
    // The segments that are left get even shares, so that the first ones are long enough to load in.
    const std::size_t all = threads_.words(0, until());
    const std::size_t safe = limit - limit / 5;
    std::size_t left = (all + safe - 1) / safe;
    if ((made_.size() + left) % 2 != 0) ++left;
    if (all > limit) limit = std::min(limit, all / left + all / left / 32);
    std::uint64_t before = Segment::never;
    for (int attempt = 0; attempt < attempts; ++attempt) {
      const std::uint64_t cut = cut_for(variant, limit);
      if (variant == 1 && cut != 0 && attempt == 0 && cut == cut_for(0, limit)) return Outcome::too_long;  // no pause
      if (cut == before || (cut >= until() && !made_.empty())) return Outcome::too_long;
      before = cut;
      auto segment = cut_segment(threads_, cut, next(), chip_.parameters);
      if (!segment) {
        lacking_ = chip_.program_words * chip_.word_link_cycles;
        return Outcome::no_room_to_load;
      }
      Keepers keepers;
      lacking_ = load_programs(threads_, next_sizes(), stored_, next(), *segment, keepers, chip_);
      if (lacking_ != 0) return Outcome::no_room_to_load;
      const std::size_t longest = close_segment(threads_, *segment);
      if (longest <= chip_.program_words) {
        keep(std::move(*segment), std::move(keepers), variant);
        return Outcome::made;
      }
      const std::size_t excess = longest - chip_.program_words;
      if (limit <= excess) return Outcome::too_long;
      // What is too long for boot programs becomes three segments instead.
      limit = cut == 0 ? std::min(limit - excess, all / 3 + all / 96) : limit - excess;
    }
    return Outcome::too_long;
  }

  void keep(Segment segment, Keepers keepers, std::size_t variant) {
    Made made{std::move(segment), {}, variant, std::vector<std::uint64_t>(chip_.cores(), 0)};
    made.sizes = sizes_of(threads_, made.segment, chip_);
    const ProgramSizes& loaded = next_sizes();
    for (std::size_t core = 0; core < chip_.cores(); ++core) {
      for (const Keepers::Part& part : keepers.own[core]) made.kept[part.core] += part.words;
      made.kept[core] += loaded.parameters[core];
    }
    for (std::size_t s = 0; s < keepers.set.size(); ++s) made.kept[keepers.set[s]] += loaded.set_words[s];
    (made_.empty() ? boot_keepers_ : made_.back().segment.keepers) = std::move(keepers);
    for (std::size_t core = 0; core < chip_.cores(); ++core) stored_[core] += made.kept[core];
    made_.push_back(std::move(made));
  }

  // The first failure at a place decides on the pause there.
  void note(Outcome outcome) {
    if (failure_.segments != Failure{}.segments) return;
    // What is too long gets a pause in its middle.
    const std::uint64_t cut =
        outcome == Outcome::too_long ? threads_.first_cut(until(), chip_.program_words / 2) : until();
    failure_ = {made_.size(), cut, outcome == Outcome::too_long ? 1 : lacking_, 0};
  }

  // Where no segment can be put before the last one made, that one, or one after it, gets shorter, so that there is
  // less to load and more time for it. Gives the variant that it was.
  std::size_t take_back() {
    constexpr std::size_t farthest = 4, most = 24;
    if (made_.empty() || made_.size() + farthest <= failure_.segments || failure_.taken_back == most) {
      if (failure_.cut == 0 || failure_.cut >= threads_.end())
        throw Error(fmt::format("the chip's program buffer of {} words is too small for any program of this network",
                                chip_.program_words));
      // Words are under way for some cycles; and a pause must be long enough to be taken for one.
      const std::uint64_t cycles =
          std::uint64_t{failure_.lacking} + chip_.rows + chip_.columns + chip_.word_link_cycles + 3;
      throw NeedsPause{failure_.cut, std::max(cycles, shortest_pause), ""};
    }
    ++failure_.taken_back;
    const Made taken = std::move(made_.back());
    made_.pop_back();
    for (std::size_t core = 0; core < chip_.cores(); ++core) stored_[core] -= taken.kept[core];
    return taken.variant;
  }

  const RunThreads& threads_;
  const chip::ChipDescription& chip_;
  std::vector<std::uint64_t> stored_;
  ProgramSizes boot_;
  Keepers boot_keepers_;
  std::vector<Made> made_;  // the last segment first
  Failure failure_;
  std::uint32_t lacking_ = 0;  // idle cycles, at the last attempt
};

}  // namespace

std::vector<Segment> cut_run(const RunThreads& threads, std::vector<std::uint64_t> stored,
                             const chip::ChipDescription& chip) {
  return Cutter(threads, std::move(stored), chip).run();
}

}  // namespace northpole::schedule
