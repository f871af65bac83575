#include "support/furnished_builder.h"

namespace northpole::tests {
namespace {

using isa::VectorFunction;
using isa::VectorOperation;
using isa::VectorSecond;
using isa::VectorSource;

std::vector<isa::Word> constant_words() {
  std::vector<isa::Word> words;
  const auto add = [&](VectorFunction function) {
    function.middle_lowest = function.output_lowest = -128;
    function.middle_highest = function.output_highest = 127;
    const auto two = encode(function);
    words.insert(words.end(), two.begin(), two.end());
  };
  add({});
  VectorFunction memory;
  memory.source = VectorSource::memory;
  add(memory);
  VectorFunction sum = memory;
  sum.operation = VectorOperation::add;
  sum.second = VectorSecond::memory;
  add(sum);
  VectorFunction maximum = memory;
  maximum.reduction = isa::VectorReduction::maximum;
  add(maximum);
  VectorFunction constant = sum;
  constant.second = VectorSecond::constant;
  add(constant);
  words.resize(32);  // zeros: bias 0, scale 0
  return words;
}

}  // namespace

FurnishedBuilder::FurnishedBuilder(const chip::ChipDescription& chip) : ProgramBuilder(chip), columns_(chip.columns) {
  for (std::uint32_t core = 0; core < chip.cores(); ++core) {
    for (std::uint16_t index = 0; index < 4; ++index) {
      image(core, static_cast<std::uint16_t>(bank * index), image_tensor, 32);
    }
    image(core, constants_at, image_tensor, constant_words());
  }
}

void FurnishedBuilder::load_constants(std::uint64_t start, std::uint32_t core) {
  at(start, core, repeat(32, 1, {1, 0, 1, 0}, constants({constants_at}, 0)));
}

void FurnishedBuilder::load_weights(std::uint64_t start, std::uint32_t core, std::uint16_t block) {
  at(start, core, repeat(8, 1, {1, 0, 0, 0}, send_weights({weights}, {0, 4}, column_mask(core), row_mask(core))));
  at(start + 1, core, repeat(8, 1, {0, 4, 0, 0}, receive_weights(static_cast<std::uint16_t>(32 * block), {0, 4})));
}

}  // namespace northpole::tests
