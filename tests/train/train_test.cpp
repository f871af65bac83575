// The command: resumed runs, and everything that can go wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "support/command_line.h"

namespace northpole::tests {
namespace {

using testing::HasSubstr;
using Arguments = std::vector<std::string>;

constexpr int side = 28, pictures = 96;

std::string idx(std::uint32_t magic, const std::vector<std::uint32_t>& sizes, const std::string& bytes) {
  std::string file;
  const auto number = [&](std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) file += static_cast<char>(value >> shift);
  };
  number(magic);
  for (const std::uint32_t size : sizes) number(size);
  return file + bytes;
}

// Thick ones and noughts, which the shipped network knows.
class Train : public testing::Test {
 protected:
  Train() {
    std::string pixels, classes;
    std::mt19937 random(4);
    for (int i = 0; i < pictures; ++i) {
      const int label = i % 2, shift = static_cast<int>(random() % 5) - 2;
      classes += static_cast<char>(label);
      for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
          const double v = y - 13.5, u = x - 13.5 - shift, radius = std::hypot(u / 5.5, v / 8.5);
          const bool ink = label == 1 ? std::abs(u) < 1.6 && std::abs(v) < 9 : std::abs(radius - 1) < 0.22;
          pixels += static_cast<char>(ink ? 250 : 0);
        }
      }
    }
    images = folder.write("images", idx(0x803, {pictures, side, side}, pixels));
    data = images + "," + folder.write("labels", idx(0x801, {pictures}, classes));
  }

  // Three epochs of six steps, unless `more` says otherwise.
  Arguments arguments(const std::string& output, const Arguments& more = {}) const {
    Arguments all = {"train", float_network, "--data", data, "-o", output};
    const std::vector<std::pair<std::string, std::string>> usual = {{"--bits", "4"},
                                                                    {"--epochs", "3"},
                                                                    {"--batch", "16"},
                                                                    {"--optimizer", "adam"},
                                                                    {"--learning-rate", "0.001"},
                                                                    {"--distil", "0.5"},
                                                                    {"--shift", "2"},
                                                                    {"--turn", "10"},
                                                                    {"--initial-steps", "error"}};
    for (const auto& [name, value] : usual) {
      if (std::find(more.begin(), more.end(), name) == more.end()) all.insert(all.end(), {name, value});
    }
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  void refused(const Arguments& all, const std::vector<std::string>& said) const {
    const Outcome outcome = northpole(all);
    EXPECT_EQ(outcome.exit_code, 1) << outcome.error;
    EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << outcome.error;
    for (const std::string& words : said) EXPECT_THAT(outcome.error, HasSubstr(words));
  }

  TemporaryFolder folder;
  std::string images, data;
};

