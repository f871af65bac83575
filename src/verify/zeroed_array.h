// An array that starts as zero bytes and costs memory only where it is touched, so that a chip description with
// large buffers that no program uses is cheap.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace northpole::verify {

template <typename Element>
class ZeroedArray {
  static_assert(std::is_trivially_copyable_v<Element>);

 public:
  explicit ZeroedArray(std::size_t size)
      : size_(size), data_(static_cast<Element*>(std::calloc(size + 1, sizeof(Element)))) {
    if (!data_) throw std::bad_alloc();
  }
  Element& operator[](std::size_t index) { return data_.get()[index]; }
  const Element& operator[](std::size_t index) const { return data_.get()[index]; }
  Element* begin() { return data_.get(); }
  Element* end() { return data_.get() + size_; }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(Element* data) const { std::free(data); }
  };
  std::size_t size_;
  std::unique_ptr<Element, Free> data_;
};

}  // namespace northpole::verify
