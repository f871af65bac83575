// Labelled pictures as inputs of the network, batch by batch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/picture_transform.h"
#include "network/graph.h"
#include "train/random.h"
#include "train/settings.h"

namespace northpole::train {

class Pictures {
 public:
  // Decodes all pictures now when they take at most 4 GB as inputs, else each time again. At most `limit` of them (0:
  // all), spread evenly over the data. Throws Error naming the picture whose class the network does not have.
  Pictures(const std::string& data, const network::Graph& graph, std::int64_t classes, std::int64_t limit);

  std::int64_t size() const { return count_; }
  std::int64_t features() const { return channels_ * height_ * width_; }
  std::int64_t label(std::int64_t index) const { return labels_[static_cast<std::size_t>(index)]; }
  const std::vector<std::string>& class_names() const { return dataset_->class_names(); }
  const std::string& source() const { return source_; }

  // features() numbers, as the picture transform makes them.
  void put(std::int64_t index, float* to) const;
  // The same, changed at random.
  void put_augmented(std::int64_t index, const Augmentation& augmentation, Random& random, float* to) const;

 private:
  void read(std::int64_t index, float* to) const;

  std::unique_ptr<data::Dataset> dataset_;
  std::string source_;
  data::PictureTransform transform_;
  std::int64_t count_, channels_, height_, width_;
  std::vector<std::int64_t> labels_;
  std::vector<float> inputs_;  // all of them, or none
  std::vector<float> empty_;   // of a black pixel, by channel
};

// 0 .. size - 1 in the order of an epoch.
std::vector<std::int64_t> shuffled(std::int64_t size, std::uint64_t seed, std::int64_t epoch);

}  // namespace northpole::train
