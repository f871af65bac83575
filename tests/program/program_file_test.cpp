#include "program/program_file.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <random>

#include "network/error.h"

namespace northpole::program {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

auto refuses(const std::string& part) {
  return ThrowsMessage<Error>(AllOf(HasSubstr(part), HasSubstr("name.np: "), Not(HasSubstr("\n"))));
}

constexpr float infinity = std::numeric_limits<float>::infinity();

FrameLayout example_frame() {
  FrameLayout layout;
  layout.tensor = "input";
  layout.tag = 1;
  layout.base = 7;
  layout.blocks = 1;
  layout.height = 4;
  layout.width = 5;
  layout.step_y = 2;
  for (int lane = 0; lane < 32; ++lane) {
    layout.channel.push_back(lane < 6 ? lane % 3 : -1);
    layout.offset_y.push_back(-1);
    layout.offset_x.push_back(lane / 3);
  }
  layout.padding = 128;
  layout.shape = {1, 3, 8, 5};
  layout.channels = 3;
  layout.tensor_height = 8;
  layout.tensor_width = 5;
  layout.is_signed = false;
  layout.scale = 0.125f;
  layout.zero_point = 3;
  return layout;
}

// All numbers of LayerCycles, in an order in which rising ones are well-formed.
constexpr std::uint64_t LayerCycles::*layer_cycles[] = {
    &LayerCycles::first_cycle,       &LayerCycles::last_cycle,     &LayerCycles::first_issue,
    &LayerCycles::last_issue,        &LayerCycles::ideal_cycles,   &LayerCycles::multiply_accumulates,
    &LayerCycles::arithmetic_bound,  &LayerCycles::weight_bound,   &LayerCycles::activation_bound,
    &LayerCycles::partial_sum_bound, &LayerCycles::vector_bound,   &LayerCycles::memory_bound,
    &LayerCycles::waited_inputs,     &LayerCycles::waited_weights, &LayerCycles::waited_partial_sums,
    &LayerCycles::waited_banks,      &LayerCycles::waited_programs};

// A program with something in every field.
Program example_program() {
  Program program;
  program.chip.rows = 2;
  program.chip.columns = 3;
  program.chip.word_link_cycles = 3;
  isa::Word word{};
  for (std::size_t i = 0; i < word.size(); ++i) word[i] = static_cast<std::uint8_t>(i * 7);
  program.image.push_back({4, 100, 1, {word, word, isa::Word{}}});
  for (std::uint32_t core = 0; core < 6; ++core) program.boot.push_back({core, {word, word}, {core, 0xffffffffu}});
  program.edges.resize(2);
  program.edges[1] = {{word}, {word, word}};
  program.tensors = {{"", ""}, {"input", ""}, {"weights \xff", "conv1"}};
  program.segments.push_back({"conv1", 0, 10});
  LayerCycles layer;
  layer.layer = "conv1";
  std::uint64_t number = 100;
  for (const auto member : layer_cycles) layer.*member = ++number;
  program.layers.push_back(layer);
  TensorLocation location;
  location.tensor = "input";
  location.tag = 1;
  location.frame = 2;
  location.cycle = 55;
  location.channels = 70;
  location.height = location.width = 2;
  location.bits = 4;
  location.scale = 0.5f;
  location.zero_point = -3;
  location.pieces = {{5, 8, 0, 2, 1, 2, 0, 2, 2, 3}};
  program.locations.push_back(location);
  program.frames = 3;
  program.input = example_frame();
  program.input.frames = 3;
  program.input.frame_rows = 1;
  program.input.part = 7;
  program.outputs = {example_frame()};
  program.outputs[0].frames = 3;
  program.outputs[0].bits = 4;
  for (auto lanes : {&FrameLayout::channel, &FrameLayout::offset_y, &FrameLayout::offset_x})
    (program.outputs[0].*lanes).resize(64, -1);
  program.outputs[0].split_by_block = true;
  program.input.operations = {{"Mul", -1, {2}}, {"Add", -3, {0.5f, -0.25f, 1e-30f}}, {"Clip", -1, {0, infinity}}};
  program.host_operations = {{"MatMul", -1, {1, 2, 3, 4, 5, 6}}, {"Softmax", -1, {}}, {"ArgMax", 1, {}}};
  program.cycles = 1234;
  program.network = "net";
  program.picture_transform = "{}";
  program.classes = {"cat", "dog"};
  program.multiply_accumulates = 99;
  return program;
}

TEST(ProgramFile, SameProgramSameBytesAndBack) {
  const Program program = example_program();
  const std::string bytes = serialize(program);
  EXPECT_EQ(bytes, serialize(program));
  const Program read = parse(bytes, "name.np");
  EXPECT_EQ(serialize(read), bytes);
  EXPECT_EQ(read.chip, program.chip);
  EXPECT_EQ(read.image[0].words, program.image[0].words);
  EXPECT_EQ(read.boot[3].parameters, program.boot[3].parameters);
  EXPECT_EQ(read.edges[1].receive, program.edges[1].receive);
  EXPECT_EQ(read.tensors[2].name, program.tensors[2].name);
  EXPECT_EQ(read.segments[0].layer, "conv1");
  EXPECT_EQ(read.segments[0].last_cycle, 10u);
  EXPECT_EQ(read.locations[0].pieces[0].block1, 2u);
  EXPECT_EQ(read.locations[0].pieces[0].pitch_y, 2u);
  EXPECT_EQ(read.locations[0].pieces[0].pitch_x, 3u);
  EXPECT_TRUE(read.outputs[0].split_by_block);
  EXPECT_EQ(read.locations[0].zero_point, -3);
  EXPECT_EQ(read.locations[0].frame, 2u);
  EXPECT_EQ(read.locations[0].bits, 4);
  EXPECT_EQ(read.frames, 3u);
  EXPECT_EQ(read.input.frames, 3u);
  EXPECT_EQ(read.input.part, 7u);
  EXPECT_EQ(read.input.frame_rows, 1u);
  EXPECT_EQ(read.outputs[0].bits, 4);
  ASSERT_EQ(read.layers.size(), 1u);
  EXPECT_EQ(read.layers[0].layer, "conv1");
  for (const auto member : layer_cycles) EXPECT_EQ(read.layers[0].*member, program.layers[0].*member);
  EXPECT_EQ(read.input.channel, program.input.channel);
  EXPECT_EQ(read.outputs[0].offset_y, program.outputs[0].offset_y);
  const auto same_operations = [](const std::vector<HostOperation>& left, const std::vector<HostOperation>& right) {
    ASSERT_EQ(left.size(), right.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
      EXPECT_EQ(left[i].op, right[i].op);
      EXPECT_EQ(left[i].axis, right[i].axis) << left[i].op;
      EXPECT_EQ(left[i].values, right[i].values) << left[i].op;
    }
  };
  same_operations(read.host_operations, program.host_operations);
  same_operations(read.input.operations, program.input.operations);
  EXPECT_EQ(read.cycles, 1234u);
  EXPECT_EQ(read.classes, program.classes);
}

TEST(ProgramFile, EveryTruncationIsRefused) {
  const std::string bytes = serialize(example_program());
  EXPECT_THAT([] { parse("", "name.np"); }, refuses("empty"));
  for (std::size_t length = 1; length < bytes.size(); ++length) {
    EXPECT_THAT([&] { parse(bytes.substr(0, length), "name.np"); }, refuses("cut off")) << length;
  }
  EXPECT_THAT([&] { parse(bytes + "x", "name.np"); }, refuses("corrupt"));
}

TEST(ProgramFile, EveryFlippedBitIsRefused) {
  const std::string bytes = serialize(example_program());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_THROW(parse(damaged, "name.np"), Error) << bit;
  }
}

