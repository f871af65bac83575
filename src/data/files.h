// Whole files as bytes and lines, with errors in one line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace northpole::data {

// Every byte of the file, unpacked when it is a gzip file.
// Throws Error naming the file when it cannot be read, is a folder, or its gzip data is damaged or cut off.
std::vector<std::uint8_t> read_bytes(const std::string& path);

// The lines of a text file without their line ends ("\n" or "\r\n") and without empty lines at its end.
std::vector<std::string> read_lines(const std::string& path);

// "classes.txt": a class name a line, by number. The WordNet number of an ImageNet list ("n01440764 tench") is dropped.
std::vector<std::string> read_class_names(const std::string& path);

// The class names in `classes.txt` of the folder, or none when there is no such file.
std::vector<std::string> class_names_of_folder(const std::string& folder);

}  // namespace northpole::data
