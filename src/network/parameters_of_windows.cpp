#include "network/parameters.h"

namespace northpole::network {
namespace {

constexpr std::int64_t largest = std::int64_t{1} << 31;  // keeps every product below from overflowing

Integers list_of(const NodeView& view, const char* attribute, std::size_t length, std::int64_t lowest,
                 std::int64_t otherwise) {
  Integers values = view.node.integers(attribute, Integers(length, otherwise));
  if (values.size() != length)
    view.fail(std::string(attribute) + " has " + std::to_string(values.size()) + " entries, " + std::to_string(length) +
              " are needed");
  for (const std::int64_t value : values)
    if (value < lowest || value > largest) view.fail(std::string(attribute) + " holds " + std::to_string(value));
  return values;
}

}  // namespace

Window window_of(const NodeView& view, const Shape& input, const Shape& default_kernel) {
  if (input.size() < 3) view.fail("its input of shape " + to_string(input) + " has no spatial axes");
  const std::size_t axes = input.size() - 2;
  Window window;
  window.kernel = view.node.has("kernel_shape") ? list_of(view, "kernel_shape", axes, 1, 1) : default_kernel;
  if (window.kernel.size() != axes) view.fail("it has no kernel_shape");
  window.strides = list_of(view, "strides", axes, 1, 1);
  window.dilations = list_of(view, "dilations", axes, 1, 1);
  window.pads = list_of(view, "pads", 2 * axes, 0, 0);
  window.output.resize(axes);
  window.overhang.assign(axes, 0);
  const std::string automatic = view.node.text("auto_pad", "NOTSET");
  const bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
  if (!same && automatic != "NOTSET" && automatic != "VALID" && !automatic.empty())
    view.fail("auto_pad " + automatic + " is unknown");
  if (automatic == "VALID") window.pads.assign(2 * axes, 0);
  const bool ceiling = view.node.integer("ceil_mode", 0) != 0 && !same;

  for (std::size_t axis = 0; axis < axes; ++axis) {
    const std::int64_t size = input[axis + 2], stride = window.strides[axis];
    const std::int64_t reach = (window.kernel[axis] - 1) * window.dilations[axis] + 1;
    std::int64_t& begin = window.pads[axis];
    std::int64_t& end = window.pads[axis + axes];
    if (same) {
      const std::int64_t total = std::max<std::int64_t>(0, ((size + stride - 1) / stride - 1) * stride + reach - size);
      begin = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
      end = total - begin;
    }
    const std::int64_t room = size + begin + end - reach;
    if (room < 0)
      view.fail("its window reaches over " + std::to_string(reach) + " elements, more than the " +
                std::to_string(size + begin + end) + " of the padded input " + to_string(input));
    std::int64_t count = room / stride + 1;
    // One more window where the last stride does not fit, but only if it begins inside the input or the padding before
    // it.
    if (ceiling && room % stride != 0 && count * stride < size + begin) {
      window.overhang[axis] = count * stride + reach - (size + begin + end);
      ++count;
    }
    window.output[axis] = count;
  }
  return window;
}

}  // namespace northpole::network
