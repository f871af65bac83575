#include "machine/fast/data_flow_builder.h"

#include <algorithm>

#include "machine/frame.h"
#include "network/error.h"

namespace northpole::machine::fast {

DataFlowBuilder::DataFlowBuilder(const program::Program& program) : flow_(std::make_unique<DataFlow>()) {
  std::size_t words = 0;
  for (const program::ImageSection& section : program.image) words += section.words.size();
  image_.reserve(words);
  for (const program::ImageSection& section : program.image) {
    for (const isa::Word& word : section.words) image_.push_back(&word);
  }
  constant_of_.resize(words);
  flow_->input_words = static_cast<std::uint32_t>(machine::frame_words(program.input));
  flow_->frames = program.frames;
  flow_->values = flow_->input_words;
  level_.assign(flow_->input_words + 1, 0);
}

Value DataFlowBuilder::new_value(std::uint32_t level) {
  level_.push_back(level);
  return ++flow_->values;
}

Value DataFlowBuilder::constant(const isa::Word& word) {
  Value& same = constants_[std::string(word.begin(), word.end())];
  if (same == no_value) {
    same = new_value(0);
    flow_->constants.push_back({same, word});
  }
  return same;
}

Value DataFlowBuilder::packed(WordName name) {
  if (name & image_bit) {
    Value& value = constant_of_[name & ~image_bit];
    if (value == no_value) value = constant(image_word(name));
    return value;
  }
  NarrowWord& word = narrow_[name & ~narrow_bit];
  if (word.packed != no_value) return word.packed;
  Conversion conversion{Conversion::Kind::pack, false, 0, 0, {}};
  std::array<Value, word_quarters> codes;
  for (std::uint32_t quarter = 0; quarter < word_quarters; ++quarter) {
    conversion.quarter_bits[quarter] = word.quarters[quarter].bits;
    codes[quarter] = word.quarters[quarter].codes;
  }
  return word.packed = convert(conversion, codes);
}

Value DataFlowBuilder::converted(WordName name, std::uint32_t bits, std::uint32_t part, bool is_signed) {
  Conversion conversion{
      Conversion::Kind::unpack, is_signed, static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(part), {}};
  if (name & narrow_bit) {
    const NarrowCodes& there = narrow_[name & ~narrow_bit].quarters[part * bits / 2];
    if (there.bits == bits) {
      name = there.codes;
      conversion.kind = Conversion::Kind::extend;
      conversion.part = 0;
    } else {
      name = packed(name);  // written with elements of another width
    }
  }
  Value& value = conversions_[std::uint64_t{name} << 32 | conversion.number()];
  if (value == no_value) {
    if (name & image_bit) {
      isa::Word codes;
      unpack_elements(image_word(name).data() + std::size_t{4} * bits * part, bits, is_signed, codes.size(),
                      codes.data());
      value = constant(codes);
    } else {
      value = convert(conversion, {&name, 1});
    }
  }
  return value;
}

Value DataFlowBuilder::convert(const Conversion& conversion, std::span<const Value> inputs) {
  ConversionOperation operation;
  operation.conversion = conversion;
  operation.inputs = flow_->activation_lists.number(inputs);
  operation.level = 1 + level_of_list(operation.inputs);
  operation.output = new_value(operation.level);
  flow_->conversions.push_back(operation);
  return operation.output;
}

WordName DataFlowBuilder::write_part(WordName before, bool first, std::uint32_t part, bool rest,
                                     const NarrowCodes& codes) {
  if (first) {
    before = narrow_bit | static_cast<WordName>(narrow_.size());
    narrow_.emplace_back();
  }
  // Nobody has read the word yet, as not all of it is there, so no other place has its name.
  narrow_[before & ~narrow_bit].write(part, codes);
  if (rest) {
    const NarrowCodes zeros{constant({}), codes.bits, unsigned_codes | signed_codes};
    for (std::uint32_t other = part + 1; other < 8u / codes.bits; ++other)
      narrow_[before & ~narrow_bit].write(other, zeros);
  }
  return before;
}

std::uint32_t DataFlowBuilder::block(std::span<const WordName> words, std::uint32_t activation_bits,
                                     std::uint32_t weight_bits) {
  key_.assign(words.begin(), words.end());
  key_.push_back(activation_bits << 8 | weight_bits);
  const std::uint32_t number = block_words_.number(key_);
  if (number < weight_parts_.size()) return number;
  std::vector<isa::Word> content;
  for (const WordName word : words) {
    if (!(word & image_bit)) {
      throw Error("the program multiplies with weights that it computes itself: only the step engine does that");
    }
    content.push_back(image_word(word));
  }
  weight_parts_.push_back(block_table_.parts(content, activation_bits, weight_bits, flow_->blocks));
  return number;
}

std::uint32_t DataFlowBuilder::setup(const VectorSetup& setup) {
  std::string key;
  for (const isa::Word& word : isa::encode(setup.function)) key.append(word.begin(), word.end());
  const auto append = [&](const auto& values) {
    key.append(reinterpret_cast<const char*>(values.data()), sizeof values);
  };
  append(setup.bias);
  append(setup.scale);
  append(setup.constant);
  const auto [at, is_new] = setups_.try_emplace(std::move(key), static_cast<std::uint32_t>(flow_->setups.size()));
  if (is_new) flow_->setups.push_back(setup);
  return at->second;
}

std::uint32_t DataFlowBuilder::level_of_list(std::uint32_t list) {
  while (list_level_.size() <= list) {
    std::uint32_t highest = 0;
    for (const Value value : flow_->activation_lists[static_cast<std::uint32_t>(list_level_.size())])
      highest = std::max(highest, level_[value]);
    list_level_.push_back(highest);
  }
  return list_level_[list];
}

Value DataFlowBuilder::linear(TermList& sum, std::uint32_t setup, Value second) {
  terms_.take(sum, blocks_, values_);
  LinearOperation operation;
  operation.blocks = orders_.ordered(blocks_, values_, flow_->block_lists);
  operation.activations = flow_->activation_lists.number(values_);
  operation.setup = setup;
  operation.second = second;
  operation.level = 1 + std::max(level_of_list(operation.activations), level_[second]);
  operation.output = new_value(operation.level);
  flow_->linear.push_back(operation);
  return operation.output;
}

Value DataFlowBuilder::word(const std::vector<Value>& inputs, std::uint32_t setup, Value second) {
  WordOperation operation;
  operation.inputs = flow_->activation_lists.number(inputs);
  operation.setup = setup;
  operation.second = second;
  operation.level = 1 + std::max(level_of_list(operation.inputs), level_[second]);
  operation.output = new_value(operation.level);
  flow_->word.push_back(operation);
  return operation.output;
}

}  // namespace northpole::machine::fast
