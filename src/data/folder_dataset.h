// A folder of picture files with labels.txt: a file name (relative to the folder) and a class number on each line.
// Empty lines and lines that start with '#' are skipped. Class names come from classes.txt when it exists.
#pragma once

#include <memory>
#include <string>

#include "data/dataset.h"

namespace northpole::data {

// Throws Error naming labels.txt and the line when a class is missing, is no number, or exceeds classes.txt, when a file
// is missing or listed twice, or when a picture file that lies in the folder has no line.
std::unique_ptr<Dataset> open_folder_dataset(const std::string& folder);

}  // namespace northpole::data
