#include "data/idx_dataset.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>

#include "data/files.h"
#include "network/error.h"

namespace northpole::data {

namespace {

struct IdxFile {
  std::vector<std::int64_t> dimensions;
  std::vector<std::uint8_t> bytes;  // the whole file
  std::size_t start = 0;            // of the first element in it
};

IdxFile read_idx(const std::string& path, std::size_t rank, const char* content) {
  IdxFile file;
  file.bytes = read_bytes(path);
  file.start = 4 + 4 * rank;
  const std::vector<std::uint8_t>& bytes = file.bytes;
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != 8 || bytes[3] != rank) {
    throw Error(fmt::format("{}: not an idx file of {} (it must start with the bytes 0 0 8 {})", path, content, rank));
  }
  if (bytes.size() < file.start) throw Error(fmt::format("{}: the idx file is cut off in its header", path));
  std::int64_t expected = 1;
  for (std::size_t dimension = 0; dimension < rank; ++dimension) {
    std::int64_t size = 0;
    for (std::size_t byte = 0; byte < 4; ++byte) size = size * 256 + bytes[4 + 4 * dimension + byte];
    // Each factor is below 2^32, so the product is stopped long before it could overflow.
    if (size == 0 || expected > (std::int64_t{1} << 31) / size + 1) {
      throw Error(fmt::format("{}: the idx file gives dimension {} as {}", path, dimension + 1, size));
    }
    expected *= size;
    file.dimensions.push_back(size);
  }
  const auto held = static_cast<std::int64_t>(bytes.size() - file.start);
  if (held != expected) {
    throw Error(fmt::format("{}: the idx file announces {} bytes of {} and holds {}", path, expected, content, held));
  }
  return file;
}

class IdxDataset final : public Dataset {
 public:
  IdxDataset(const std::string& pictures_path, const std::string& labels_path)
      : pictures_path_(pictures_path),
        pictures_(read_idx(pictures_path, 3, "pictures")),
        labels_(read_idx(labels_path, 1, "labels")),
        class_names_(class_names_of_folder(std::filesystem::path(labels_path).parent_path().string())) {
    if (pictures_.dimensions[0] != labels_.dimensions[0]) {
      throw Error(fmt::format("{}: {} pictures, but {} labels in {}", pictures_path, pictures_.dimensions[0],
                              labels_.dimensions[0], labels_path));
    }
    for (std::int64_t index = 0; index < size() && !class_names_.empty(); ++index) {
      if (label(index) >= static_cast<int>(class_names_.size())) {
        throw Error(fmt::format("{}: label {} is class {}, but classes.txt has {} classes", labels_path, index,
                                label(index), class_names_.size()));
      }
    }
  }

  std::int64_t size() const override { return pictures_.dimensions[0]; }
  int label(std::int64_t index) const override { return labels_.bytes[labels_.start + static_cast<std::size_t>(index)]; }

  Picture picture(std::int64_t index) const override {
    const auto height = static_cast<int>(pictures_.dimensions[1]);
    const auto width = static_cast<int>(pictures_.dimensions[2]);
    Picture picture = Picture::blank(width, height);
    const std::size_t pixels = std::size_t(width) * height;
    const std::uint8_t* grey = pictures_.bytes.data() + pictures_.start + pixels * static_cast<std::size_t>(index);
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
      std::fill_n(picture.samples.begin() + static_cast<std::ptrdiff_t>(3 * pixel), 3, grey[pixel]);
    }
    return picture;
  }

  std::string picture_name(std::int64_t index) const override { return fmt::format("{}[{}]", pictures_path_, index); }
  const std::vector<std::string>& class_names() const override { return class_names_; }

 private:
  std::string pictures_path_;
  IdxFile pictures_;
  IdxFile labels_;
  std::vector<std::string> class_names_;
};

// The name of the labels file that goes with a name like "t10k-images-idx3-ubyte.gz"; empty for other names.
std::string labels_name(std::string name) {
  for (const auto& [from, to] : {std::pair{"images", "labels"}, std::pair{"idx3", "idx1"}}) {
    const std::size_t at = name.find(from);
    if (at == std::string::npos) return {};
    name.replace(at, std::string_view(from).size(), to);
  }
  return name;
}

// The labels file in the same folder, packed or not; empty when there is none.
std::string find_labels(const std::filesystem::path& pictures) {
  std::string name = labels_name(pictures.filename().string());
  if (name.empty()) return {};
  const std::string packed_end = ".gz";
  if (name.ends_with(packed_end)) name.erase(name.size() - packed_end.size());
  for (const std::string& candidate : {name, name + packed_end}) {
    const std::filesystem::path path = pictures.parent_path() / candidate;
    if (std::filesystem::is_regular_file(path)) return path.string();
  }
  return {};
}

}  // namespace

std::unique_ptr<Dataset> open_idx_dataset(const std::string& pictures_path, const std::string& labels_path) {
  return std::make_unique<IdxDataset>(pictures_path, labels_path);
}

bool is_idx_file(const std::string& path) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  std::uint8_t magic[4] = {};
  return file && gzread(file.get(), magic, 4) == 4 && magic[0] == 0 && magic[1] == 0 && magic[2] == 8 &&
         (magic[3] == 1 || magic[3] == 3);
}

std::string idx_labels_beside(const std::string& pictures_path) {
  std::string labels = find_labels(pictures_path);
  if (labels.empty()) {
    throw Error(fmt::format("{}: an idx file needs its labels; give both as 'pictures,labels'", pictures_path));
  }
  return labels;
}

std::vector<IdxPair> idx_pairs_in(const std::string& folder) {
  std::vector<IdxPair> pairs;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string labels = find_labels(entry.path());
    if (!labels.empty()) pairs.push_back({entry.path().string(), labels});
  }
  std::sort(pairs.begin(), pairs.end(), [](const IdxPair& a, const IdxPair& b) { return a.pictures < b.pictures; });
  return pairs;
}

}  // namespace northpole::data