// Starts the command and kills it with the signal as soon as its checkpoint has been written `checkpoints` times.
int killed(const Arguments& arguments, const std::string& checkpoint, int checkpoints, int signal) {
  const pid_t child = fork();
  if (child == 0) {
    const std::string command = NORTHPOLE_BUILD_DIR "/northpole";
    std::vector<char*> raw = {const_cast<char*>(command.c_str())};
    for (const std::string& argument : arguments) raw.push_back(const_cast<char*>(argument.c_str()));
    raw.push_back(nullptr);
    if (freopen("/dev/null", "w", stdout) == nullptr || freopen("/dev/null", "w", stderr) == nullptr) _exit(126);
    execv(raw[0], raw.data());
    _exit(127);
  }
  std::filesystem::file_time_type last{};
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    std::error_code missing;
    const auto time = std::filesystem::last_write_time(checkpoint, missing);
    if (!missing && time != last) last = time, --checkpoints;
    if (checkpoints <= 0) {
      kill(child, signal);
      waitpid(child, &status, 0);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST_F(Train, KilledRunsGoOnToTheSameResult) {
  const std::string whole = folder.path("whole.onnx"), parts = folder.path("parts.onnx");
  const Outcome outcome = northpole_succeeds(arguments(whole, {"--test", data}));
  EXPECT_THAT(outcome.out, HasSubstr("epoch 3/3"));
  const Arguments again = arguments(parts, {"--test", data, "--checkpoint-every", "0"});
  const std::string checkpoint = folder.path("parts.training/checkpoint");
  EXPECT_EQ(killed(again, checkpoint, 4, SIGKILL), 128 + SIGKILL);
  EXPECT_EQ(killed(again, checkpoint, 3, SIGKILL), 128 + SIGKILL);
  EXPECT_EQ(killed(again, checkpoint, 2, SIGTERM), 1);
  EXPECT_FALSE(std::filesystem::exists(parts));
  const Outcome last = northpole(again);
  EXPECT_EQ(last.exit_code, 0) << last.error;
  EXPECT_THAT(last.error, HasSubstr("going on behind step"));
  EXPECT_EQ(file_bytes(whole), file_bytes(parts));
  // The logs differ in their times alone.
  const auto without_times = [&](const std::string& path) {
    std::ifstream file(path);
    std::string text;
    for (std::string line; std::getline(file, line);) {
      nlohmann::json json = nlohmann::json::parse(line);
      json.erase("seconds");
      text += json.dump() + "\n";
    }
    return text;
  };
  EXPECT_EQ(without_times(folder.path("whole.training/log.jsonl")),
            without_times(folder.path("parts.training/log.jsonl")));
}

TEST_F(Train, TheWrittenNetworkIsTheTrainedOneOnTheMachine) {
  const std::string network = folder.path("net.onnx"), program = folder.path("net.np");
  for (const Arguments& bits :
       {Arguments{"--bits", "4"}, Arguments{"--bits", "2", "--residual-bits", "8", "--batch-norm"}}) {
    Arguments all = bits;
    all.insert(all.end(), {"--test", data, "--json", "--restart"});
    const auto said = northpole_succeeds(arguments(network, all)).json();
    EXPECT_EQ(said["test_pictures"], pictures);
    northpole_succeeds({"compile", network, "-o", program});
    const Outcome checked = northpole_succeeds({"eval", program, data, "--check", "8", "--network", network, "--json"});
    EXPECT_GT(said["accuracy"].get<double>(), 0.6) << "all answers alike would show little";
    EXPECT_TRUE(checked.json()["check"]["equal"].get<bool>());
    EXPECT_DOUBLE_EQ(checked.json()["top1"].get<double>(), said["accuracy"].get<double>());
    EXPECT_DOUBLE_EQ(northpole_succeeds({"eval", network, data, "--json"}).json()["top1"].get<double>(),
                     said["accuracy"].get<double>());
  }
}

TEST_F(Train, LogAndPage) {
  northpole_succeeds(arguments(folder.path("net.onnx"), {"--run", folder.path("run"), "--test", data}));
  const std::string page = file_bytes(folder.path("run/curves.html"));
  EXPECT_THAT(page, HasSubstr("<svg"));
  EXPECT_THAT(page, HasSubstr("test pictures, integer network"));
  std::ifstream log(folder.path("run/log.jsonl"));
  int steps = 0, epochs = 0;
  for (std::string line; std::getline(log, line);) {
    const auto json = nlohmann::json::parse(line);
    steps += json.contains("loss") ? 1 : 0;
    epochs += json.contains("test_accuracy") ? 1 : 0;
  }
  EXPECT_EQ(steps, 18);
  EXPECT_EQ(epochs, 3);
}

TEST_F(Train, WrongLabels) {
  std::string wrong(pictures, '\0');
  for (int i = 0; i < pictures; ++i) wrong[static_cast<std::size_t>(i)] = static_cast<char>(2 + i % 7);
  const std::string others = images + "," + folder.write("others", idx(0x801, {pictures}, wrong));
  Arguments all = arguments(folder.path("net.onnx"));
  all[3] = others;
  refused(all, {"as good as guessing", "--any-labels"});
  wrong[5] = 10;
  all[3] = images + "," + folder.write("eleven", idx(0x801, {pictures}, wrong));
  refused(all, {"class 10", "10 classes apart"});
  EXPECT_FALSE(std::filesystem::exists(folder.path("net.onnx")));
}

TEST_F(Train, DivergenceKeepsTheCheckpoint) {
  const std::string output = folder.path("net.onnx");
  const Arguments wild = {"--learning-rate", "100", "--optimizer", "sgd", "--distil", "0", "--checkpoint-every", "0"};
  refused(arguments(output, wild), {"epoch", "diverges", "checkpoint", "--learning-rate"});
  EXPECT_TRUE(std::filesystem::exists(folder.path("net.training/checkpoint")));
  EXPECT_FALSE(std::filesystem::exists(output));
}

TEST_F(Train, LossThatIsNoNumber) {
  const std::string output = folder.path("net.onnx");
  // The pull towards 0 overshoots a hundredfold with each step, until no float holds the weights.
  refused(arguments(output, {"--learning-rate", "100", "--optimizer", "sgd", "--weight-decay", "1", "--batch", "2",
                             "--checkpoint-every", "0"}),
          {"epoch 1, step", "no longer a number", "checkpoint", "--learning-rate"});
  EXPECT_TRUE(std::filesystem::exists(folder.path("net.training/checkpoint")));
  EXPECT_FALSE(std::filesystem::exists(output));
}

TEST_F(Train, OtherSettingsAreNotMixed) {
  const std::string output = folder.path("net.onnx");
  northpole_succeeds(arguments(output));
  refused(arguments(output, {"--seed", "2"}), {"seed = 1, not 2", "--restart"});
  northpole_succeeds(arguments(output, {"--seed", "2", "--restart"}));
}

TEST_F(Train, DamagedCheckpoint) {
  const std::string output = folder.path("net.onnx"), checkpoint = folder.path("net.training/checkpoint");
  northpole_succeeds(arguments(output));
  const std::string whole = file_bytes(checkpoint);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{10}, std::size_t{40}, whole.size() / 2, whole.size() - 1}) {
    folder.write("net.training/checkpoint", whole.substr(0, size));
    refused(arguments(output), {"checkpoint"});
  }
}

TEST_F(Train, FullDisk) {
  const std::string output = folder.path("net.onnx"), checkpoint = folder.path("net.training/checkpoint");
  northpole_succeeds(arguments(output, {"--epochs", "1"}));
  const std::string before = file_bytes(checkpoint);
  // No file may grow beyond 100 kB: the checkpoint cannot be written.
  struct rlimit unlimited;
  getrlimit(RLIMIT_FSIZE, &unlimited);
  struct rlimit limit = unlimited;
  limit.rlim_cur = 100000;
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limit);
  refused(arguments(output, {"--run", folder.path("other"), "--restart"}), {"checkpoint", "goes on"});
  setrlimit(RLIMIT_FSIZE, &unlimited);
  EXPECT_FALSE(std::filesystem::exists(folder.path("other/checkpoint")));
  EXPECT_EQ(file_bytes(checkpoint), before);
}

TEST_F(Train, WhatCannotBeTrained) {
  const Workspace& files = Workspace::instance();
  Arguments all = arguments(folder.path("net.onnx"));
  all[1] = files.network;
  refused(all, {"quantized already"});
  refused(arguments(folder.path("net.onnx"), {"--layer-bits", "nowhere=4"}), {"nowhere"});
}

}  // namespace
}  // namespace northpole::tests
