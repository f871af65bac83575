#include "machine/fast/data_flow_builder.h"

#include <algorithm>
#include <cstring>

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
  flow_->input_words = static_cast<std::uint32_t>(frame_words(program.input));
  flow_->values = flow_->input_words;
  level_.assign(flow_->input_words + 1, 0);
}

Value DataFlowBuilder::new_value(std::uint32_t level) {
  level_.push_back(level);
  return ++flow_->values;
}

Value DataFlowBuilder::constant(std::uint32_t image_number) {
  Value& value = constant_of_[image_number];
  if (value != no_value) return value;
  const isa::Word& word = *image_[image_number];
  Value& same = constants_[std::string(word.begin(), word.end())];
  if (same == no_value) {
    same = new_value(0);
    flow_->constants.push_back({same, word});
  }
  return value = same;
}

std::uint32_t DataFlowBuilder::block(const std::array<WordName, chip::block_words>& words) {
  const std::uint32_t number = block_words_.number(words);
  if (number < flow_->blocks.size()) return number;
  auto& block = flow_->blocks.emplace_back();
  for (std::size_t l = 0; l < words.size(); ++l) {
    if (!(words[l] & image_bit)) {
      throw Error("the program multiplies with weights that it computes itself: only the step engine does that");
    }
    std::memcpy(block.data() + l * chip::word_bytes, image_word(words[l]).data(), chip::word_bytes);
  }
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
  if (list == list_level_.size()) {
    std::uint32_t highest = 0;
    for (const Value value : flow_->activation_lists[list]) highest = std::max(highest, level_[value]);
    list_level_.push_back(highest);
  }
  return list_level_[list];
}

Value DataFlowBuilder::linear(std::vector<Term>& terms, std::uint32_t setup, WordName second_name) {
  blocks_.resize(terms.size());
  values_.resize(terms.size());
  for (std::size_t i = 0; i < terms.size(); ++i) {
    blocks_[i] = terms[i].block;
    values_[i] = terms[i].activation;
  }
  LinearOperation operation;
  operation.blocks = flow_->block_lists.number(blocks_);
  operation.activations = flow_->activation_lists.number(values_);
  operation.setup = setup;
  operation.second = value(second_name);
  operation.level = 1 + std::max(level_of_list(operation.activations), level_[operation.second]);
  operation.output = new_value(operation.level);
  flow_->linear.push_back(operation);
  return operation.output;
}

Value DataFlowBuilder::word(const std::vector<Value>& inputs, std::uint32_t setup, WordName second_name) {
  WordOperation operation;
  operation.inputs = flow_->activation_lists.number(inputs);
  operation.setup = setup;
  operation.second = value(second_name);
  operation.level = 1 + std::max(level_of_list(operation.inputs), level_[operation.second]);
  operation.output = new_value(operation.level);
  flow_->word.push_back(operation);
  return operation.output;
}

}  // namespace northpole::machine::fast
