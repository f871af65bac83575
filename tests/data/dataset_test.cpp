#include "data/dataset.h"

#include <zlib.h>

#include "data/made_up_data.h"

namespace northpole::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::string open_error(const std::string& argument) {
  return error_of([&] { open_dataset(argument); });
}

void write_gzip(const std::string& path, const Bytes& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  ASSERT_EQ(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())), static_cast<int>(bytes.size()));
  ASSERT_EQ(gzclose(file), Z_OK);
}

TEST(OpenDataset, SaysWhatDataIs) {
  EXPECT_THAT(open_error("/nowhere/at-all"), StartsWith("/nowhere/at-all: no such folder or file; data is a folder"));
  const tests::TemporaryFolder folder;
  EXPECT_THAT(open_error(folder.path()), HasSubstr("the folder has no labels.txt"));
}

struct FolderDataset : testing::Test {
  FolderDataset() {
    folder.write("a.png", encoded(gradient(4, 3), "png"));
    folder.write("b c.png", encoded(gradient(2, 2), "png"));
  }
  // What opening says when labels.txt holds this.
  std::string refusal(const std::string& labels) {
    folder.write("labels.txt", labels);
    return open_error(folder.path());
  }
  tests::TemporaryFolder folder;
};

TEST_F(FolderDataset, ReadsFilesAndClasses) {
  folder.write("labels.txt", "# file class\nb c.png 1\r\n\na.png\t0  \n");
  folder.write("classes.txt", "n01440764 tench, Tinca tinca\nn-fish\n");
  const auto dataset = open_dataset(folder.path());
  ASSERT_EQ(dataset->size(), 2);
  EXPECT_EQ(dataset->label(0), 1);
  EXPECT_EQ(dataset->label(1), 0);
  EXPECT_EQ(dataset->picture(1).samples, gradient(4, 3).samples);
  EXPECT_EQ(dataset->picture_name(0), folder.path("b c.png"));
  EXPECT_THAT(dataset->class_names(), ElementsAre("tench, Tinca tinca", "n-fish"));
}

TEST_F(FolderDataset, RefusesALineWithoutClass) {
  EXPECT_THAT(refusal("a.png 0\nb c.png\n"), StartsWith(folder.path("labels.txt") + ": line 2: the class of"));
  EXPECT_THAT(refusal("a.png\nb c.png 1\n"), HasSubstr("line 1: the class of 'a.png' is missing"));
  EXPECT_THAT(refusal("a.png 0x\n"), HasSubstr("'0x' is no class number"));
  EXPECT_THAT(refusal("a.png 99999999999\n"), HasSubstr("is no class number"));
}

TEST_F(FolderDataset, RefusesAPictureWithoutLine) {
  EXPECT_THAT(refusal("a.png 0\n"), HasSubstr("the picture 'b c.png' has no line with its class"));
}

TEST_F(FolderDataset, RefusesALineWithoutPicture) {
  EXPECT_THAT(refusal("a.png 0\nb c.png 1\nd.png 2\n"), HasSubstr("line 3: the picture 'd.png' is missing"));
  EXPECT_THAT(refusal("a.png 0\na.png 0\n"), HasSubstr("line 2: 'a.png' is listed twice"));
  EXPECT_THAT(refusal("\n"), HasSubstr("lists no pictures"));
}

TEST_F(FolderDataset, RefusesAClassOutOfRange) {
  EXPECT_THAT(refusal("a.png -1\n"), HasSubstr("classes are counted from 0"));
  folder.write("classes.txt", "one\ntwo\n");
  EXPECT_THAT(refusal("a.png 2\n"), HasSubstr("'a.png' has class 2, but classes.txt has classes 0 to 1"));
}

TEST_F(FolderDataset, NamesADamagedPicture) {
  folder.write("a.png", "no picture");
  folder.write("labels.txt", "a.png 0\nb c.png 1\n");
  const auto dataset = open_dataset(folder.path());
  EXPECT_THAT(error_of([&] { dataset->picture(0); }), StartsWith(folder.path("a.png") + ": not a JPEG"));
}

struct CifarDataset : testing::Test {
  Bytes records(std::initializer_list<std::uint8_t> labels) {
    Bytes bytes;
    for (const std::uint8_t label : labels) {
      const Bytes record = cifar_record(label, 10 + label, 20, 30);
      bytes.insert(bytes.end(), record.begin(), record.end());
    }
    return bytes;
  }
  tests::TemporaryFolder folder;
};

