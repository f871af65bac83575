// The simulated chip as an engine: picture to frame, run, frame to scores.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/picture_transform.h"
#include "evaluate/engine.h"
#include "northpole/chip.h"
#include "program/program.h"

namespace northpole::evaluate {

// Each engine is a chip of its own that runs by `kind` (step or fast); the first one made is configured, the others
// take over what that worked out.
std::function<std::unique_ptr<Engine>()> chip_engines(std::shared_ptr<const program::Program> program,
                                                      const data::PictureTransform& transform, EngineKind kind);
// The same without pictures: chips configured with the program.
std::function<Chip()> configured_chips(std::shared_ptr<const program::Program> program, EngineKind kind);

// How a picture becomes the program's input: what the program says, or the default for its input's shape.
data::PictureTransform transform_of(const program::Program& program, const std::string& source);

// The host's part before a run: the layout's operations, then q = sat(rne(f32(x / s)) + z) for each element.
std::vector<std::uint8_t> quantized_input(const program::FrameLayout& layout, const std::vector<float>& values);
// The input of a run: the codes of its frames one after another, where the last input stands for all that lack. Throws
// Error for no input and for more than the program's frames.
std::vector<std::uint8_t> codes_of_run(const program::Program& program,
                                       const std::vector<std::vector<std::uint8_t>>& inputs);
// The host's part after it: one frame's codes as real numbers, then Program::host_operations. An ArgMax is left out:
// its answer is the first of best_classes() of what it would choose from.
Answer answer_from(const program::Program& program, const std::vector<std::uint8_t>& codes);

}  // namespace northpole::evaluate
