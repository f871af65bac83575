#include "report/trace_writer.h"

#include <fmt/format.h>

#include <iterator>

#include "report/json_text.h"

namespace northpole::report {
namespace {

// Cycles as microseconds of the trace.
std::string time_of(std::uint64_t cycles) { return fmt::format("{}.{:03}", cycles / 1000, cycles % 1000); }

}  // namespace

std::string quoted(const std::string& text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

void TraceWriter::begin() { text_ += text_.empty() ? "\n" : ",\n"; }

void TraceWriter::metadata(std::uint32_t process, std::uint32_t thread, const std::string& what,
                           const std::string& argument) {
  begin();
  fmt::format_to(std::back_inserter(text_),
                 R"({{"ph":"M","pid":{},"tid":{},"cat":"__metadata","name":"{}","ts":0,"args":{{{}}}}})", process,
                 thread, what, argument);
}

void TraceWriter::process(std::uint32_t process, const std::string& name) {
  metadata(process + 1, 0, "process_name", R"("name":)" + quoted(name));
  metadata(process + 1, 0, "process_sort_index", fmt::format(R"("sort_index":{})", process));
}

void TraceWriter::thread(std::uint32_t process, std::uint32_t thread, const std::string& name) {
  metadata(process + 1, thread + 1, "thread_name", R"("name":)" + quoted(name));
  metadata(process + 1, thread + 1, "thread_sort_index", fmt::format(R"("sort_index":{})", thread));
}

void TraceWriter::slice(std::uint32_t process, std::uint32_t thread, const char* category,
                        const std::string& quoted_name, std::uint64_t first, std::uint64_t last, std::uint64_t busy,
                        const std::string& arguments) {
  begin();
  fmt::format_to(std::back_inserter(text_),
                 R"({{"ph":"X","pid":{},"tid":{},"cat":"{}","name":{},"ts":{},"dur":{},"tdur":{},"args":{{{}}}}})",
                 process + 1, thread + 1, category, quoted_name, time_of(first), time_of(last - first + 1),
                 time_of(busy), arguments);
}

void TraceWriter::counter(std::uint32_t process, const std::string& name, std::uint64_t cycle,
                          const std::vector<std::pair<std::string, double>>& values) {
  begin();
  fmt::format_to(std::back_inserter(text_),
                 R"({{"ph":"C","pid":{},"tid":0,"cat":"counter","name":"{}","ts":{},"args":{{)", process + 1, name,
                 time_of(cycle));
  for (std::size_t i = 0; i < values.size(); ++i)
    fmt::format_to(std::back_inserter(text_), R"({}"{}":{:.4g})", i == 0 ? "" : ",", values[i].first, values[i].second);
  text_ += "}}";
}

std::string TraceWriter::finished(const std::string& other) const {
  return fmt::format(R"({{"displayTimeUnit":"ns","otherData":{{{}}},"traceEvents":[)", other) + text_ + "\n]}\n";
}

}  // namespace northpole::report