TEST_F(CifarDataset, ReadsRecords) {
  const auto dataset = open_dataset(folder.write("test.bin", records({3, 9})));
  ASSERT_EQ(dataset->size(), 2);
  EXPECT_EQ(dataset->label(0), 3);
  EXPECT_EQ(dataset->label(1), 9);
  const Picture picture = dataset->picture(1);
  EXPECT_EQ(picture.width, 32);
  EXPECT_EQ(picture.height, 32);
  EXPECT_THAT(std::vector<int>(picture.pixel(31, 31), picture.pixel(31, 31) + 3), ElementsAre(19, 20, 30));
  EXPECT_EQ(dataset->picture_name(1), folder.path("test.bin") + "[1]");
  EXPECT_TRUE(dataset->class_names().empty());
}

TEST_F(CifarDataset, PlanesAreRowsOfPixels) {
  Bytes bytes = records({0});
  bytes[1 + 1024 + 32 * 5 + 7] = 99;  // green, row 5, column 7
  EXPECT_EQ(open_dataset(folder.write("test.bin", bytes))->picture(0).pixel(7, 5)[1], 99);
}

TEST_F(CifarDataset, RefusesWhatIsCutOff) {
  Bytes bytes = records({1, 2});
  bytes.pop_back();
  EXPECT_THAT(open_error(folder.write("test.bin", bytes)), HasSubstr("6145 bytes are no whole number of 3073-byte"));
  EXPECT_THAT(open_error(folder.write("empty.bin", Bytes{})), HasSubstr("not a CIFAR-10 binary file"));
}

TEST_F(CifarDataset, RefusesAClassOutOfRange) {
  EXPECT_THAT(open_error(folder.write("test.bin", records({9, 10}))), HasSubstr("record 1 has class 10"));
  folder.write("classes.txt", "cat\ndog\n");
  EXPECT_THAT(open_error(folder.write("test.bin", records({2}))), HasSubstr("there are 2 classes"));
}

struct IdxDataset : testing::Test {
  std::string pair(const Bytes& pictures, const Bytes& labels) {
    return folder.write("t10k-images-idx3-ubyte", pictures) + "," + folder.write("t10k-labels-idx1-ubyte", labels);
  }
  tests::TemporaryFolder folder;
};

TEST_F(IdxDataset, ReadsAPair) {
  const auto dataset = open_dataset(pair(idx_pictures(3, 2, 4), idx_labels({7, 0, 9})));
  ASSERT_EQ(dataset->size(), 3);
  EXPECT_EQ(dataset->label(2), 9);
  const Picture picture = dataset->picture(1);
  EXPECT_EQ(picture.width, 4);
  EXPECT_EQ(picture.height, 2);
  EXPECT_THAT(std::vector<int>(picture.pixel(1, 1), picture.pixel(1, 1) + 3), ElementsAre(13, 13, 13));
}

TEST_F(IdxDataset, IsFoundByItsFolderOrByThePicturesAlone) {
  pair(idx_pictures(1, 2, 2), idx_labels({5}));
  EXPECT_EQ(open_dataset(folder.path())->label(0), 5);
  EXPECT_EQ(open_dataset(folder.path("t10k-images-idx3-ubyte"))->label(0), 5);
}

TEST_F(IdxDataset, MayBeGzipped) {
  write_gzip(folder.path("train-images-idx3-ubyte.gz"), idx_pictures(2, 28, 28));
  write_gzip(folder.path("train-labels-idx1-ubyte.gz"), idx_labels({1, 2}));
  EXPECT_EQ(open_dataset(folder.path())->label(1), 2);
  EXPECT_EQ(open_dataset(folder.path("train-images-idx3-ubyte.gz"))->picture(1).pixel(0, 0)[0], 784 % 256);
}

TEST_F(IdxDataset, DamagedGzipIsNoticed) {
  write_gzip(folder.path("train-labels-idx1-ubyte.gz"), idx_labels(Bytes(5000, 3)));
  write_gzip(folder.path("train-images-idx3-ubyte.gz"), idx_pictures(5000, 2, 2));
  const std::string path = folder.path("train-images-idx3-ubyte.gz");
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 10);
  EXPECT_THAT(open_error(folder.path()), StartsWith(path + ": "));
}

