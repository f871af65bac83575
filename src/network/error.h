// What every stage before the machine throws for input that cannot be used: one clear line that names
// the file, the node and what to do. The library throws it, the command line prints it; nothing else prints.
#pragma once

#include <stdexcept>
#include <string>

namespace northpole {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace network {
using northpole::Error;
}

}  // namespace northpole
