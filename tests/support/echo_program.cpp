#include "support/echo_program.h"

#include "support/furnished_builder.h"

namespace northpole::tests {
namespace {

using F = FurnishedBuilder;
constexpr std::uint16_t in = 7, out = 5;

program::FrameLayout picture() {
  program::FrameLayout layout;
  layout.tensor = "picture";
  layout.tag = in;
  layout.blocks = layout.height = layout.width = 1;
  layout.frames = 4;
  layout.frame_rows = 1;
  layout.bits = 4;
  layout.scale = 0.25F;
  layout.zero_point = -1;
  layout.padding = 9;
  for (int lane = 0; lane < 64; ++lane) {
    layout.channel.push_back(lane < 16 ? 0 : -1);
    layout.offset_y.push_back(lane / 4 % 4);
    layout.offset_x.push_back(lane % 4);
  }
  layout.channels = 1;
  layout.tensor_height = layout.tensor_width = 4;
  layout.shape = {1, 1, 4, 4};
  return layout;
}

program::FrameLayout scores() {
  program::FrameLayout layout = picture();
  layout.tensor = "scores";
  layout.tag = out;
  layout.base = 8;
  for (int lane = 0; lane < 16; ++lane) layout.channel[static_cast<std::size_t>(lane)] = lane;
  layout.offset_y.assign(64, 0);
  layout.offset_x.assign(64, 0);
  layout.channels = 16;
  layout.tensor_height = layout.tensor_width = 1;
  layout.shape = {1, 16};
  return layout;
}

}  // namespace

program::Program echo_program() {
  F b(small_chip(2, 2));
  constexpr std::uint16_t place = 3 * F::bank + F::free;
  for (const std::uint32_t row : {0u, 1u}) {
    b.edge_send(20, row, repeat(2, 1, {1, 0, 0, 0}, send({0, in}, 1, 1u << row)));
    b.at(22, 2 * row, repeat(2, 1, {0, 0, 0, 1}, receive({place, out})));
    b.at(30, 2 * row, repeat(2, 1, {1, 0, 0, 0}, send_west({place, out})));
    b.edge_receive(32, row, repeat(2, 1, {0, 0, 0, 1}, receive({8, out})));
  }
  program::Program program = b.build();
  program.frames = 4;
  program.input = picture();
  program.outputs = {scores()};
  return program;
}

}  // namespace northpole::tests
