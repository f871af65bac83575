// The network's input in words that serve several taps and several output columns.
#include "lower/lowered_network.h"

namespace northpole::lower {
namespace {

using network::ElementType;

// ResNet-50's first convolution: a word holds five pixels of two rows, and two output columns share their words. 57
// words of 115 pairs of rows arrive in half the time of 56 words of 224 rows; there are eight products for seven.
TEST(InputPacking, AWordHoldsTwoRowsAndServesSeveralOutputColumns) {
  Network net({1, 3, 224, 224});
  net.output(
      net.quantize(net.conv(net.x, {64, 3, 7, 7}, ElementType::int8, {2, 2}, {3, 3, 3, 3}), reference::int8(1.0F)));
  Options options;
  const LayerGraph plain = net.lowered(options);
  EXPECT_EQ(plain.input.layout.width, 114U);
  EXPECT_EQ(plain.layers[0].phases, 1);
  options.phases = true;
  const LayerGraph layers = net.lowered(options);
  const Layer& layer = layers.layers[0];
  EXPECT_EQ(layers.input.layout.width, 57U);
  EXPECT_EQ(layers.input.layout.height, 115U);
  EXPECT_EQ(layer.phases, 2);
  EXPECT_EQ(layer.window_height, 4);
  EXPECT_EQ(layer.window_width, 2);
  EXPECT_EQ(layer.weights.bytes.size(), 2U * 2 * 8 * 1024);
}

TEST(InputPacking, EveryShape) {
  struct Shape {
    std::int64_t channels, size, kernel, stride, pad;
  };
  std::size_t phases = 0, taps = 0, folded = 0, paired = 0, smaller = 0;
  for (const Shape& s : {Shape{3, 23, 7, 2, 3}, Shape{3, 14, 3, 1, 1}, Shape{3, 21, 3, 2, 1}, Shape{3, 31, 11, 4, 2},
                         Shape{1, 14, 5, 1, 2}, Shape{12, 9, 3, 1, 1}, Shape{4, 16, 4, 4, 0}, Shape{3, 17, 1, 3, 0}})
    for (const ElementType type : {ElementType::uint8, ElementType::int4}) {
      SCOPED_TRACE(testing::Message() << s.channels << " channels, kernel " << s.kernel << ", stride " << s.stride
                                      << ", " << network::element_name(type));
      Network net({1, s.channels, s.size, s.size + 3}, {type, 0.1F, 2});
      net.output(net.quantize(net.conv(net.x, {40, s.channels, s.kernel, s.kernel}, ElementType::int4,
                                       {s.stride, s.stride}, Integers(4, s.pad)),
                              reference::int8(0.2F)));
      net.chip.rows = net.chip.columns =
          2;  // few cores: what a word holds matters more than how many weights there are
      for (const Options& options : {Options{}, every_option}) {
        EXPECT_EQ(net.check(options), 1U) << "the convolution's tensor";
        const LayerGraph layers = net.lowered(options);
        phases += layers.layers[0].phases > 1;
        taps += layers.layers[0].window_width > 1;
        folded += layers.layers[0].window_height == 1 && s.kernel > 1;
        paired += layers.layers[0].window_height > 1 && layers.layers[0].window_height < s.kernel;
        smaller += layers.input.layout.width < static_cast<std::uint32_t>(s.size + 3);
      }
    }
  EXPECT_GT(phases, 3U);
  EXPECT_GT(taps, 3U);
  EXPECT_GT(folded, 3U);
  EXPECT_GT(paired, 1U);
  EXPECT_GT(smaller, 15U);
}

}  // namespace
}  // namespace northpole::lower
