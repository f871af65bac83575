#include "support/command_line.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace northpole::tests {
namespace {

constexpr int count = 12, side = 28;

std::vector<std::uint8_t> big_endian(std::uint32_t number) {
  return {static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
          static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

void append(std::vector<std::uint8_t>& bytes, const std::vector<std::uint8_t>& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

// Bright strokes on black: a vertical bar (a "1") whose place and slant depend on the number.
std::vector<std::uint8_t> stroke(int number) {
  std::vector<std::uint8_t> pixels(side * side, 0);
  for (int y = 4; y < 24; ++y) {
    const int x = 10 + number % 4 + (24 - y) * (number % 3) / 6;
    for (int dx = 0; dx < 3; ++dx)
      pixels[static_cast<std::size_t>(y * side + x + dx)] = static_cast<std::uint8_t>(200 + 5 * number);
  }
  return pixels;
}

}  // namespace

Outcome northpole(const std::vector<std::string>& arguments) {
  static const TemporaryFolder folder;
  const std::string out = folder.path("out"), error = folder.path("error");
  std::vector<char*> raw;
  const std::string command = NORTHPOLE_BUILD_DIR "/northpole";
  raw.push_back(const_cast<char*>(command.c_str()));
  for (const std::string& argument : arguments) raw.push_back(const_cast<char*>(argument.c_str()));
  raw.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const auto redirect = [](const std::string& path, int descriptor) {
      dup2(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), descriptor);
    };
    redirect(out, STDOUT_FILENO);
    redirect(error, STDERR_FILENO);
    execv(raw[0], raw.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), file_bytes(out), file_bytes(error)};
}

Outcome northpole_succeeds(const std::vector<std::string>& arguments) {
  const Outcome outcome = northpole(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << arguments.front();
  EXPECT_EQ(outcome.error, "") << arguments.front();
  return outcome;
}

std::string file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Workspace::Workspace() {
  std::vector<std::uint8_t> pictures = big_endian(0x803), classes = big_endian(0x801);
  for (const int number : {count, side, side}) append(pictures, big_endian(static_cast<std::uint32_t>(number)));
  append(classes, big_endian(count));
  for (int i = 0; i < count; ++i) append(pictures, stroke(i));
  for (int i = 0; i < count; ++i) classes.push_back(1);
  digits = folder.write("digits-images-idx3-ubyte", pictures);
  labels = folder.write("digits-labels-idx1-ubyte", classes);
  data = digits + "," + labels;
  const std::vector<std::uint8_t> pixels = stroke(3);
  picture = folder.write("digit.pgm", "P5 28 28 255\n" + std::string(pixels.begin(), pixels.end()));
  network = folder.path("digits.onnx");
  program = folder.path("digits.np");
  northpole_succeeds({"quantize", float_network, "--calibrate", data, "-o", network});
  northpole_succeeds({"compile", network, "-o", program});
}

const Workspace& Workspace::instance() {
  static const Workspace workspace;
  return workspace;
}

}  // namespace northpole::tests
