// Collects a DataFlow: names values, joins equal constants, blocks and setups, and knows every value's level.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>

#include "machine/fast/block_table.h"
#include "machine/fast/data_flow.h"
#include "machine/fast/narrow_words.h"
#include "machine/fast/term_lists.h"
#include "machine/fast/term_orders.h"

namespace northpole::machine::fast {

// A word somewhere in the machine: a value, or, with the highest bit, a word of the memory image by its number, or,
// with the next one, a word that was written in parts.
using WordName = std::uint32_t;
inline constexpr WordName image_bit = 0x80000000u, narrow_bit = 0x40000000u;

class DataFlowBuilder {
 public:
  explicit DataFlowBuilder(const program::Program& program);

  // Numbers of the image's words: section after section.
  const isa::Word& image_word(WordName name) const { return *image_[name & ~image_bit]; }
  // The word's value; an image word becomes a constant.
  Value value(WordName name) { return name & (image_bit | narrow_bit) ? packed(name) : name; }
  // 32 codes of the word, part `part` of its elements: a byte each, signed or unsigned numbers.
  Value codes(WordName name, std::uint32_t bits, std::uint32_t part, bool is_signed) {
    if (bits == 8) return value(name);
    if (name & narrow_bit) {
      const NarrowCodes& there = narrow_[name & ~narrow_bit].quarters[part * bits / 2];
      if (there.bits == bits && (there.forms & form_of(is_signed))) return there.codes;
    }
    return converted(name, bits, part, is_signed);
  }

  // A vector event has written a part of a word, which was `before`; `rest`: zeros in the parts behind it. The new
  // word.
  WordName write_part(WordName before, bool first, std::uint32_t part, bool rest, const NarrowCodes& codes);
  // Whether all parts of the word are written.
  bool complete(WordName name) const {
    return (name & image_bit) || !(name & narrow_bit) || narrow_[name & ~narrow_bit].complete();
  }

  // The block of these words; they must be of the image (throws northpole::Error). A number for `weights`.
  std::uint32_t block(std::span<const WordName> words, std::uint32_t activation_bits, std::uint32_t weight_bits);
  const WeightParts& weights(std::uint32_t block) const { return weight_parts_[block]; }
  std::uint32_t setup(const VectorSetup& setup);

  // Partial sums under way.
  TermLists& terms() { return terms_; }
  // Ends the sum: its list is empty then.
  Value linear(TermList& sum, std::uint32_t setup, Value second);
  Value word(const std::vector<Value>& inputs, std::uint32_t setup, Value second);

  DataFlow& flow() { return *flow_; }
  DataFlow finish() { return std::move(*flow_); }

 private:
  Value packed(WordName name);
  Value converted(WordName name, std::uint32_t bits, std::uint32_t part, bool is_signed);
  Value convert(const Conversion& conversion, std::span<const Value> inputs);
  Value constant(const isa::Word& word);
  Value new_value(std::uint32_t level);
  std::uint32_t level_of_list(std::uint32_t list);

  std::unique_ptr<DataFlow> flow_;
  std::vector<const isa::Word*> image_;
  std::vector<Value> constant_of_;                         // by image number
  std::unordered_map<std::string, Value> constants_;       // by content
  std::unordered_map<std::string, std::uint32_t> setups_;  // by content
  std::unordered_map<std::uint64_t, Value> conversions_;   // by word name (or value) and conversion
  std::vector<NarrowWord> narrow_;
  SequenceTable block_words_;  // and widths
  std::vector<WeightParts> weight_parts_;
  BlockTable block_table_;
  TermLists terms_;
  TermOrders orders_;
  std::vector<std::uint32_t> level_;                  // by value
  std::vector<std::uint32_t> list_level_;             // by activation list: highest of its values
  std::vector<std::uint32_t> blocks_, values_, key_;  // scratch
};

}  // namespace northpole::machine::fast
