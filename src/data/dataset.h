// Pictures with their classes, whatever the files they come in. One file a format: folder_dataset, cifar_dataset,
// idx_dataset.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/picture.h"

namespace northpole::data {

class Dataset {
 public:
  virtual ~Dataset() = default;

  virtual std::int64_t size() const = 0;
  // The class of picture `index` in 0 .. size() - 1.
  virtual int label(std::int64_t index) const = 0;
  // Throws Error naming the file when a picture's own file cannot be read.
  virtual Picture picture(std::int64_t index) const = 0;
  // Names the picture in messages: its file, or "test.bin[17]".
  virtual std::string picture_name(std::int64_t index) const = 0;
  // By class number; empty when the data names none.
  virtual const std::vector<std::string>& class_names() const = 0;
};

// Opens what the argument names and checks all that can be checked without decoding pictures:
//   a folder with labels.txt   file and class number on each line, optional classes.txt beside it
//   a CIFAR-10 binary file     records of a label byte and 3 x 32 x 32 bytes (R, G, B planes), optional classes.txt
//   "images,labels"            a pair of idx files, either of them gzipped or not
//   an idx file of pictures    its labels are looked for beside it ("...-images-idx3-ubyte" -> "...-labels-idx1-ubyte")
//   a folder with one such pair
//   any of these and "[200:1000]": its pictures 200 to 999; either number may be left out
// Throws Error in one line that names the file and what is wrong with it.
std::unique_ptr<Dataset> open_dataset(const std::string& argument);

// One picture: a picture file, or "DATA[17]" for picture 17 (counted from 0) of what open_dataset() takes.
// Throws Error naming the file or the data and its size.
Picture open_picture(const std::string& argument);

}  // namespace northpole::data
