// The simulated chip as an engine: picture to frame, run, frame to scores.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/picture_transform.h"
#include "evaluate/engine.h"
#include "program/program.h"

namespace northpole::evaluate {

// Each engine is a chip of its own, configured once.
std::function<std::unique_ptr<Engine>()> step_engines(std::shared_ptr<const program::Program> program,
                                                      const data::PictureTransform& transform);

// How a picture becomes the program's input: what the program says, or the default for its input's shape.
data::PictureTransform transform_of(const program::Program& program, const std::string& source);

// The host's part before a run: q = sat(rne(f32(x / s)) + z) for each element.
std::vector<std::uint8_t> quantized_input(const program::FrameLayout& layout, const std::vector<float>& values);
// The host's part after it: the frame's codes as real numbers, then Program::host_operations. An ArgMax is left out:
// its answer is the first of best_classes() of what it would choose from.
Answer answer_from(const program::Program& program, const std::vector<std::uint8_t>& codes);

}  // namespace northpole::evaluate
