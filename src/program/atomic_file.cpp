#include "program/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "network/error.h"

namespace northpole::program {
namespace {

[[noreturn]] void fail(const std::string& path, const char* what, int reason) {
  throw Error(fmt::format("{}: {}: {}", path, what, std::strerror(reason)));
}

// Returns 0, or the error's number.
int write_all(int file, const std::string& bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t step = ::write(file, bytes.data() + written, bytes.size() - written);
    if (step < 0 && errno == EINTR) continue;
    if (step < 0) return errno;
    if (step == 0) return ENOSPC;
    written += static_cast<std::size_t>(step);
  }
  // A full disk may show only when the data really goes out.
  if (::fsync(file) != 0 && errno != EINVAL && errno != ENOTSUP) return errno;
  return 0;
}

}  // namespace

void write_file_atomically(const std::string& bytes, const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    throw Error(fmt::format("{}: cannot be written: it is there and is not a regular file", path));
  }
  const std::string temporary = fmt::format("{}.temporary-{}", path, ::getpid());
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) fail(path, "cannot be written", errno);
  int reason = write_all(file, bytes);
  if (::close(file) != 0 && reason == 0) reason = errno;
  if (reason == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) reason = errno;
  if (reason != 0) {
    ::unlink(temporary.c_str());
    fail(path, "cannot be written", reason);
  }
}

std::string read_whole_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) fail(path, "cannot be read", errno);
  struct stat status {};
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(file);
    throw Error(fmt::format("{}: cannot be read: not a regular file", path));
  }
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t step = ::read(file, bytes.data() + have, bytes.size() - have);
    if (step < 0 && errno == EINTR) continue;
    if (step < 0) {
      const int reason = errno;
      ::close(file);
      fail(path, "cannot be read", reason);
    }
    if (step == 0) break;
    have += static_cast<std::size_t>(step);
  }
  ::close(file);
  bytes.resize(have);
  return bytes;
}

}  // namespace northpole::program
