// The idx files of MNIST: big-endian magic number (third byte 8 = unsigned bytes, fourth the number of dimensions),
// a 32-bit size for each dimension, then the bytes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace northpole::data {

struct IdxPair {
  std::string pictures;  // file with 3 dimensions: count, height, width
  std::string labels;    // file with 1 dimension: count
};

// Throws Error when either file is damaged, they hold different counts, or a label exceeds classes.txt beside them.
std::unique_ptr<Dataset> open_idx_dataset(const std::string& pictures_path, const std::string& labels_path);

// Whether the file, unpacked when gzipped, starts with the magic number of an idx file of bytes.
bool is_idx_file(const std::string& path);

// The labels file that belongs to a pictures file by its name; throws Error when there is none.
std::string idx_labels_beside(const std::string& pictures_path);

// All pairs in the folder, in the order of their names.
std::vector<IdxPair> idx_pairs_in(const std::string& folder);

}  // namespace northpole::data
