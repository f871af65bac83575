// The built command as a subprocess, and small made-up data for it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/temporary_folder.h"

namespace northpole::tests {

struct Outcome {
  int exit_code = -1;  // 128 + the signal when it was killed
  std::string out, error;
  nlohmann::json json() const { return nlohmann::json::parse(out); }
};

// Runs `northpole` with these arguments.
Outcome northpole(const std::vector<std::string>& arguments);
// The same; the test fails unless it exits with 0 and says nothing on stderr.
Outcome northpole_succeeds(const std::vector<std::string>& arguments);

std::string file_bytes(const std::string& path);

// Files that many tests need, made once: the shipped digit network quantized with made-up digits, and its program.
struct Workspace {
  TemporaryFolder folder;
  std::string digits, labels;    // idx files of 12 pictures
  std::string data;              // "pictures,labels"
  std::string picture;           // one of them as a PNM file
  std::string network, program;  // quantized ONNX file, program file
  static const Workspace& instance();

 private:
  Workspace();
};

inline const std::string float_network = NORTHPOLE_SOURCE_DIR "/models/mnist-resnet.onnx";

}  // namespace northpole::tests
