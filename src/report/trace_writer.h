// Events of Chrome's trace format ("Trace Event Format"), one behind the other. Each has the fields that the format
// knows for all events (ph, pid, tid, cat, name, ts, args), also where readers that are not strict do without.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace northpole::report {

// A JSON string, bytes that are not UTF-8 replaced.
std::string quoted(const std::string& text);

// Processes and threads are counted from 0 here and from 1 in the file: 0 is the system's idle process, which readers of
// the format leave out. What belongs to a whole process says thread 0.
class TraceWriter {
 public:
  void process(std::uint32_t process, const std::string& name);
  void thread(std::uint32_t process, std::uint32_t thread, const std::string& name);
  // From cycle `first` to `last`, both counted, busy in `busy` of them. `category`: a word by which viewers filter.
  // `arguments`: the inside of a JSON object.
  void slice(std::uint32_t process, std::uint32_t thread, const char* category, const std::string& quoted_name,
             std::uint64_t first, std::uint64_t last, std::uint64_t busy, const std::string& arguments);
  // Series and their values from that cycle on.
  void counter(std::uint32_t process, const std::string& name, std::uint64_t cycle,
               const std::vector<std::pair<std::string, double>>& values);
  // The whole file. `other`: the inside of a JSON object.
  std::string finished(const std::string& other) const;

 private:
  void begin();
  void metadata(std::uint32_t process, std::uint32_t thread, const std::string& what, const std::string& argument);
  std::string text_;
};

}  // namespace northpole::report
