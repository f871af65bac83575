// Collects a DataFlow: names values, joins equal constants, blocks and setups, and knows every value's level.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "machine/fast/data_flow.h"

namespace northpole::machine::fast {

// A word somewhere in the machine: a value, or, with the highest bit, a word of the memory image by its number.
using WordName = std::uint32_t;
inline constexpr WordName image_bit = 0x80000000u;

struct Term {
  Value activation;
  std::uint32_t block;  // 2 * block + (activation signed)
};

class DataFlowBuilder {
 public:
  explicit DataFlowBuilder(const program::Program& program);

  // Numbers of the image's words: section after section.
  const isa::Word& image_word(WordName name) const { return *image_[name & ~image_bit]; }
  // The word's value; an image word becomes a constant.
  Value value(WordName name) { return name & image_bit ? constant(name & ~image_bit) : name; }

  // The block of these 32 words; they must be of the image (throws northpole::Error).
  std::uint32_t block(const std::array<WordName, chip::block_words>& words);
  std::uint32_t setup(const VectorSetup& setup);
  const VectorSetup& setup_of(std::uint32_t number) const { return flow_->setups[number]; }

  Value linear(std::vector<Term>& terms, std::uint32_t setup, WordName second);
  Value word(const std::vector<Value>& inputs, std::uint32_t setup, WordName second);

  DataFlow& flow() { return *flow_; }
  DataFlow finish() { return std::move(*flow_); }

 private:
  Value constant(std::uint32_t image_number);
  Value new_value(std::uint32_t level);
  std::uint32_t level_of_list(std::uint32_t list);

  std::unique_ptr<DataFlow> flow_;
  std::vector<const isa::Word*> image_;
  std::vector<Value> constant_of_;                         // by image number
  std::unordered_map<std::string, Value> constants_;       // by content
  std::unordered_map<std::string, std::uint32_t> setups_;  // by content
  SequenceTable block_words_;
  std::vector<std::uint32_t> level_;            // by value
  std::vector<std::uint32_t> list_level_;       // by activation list: highest of its values
  std::vector<std::uint32_t> blocks_, values_;  // scratch
};

}  // namespace northpole::machine::fast
