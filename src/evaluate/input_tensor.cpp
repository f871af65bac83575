#include "evaluate/input_tensor.h"

#include "evaluate/chip_engine.h"

namespace northpole::evaluate {

network::Tensor input_tensor(const data::PictureTransform& transform, const data::Picture& picture,
                             const network::Port& input) {
  network::Tensor real = transform.input(picture, input.shape);
  if (!network::is_quantized_type(input.type)) return real;
  program::FrameLayout numbers;
  numbers.is_signed = network::lowest_code(input.type) < 0;
  numbers.bits = static_cast<std::uint8_t>(network::element_bits(input.type));
  network::Tensor codes = network::Tensor::zeros(input.type, input.shape);
  codes.bytes = quantized_input(numbers, {real.data<float>(), real.data<float>() + real.size()});
  return codes;
}

}  // namespace northpole::evaluate