TEST(ProgramFile, OtherVersionsAreNamed) {
  std::string bytes = serialize(example_program());
  bytes[8] = 9;
  EXPECT_THAT([&] { parse(bytes, "name.np"); }, refuses("version 9"));
}

TEST(ProgramFile, RandomBytesAreRefused) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 2000; ++trial) {
    std::string bytes(random() % 300, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    EXPECT_THROW(parse(bytes, "name.np"), Error);
  }
}

struct Spoiled {
  const char* what;
  std::function<void(Program&)> spoil;
};

class SpoiledProgram : public testing::TestWithParam<Spoiled> {};

TEST_P(SpoiledProgram, IsRefused) {
  Program program = example_program();
  GetParam().spoil(program);
  const std::string bytes = serialize(program);
  EXPECT_THAT([&] { parse(bytes, "name.np"); }, refuses(GetParam().what));
}

INSTANTIATE_TEST_SUITE_P(
    All, SpoiledProgram,
    testing::Values(
        Spoiled{"'rows'", [](Program& p) { p.chip.rows = 40; }},
        Spoiled{"'word_link_cycles'", [](Program& p) { p.chip.word_link_cycles = 65; }},
        Spoiled{"image section for core 6", [](Program& p) { p.image[0].core = 6; }},
        Spoiled{"the memory has", [](Program& p) { p.image[0].address = 24574; }},
        Spoiled{"the memory has", [](Program& p) { p.image[0].address = 0xffffffff; }},
        Spoiled{"tensor tag 3", [](Program& p) { p.image[0].tensor = 3; }},
        Spoiled{"no words", [](Program& p) { p.image[0].words.clear(); }},
        Spoiled{"share address 102",
                [](Program& p) {
                  p.image.push_back({4, 102, 1, {isa::Word{}}});
                }},
        Spoiled{"5 boot programs", [](Program& p) { p.boot.pop_back(); }},
        Spoiled{"in order", [](Program& p) { p.boot[2].core = 3; }},
        Spoiled{"0 words", [](Program& p) { p.boot[2].program.clear(); }},
        Spoiled{"257 words", [](Program& p) { p.boot[2].program.resize(257); }},
        Spoiled{"257 parameters", [](Program& p) { p.boot[2].parameters.resize(257); }},
        Spoiled{"1 edge units", [](Program& p) { p.edges.pop_back(); }},
        Spoiled{"instruction words", [](Program& p) { p.edges[0].send.resize(65537); }},
        Spoiled{"tensor names", [](Program& p) { p.tensors.clear(); }},
        Spoiled{"segment 'conv1'", [](Program& p) { p.segments[0].first_cycle = 11; }},
        Spoiled{"frame buffer", [](Program& p) { p.input.base = 65527; }},
        Spoiled{"frame buffer", [](Program& p) { p.input.height = 0xffffffff; }},
        Spoiled{"frame buffer", [](Program& p) { p.input.base = 65536 - 20 * 2 + 1; }},
        Spoiled{"frame buffer", [](Program& p) { p.outputs[0].width = 0xffffffff; }},
        Spoiled{"a run of 0 frames", [](Program& p) { p.frames = 0; }},
        Spoiled{"a run of 4294967295 frames", [](Program& p) { p.frames = 0xffffffff; }},
        Spoiled{"has 2 frames, a run has 3", [](Program& p) { p.input.frames = 2; }},
        Spoiled{"has 0 frames", [](Program& p) { p.outputs[0].frames = 0; }},
        Spoiled{"frames of 3 rows", [](Program& p) { p.outputs[0].frame_rows = 3; }},
        Spoiled{"frames of 4294967295 rows", [](Program& p) { p.input.frame_rows = 0xffffffff; }},
        Spoiled{"3 frames, which is too large",
                [](Program& p) {
                  p.input.channels = 1 << 30;
                  p.input.tensor_height = p.input.tensor_width = 1;
                }},
        Spoiled{"is of frame 3", [](Program& p) { p.locations[0].frame = 3; }},
        Spoiled{"elements of 3 bits", [](Program& p) { p.locations[0].bits = 3; }},
        Spoiled{"elements of 0 bits", [](Program& p) { p.outputs[0].bits = 0; }},
        Spoiled{"must be -8 to 7", [](Program& p) { p.locations[0].zero_point = 8; }},
        Spoiled{"layer 'conv1' lasts", [](Program& p) { p.layers[0].last_cycle = 1; }},
        Spoiled{"layer 'conv1' issues", [](Program& p) { p.layers[0].last_issue = 1; }},
        Spoiled{"more than the longest run", [](Program& p) { p.layers[0].waited_programs = ~std::uint64_t{0}; }},
        Spoiled{"multiply-accumulates, which is too many",
                [](Program& p) { p.layers[0].multiply_accumulates = ~std::uint64_t{0}; }},
        Spoiled{"multiply-accumulates a frame", [](Program& p) { p.multiply_accumulates = ~std::uint64_t{0}; }},
        Spoiled{"each of 64 lanes", [](Program& p) { p.outputs[0].offset_x.resize(32); }},
        Spoiled{"each of 32 lanes", [](Program& p) { p.input.channel.pop_back(); }},
        Spoiled{"channel 3", [](Program& p) { p.input.channel[3] = 3; }},
        Spoiled{"offset", [](Program& p) { p.input.offset_x[3] = 1 << 30; }},
        Spoiled{"steps", [](Program& p) { p.input.step_x = 0; }},
        Spoiled{"scale", [](Program& p) { p.input.scale = 0; }},
        Spoiled{"zero point", [](Program& p) { p.input.zero_point = 256; }},
        Spoiled{"by its shape", [](Program& p) { p.input.shape[0] = 2; }},
        Spoiled{"dimension", [](Program& p) { p.input.shape[0] = -1; }},
        Spoiled{"bits", [](Program& p) { p.input.bits = 5; }},
        Spoiled{"too large", [](Program& p) { p.input.channels = 0x80000000; }},
        Spoiled{"not a part", [](Program& p) { p.locations[0].pieces[0].block1 = 3; }},
        Spoiled{"not a part", [](Program& p) { p.locations[0].pieces[0].y0 = 3; }},
        Spoiled{"outside the memory", [](Program& p) { p.locations[0].pieces[0].base = 24573; }},
        Spoiled{"piece in core 6", [](Program& p) { p.locations[0].pieces[0].core = 6; }},
        Spoiled{"host operation 'Sort'", [](Program& p) { p.host_operations[0].op = "Sort"; }},
        Spoiled{"host operation MatMul of no constants", [](Program& p) { p.host_operations[0].values.clear(); }},
        Spoiled{"host operation Mul of no constants", [](Program& p) { p.input.operations[0].values.clear(); }},
        Spoiled{"host operation Clip of 1 bounds", [](Program& p) { p.input.operations[2].values.pop_back(); }},
        Spoiled{"unknown host operation 'Softmax'", [](Program& p) { p.input.operations[0].op = "Softmax"; }},
        Spoiled{"longer than", [](Program& p) { p.cycles = (std::uint64_t{1} << 36) + 1; }}));

