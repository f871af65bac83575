// The binary files of CIFAR-10: records of one label byte and 3,072 bytes, the red, green and blue planes of a
// 32 x 32 picture.
#pragma once

#include <memory>
#include <string>

#include "data/dataset.h"

namespace northpole::data {

// Throws Error when the size is no multiple of a record or a label exceeds the classes (ten without a classes.txt).
std::unique_ptr<Dataset> open_cifar_dataset(const std::string& path);

}  // namespace northpole::data
