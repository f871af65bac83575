// Some pictures of other data.
#pragma once

#include <memory>
#include <vector>

#include "data/dataset.h"

namespace northpole::data {

// numbers: of the pictures in `all`, in the order in which they shall come; each at least 0 and less than its size.
class SubsetDataset : public Dataset {
 public:
  SubsetDataset(std::shared_ptr<const Dataset> all, std::vector<std::int64_t> numbers)
      : all_(std::move(all)), numbers_(std::move(numbers)) {}

  std::int64_t size() const override { return static_cast<std::int64_t>(numbers_.size()); }
  int label(std::int64_t index) const override { return all_->label(number(index)); }
  Picture picture(std::int64_t index) const override { return all_->picture(number(index)); }
  std::string picture_name(std::int64_t index) const override { return all_->picture_name(number(index)); }
  const std::vector<std::string>& class_names() const override { return all_->class_names(); }

 private:
  std::int64_t number(std::int64_t index) const { return numbers_[static_cast<std::size_t>(index)]; }

  std::shared_ptr<const Dataset> all_;
  std::vector<std::int64_t> numbers_;
};

}  // namespace northpole::data
