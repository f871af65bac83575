#include "machine/step/weight_buffers.h"

#include "machine/unpack.h"

namespace northpole::machine::step {
namespace {

constexpr std::uint32_t lanes = chip::lanes, inputs = chip::word_bytes;  // of a block of bytes

}  // namespace

const WeightBlock* WeightBuffers::blocks(const NarrowBlock& narrow, const BlockKernel& kernel) {
  const std::size_t index = narrow.index;
  if (prepared_[index]) {
    // The same words were a block of bytes before.
    kernel.restore(blocks_[index]);
    prepared_[index] = 0;
  }
  const auto bits = static_cast<std::uint16_t>(narrow.activation_bits << 8 | narrow.weight_bits);
  if (unpacked_bits_[index] != bits) {
    unpacked_bits_[index] = bits;
    unpacked_there_[index] = 0;
  }
  const std::uint32_t count = 8u / narrow.activation_bits;
  WeightBlock* unpacked = &unpacked_[index * unpacked_blocks + narrow.first / narrow.words * count];
  if ((narrow.mask() & ~unpacked_there_[index]) == 0) return unpacked;
  std::uint8_t weights[lanes * inputs * unpacked_blocks];
  unpack_codes(reinterpret_cast<const std::uint8_t*>(blocks_[index].weights) + narrow.first * chip::word_bytes,
               narrow.weight_bits, true, lanes * inputs * count, weights);
  for (std::uint32_t part = 0; part < count; ++part) {
    for (std::uint32_t lane = 0; lane < lanes; ++lane)
      std::memcpy(unpacked[part].weights + lane * inputs, weights + (lane * count + part) * inputs, inputs);
    kernel.prepare(unpacked[part]);
  }
  unpacked_there_[index] |= narrow.mask();
  return unpacked;
}

}  // namespace northpole::machine::step
