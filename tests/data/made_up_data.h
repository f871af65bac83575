// Small pictures and data files for the tests of this folder.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "data/picture.h"
#include "network/error.h"
#include "support/temporary_folder.h"

namespace northpole::data {

using Bytes = std::vector<std::uint8_t>;

// Every pixel different: red grows to the right, green downwards, blue along the diagonal.
Picture gradient(int width, int height);

// The picture as the bytes of a file: "png", "bmp" or "jpeg" (quality 95).
Bytes encoded(const Picture& picture, const std::string& format);

// idx files of bytes: labels, or pictures of `width` x `height` whose pixels count up from 0.
Bytes idx_labels(const Bytes& labels);
Bytes idx_pictures(int count, int height, int width);

// A CIFAR record: the label, then the picture's planes filled with `red`, `green`, `blue`.
Bytes cifar_record(std::uint8_t label, std::uint8_t red, std::uint8_t green, std::uint8_t blue);

// What the statement throws, as text; one line or the test fails.
template <typename Statement>
std::string error_of(const Statement& statement) {
  try {
    statement();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("\n")));
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

}  // namespace northpole::data
