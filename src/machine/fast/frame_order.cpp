#include "machine/fast/frame_order.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace northpole::machine::fast {
namespace {

constexpr double cache_bytes = 512 * 1024;  // what a level may bring through the second-level cache and keep

class FrameOrder {
 public:
  explicit FrameOrder(DataFlow& flow)
      : flow_(flow), frames_(flow.frames), is_constant_(flow.values + std::size_t{1}), frame_(is_constant_.size()) {}

  void run() {
    find_constants();
    find_frames();
    measure_levels();
    const std::uint32_t alone = levels_alone();  // levels 1 .. alone
    each_operation([&](std::uint32_t& level, std::uint32_t, Value, Value output) {
      level = level <= alone ? frame_[output] * alone + level : (frames_ - 1) * alone + level;
    });
  }

 private:
  // Calls visit(level, list of inputs, second, output).
  template <typename Visit>
  void each_operation(Visit visit) {
    for (LinearOperation& o : flow_.linear) visit(o.level, o.activations, o.second, o.output);
    for (WordOperation& o : flow_.word) visit(o.level, o.inputs, o.second, o.output);
    for (ConversionOperation& o : flow_.conversions) visit(o.level, o.inputs, Value{no_value}, o.output);
  }

  Value root(Value value) {
    while (frame_[value] != value) value = frame_[value] = frame_[frame_[value]];
    return value;
  }

  // Constants, and what is made of them alone, belong to no frame: many may use it.
  void find_constants() {
    is_constant_[no_value] = true;
    for (const DataFlow::Constant& constant : flow_.constants) is_constant_[constant.value] = true;
    for (bool more = true; more;) {
      more = false;
      varying_.assign(flow_.activation_lists.size(), no_value);
      for (std::uint32_t list = 0; list < varying_.size(); ++list) {
        const auto values = flow_.activation_lists[list];
        const auto at = std::ranges::find_if(values, [&](Value value) { return !is_constant_[value]; });
        if (at != values.end()) varying_[list] = *at;
      }
      each_operation([&](std::uint32_t&, std::uint32_t list, Value second, Value output) {
        if (varying_[list] != no_value || !is_constant_[second] || is_constant_[output]) return;
        is_constant_[output] = true;
        more = true;
      });
    }
  }

  void unite(Value left, Value right) {
    left = root(left), right = root(right);
    frame_[std::max(left, right)] = std::min(left, right);
  }

  // Values that come from one another are of one frame: that of the first input word among them.
  void find_frames() {
    std::iota(frame_.begin(), frame_.end(), Value{0});
    for (std::uint32_t list = 0; list < varying_.size(); ++list) {
      for (const Value value : flow_.activation_lists[list])
        if (!is_constant_[value]) unite(value, varying_[list]);
    }
    each_operation([&](std::uint32_t&, std::uint32_t list, Value second, Value output) {
      if (varying_[list] != no_value) unite(output, varying_[list]);
      if (!is_constant_[second]) unite(output, second);
    });
    const std::uint32_t words = flow_.input_words / frames_;
    std::vector<std::uint32_t> numbers(frame_.size());
    for (Value value = 1; value < numbers.size(); ++value) {
      const Value first = root(value);
      if (first <= flow_.input_words) numbers[value] = std::min((first - 1) / words, frames_ - 1);
    }
    frame_ = std::move(numbers);
  }

  struct Level {
    double weights = 0, words = 0;  // bytes: of all frames together
  };

  void measure_levels() {
    std::vector<std::uint32_t> blocks_seen(flow_.block_lists.size()), lists_seen(flow_.activation_lists.size());
    const auto at = [&](std::uint32_t level) -> Level& {
      if (level >= levels_.size()) levels_.resize(level + std::size_t{1});
      return levels_[level];
    };
    for (const LinearOperation& o : flow_.linear) {
      if (std::exchange(blocks_seen[o.blocks], 1) == 0)
        at(o.level).weights += static_cast<double>(flow_.block_lists[o.blocks].size() * block_bytes);
    }
    std::vector<std::uint32_t> values_seen(frame_.size());
    each_operation([&](std::uint32_t& level, std::uint32_t list, Value second, Value) {
      std::size_t words = second == no_value ? 1 : 2;
      if (std::exchange(lists_seen[list], level) != level) {
        for (const Value value : flow_.activation_lists[list])
          words += std::exchange(values_seen[value], level) == level ? 0 : 1;
      }
      at(level).words += static_cast<double>(words * chip::word_bytes);
    });
  }

  // How many levels each frame goes through alone, so that the fewest bytes a frame come from beyond the cache.
  std::uint32_t levels_alone() const {
    double together = 0;
    const double frames = frames_;
    for (const Level& level : levels_) together += level.weights / frames + level.words / frames;
    double least = std::numeric_limits<double>::max(), bytes = together;
    std::uint32_t best = 0;
    for (std::uint32_t level = 0; level < levels_.size(); ++level) {
      const Level& own = levels_[level];
      bytes += own.weights + std::max(0.0, own.words / frames - cache_bytes) - (own.weights + own.words) / frames;
      if (bytes < least) {
        least = bytes;
        best = level;
      }
    }
    return best;
  }

  DataFlow& flow_;
  std::uint32_t frames_;
  std::vector<bool> is_constant_;
  std::vector<Value> varying_;  // by list: its first value that is no constant
  std::vector<Value> frame_;    // by value: an earlier one of its frame; at last the frame's number
  std::vector<Level> levels_;
};

}  // namespace

void order_frames(DataFlow& flow) {
  if (flow.frames > 1 && flow.input_words >= flow.frames) FrameOrder(flow).run();
}

}  // namespace northpole::machine::fast
