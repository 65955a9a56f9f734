// A value that many hold and nobody changes: a copy is a handle on it, however large it is.
#pragma once

#include <memory>
#include <utility>

namespace hyperwright {

template <typename T>
class Shared {
 public:
  Shared() : value_(empty()) {}  // of a T that was made by T{}
  explicit Shared(T value) : value_(std::make_shared<const T>(std::move(value))) {}

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }
  bool operator==(const Shared& other) const { return *value_ == *other.value_; }

 private:
  static const std::shared_ptr<const T>& empty() {
    static const std::shared_ptr<const T> kEmpty = std::make_shared<const T>();
    return kEmpty;
  }
  std::shared_ptr<const T> value_;
};

}  // namespace hyperwright