TEST_F(IdxDataset, SeveralPairsAskForAChoice) {
  pair(idx_pictures(1, 2, 2), idx_labels({5}));
  folder.write("train-images-idx3-ubyte", idx_pictures(1, 2, 2));
  folder.write("train-labels-idx1-ubyte", idx_labels({5}));
  EXPECT_THAT(open_error(folder.path()), HasSubstr("several pairs of idx files; name one: "));
}

TEST_F(IdxDataset, RefusesWhatDoesNotFit) {
  const Bytes pictures = idx_pictures(2, 3, 3);
  const Bytes labels = idx_labels({1, 2});
  EXPECT_THAT(open_error(pair(pictures, idx_labels({1}))), HasSubstr("2 pictures, but 1 labels"));
  EXPECT_THAT(open_error(pair(labels, pictures)), HasSubstr("not an idx file of pictures"));
  Bytes short_pictures = pictures;
  short_pictures.pop_back();
  EXPECT_THAT(open_error(pair(short_pictures, labels)), HasSubstr("announces 18 bytes of pictures and holds 17"));
  EXPECT_THAT(open_error(pair(Bytes(pictures.begin(), pictures.begin() + 9), labels)), HasSubstr("in its header"));
  Bytes absurd = pictures;
  absurd[4] = absurd[8] = absurd[12] = 0xFF;
  EXPECT_THAT(open_error(pair(absurd, labels)), HasSubstr("the idx file gives dimension"));
  EXPECT_THAT(open_error(folder.path("a") + "," + folder.path("b")), HasSubstr("No such file"));
  folder.write("classes.txt", "zero\none\n");
  EXPECT_THAT(open_error(pair(pictures, labels)), HasSubstr("label 1 is class 2, but classes.txt has 2 classes"));
}

TEST_F(IdxDataset, PicturesNeedLabels) {
  EXPECT_THAT(open_error(folder.write("pictures", idx_pictures(1, 2, 2))), HasSubstr("give both as 'pictures,labels'"));
}

TEST(OpenDataset, TakesAPartOfData) {
  const tests::TemporaryFolder folder;
  const std::string data = folder.write("test-images-idx3-ubyte", idx_pictures(5, 2, 2)) + "," +
                           folder.write("test-labels-idx1-ubyte", idx_labels({1, 2, 3, 4, 5}));
  const auto middle = open_dataset(data + "[1:3]");
  ASSERT_EQ(middle->size(), 2);
  EXPECT_EQ(middle->label(0), 2);
  EXPECT_EQ(middle->label(1), 3);
  EXPECT_EQ(middle->picture(1).samples, open_picture(data + "[2]").samples);
  EXPECT_EQ(middle->picture_name(1), open_dataset(data)->picture_name(2));
  EXPECT_EQ(open_dataset(data + "[3:]")->size(), 2);
  EXPECT_EQ(open_dataset(data + "[:4]")->label(3), 4);
  EXPECT_EQ(open_dataset(data + "[:]")->size(), 5);
  for (const char* part : {"[2:2]", "[3:1]", "[4:6]", "[5:]"}) {
    EXPECT_THAT(open_error(data + part), HasSubstr("the data has pictures 0 to 4")) << part;
  }
  for (const char* part : {"[a:b]", "[-1:2]", "[1:2", "[1:2]x"}) EXPECT_NE(open_error(data + part), "") << part;
}

TEST(OpenPicture, TakesAFileOrAnEntryOfData) {
  const tests::TemporaryFolder folder;
  const std::string data = folder.write("test-images-idx3-ubyte", idx_pictures(3, 2, 2)) + "," +
                           folder.write("test-labels-idx1-ubyte", idx_labels({1, 2, 3}));
  EXPECT_EQ(open_picture(data + "[2]").pixel(1, 0)[0], 9);
  const std::string file = folder.write("a[1]", encoded(gradient(4, 3), "png"));
  EXPECT_EQ(open_picture(file).samples, gradient(4, 3).samples);
  for (const char* index : {"[3]", "[-1]", "[]", "[1x]"}) {
    EXPECT_THAT(error_of([&] { open_picture(data + index); }), HasSubstr("the data has pictures 0 to 2")) << index;
  }
  EXPECT_THAT(error_of([&] { open_picture(folder.path("none.png")); }), HasSubstr("No such file"));
}

}  // namespace
}  // namespace northpole::data