class OnDisk : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("program_file_test_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ / "name.np"; }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator()));
  }
  std::filesystem::path folder_;
};

TEST_F(OnDisk, WritesWholeFilesAndReplaces) {
  write_program(example_program(), path());
  write_program(example_program(), path());
  EXPECT_EQ(serialize(read_program(path())), serialize(example_program()));
  EXPECT_EQ(files(), 1u);
}

TEST_F(OnDisk, MissingFilesAndFoldersAreNamed) {
  EXPECT_THAT([&] { read_program(path()); }, refuses("cannot be read"));
  std::filesystem::create_directory(path());
  EXPECT_THAT([&] { read_program(path()); }, refuses("not a regular file"));
  EXPECT_THAT([&] { write_program(example_program(), path()); }, refuses("not a regular file"));
  EXPECT_THAT([&] { write_program(example_program(), folder_ / "nowhere" / "name.np"); }, refuses("cannot be written"));
}

// A file-size limit stands in for a full disk: the write stops in the middle.
TEST_F(OnDisk, AShortWriteLeavesTheOldFileAndNoTemporaryOne) {
  write_program(example_program(), path());
  Program larger = example_program();
  larger.image[0].words.resize(20000);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  auto* handler = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  std::string message;
  try {
    write_program(larger, path());
  } catch (const Error& error) {
    message = error.what();
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler);
  EXPECT_THAT(message, HasSubstr("name.np: cannot be written"));
  EXPECT_EQ(files(), 1u);
  EXPECT_EQ(serialize(read_program(path())), serialize(example_program()));
}

}  // namespace
}  // namespace northpole::program
