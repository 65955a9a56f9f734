// A set of small dense ids. Two sets that are combined may have different sizes: a missing word is
// zero.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace hyperwright {

class Bitset {
 public:
  Bitset() = default;
  // The ids 0 to size - 1.
  static Bitset all(std::size_t size) {
    Bitset set;
    set.words_.assign((size + 63) / 64, ~std::uint64_t{0});
    if (size % 64 != 0) set.words_.back() = (std::uint64_t{1} << (size % 64)) - 1;
    return set;
  }

  void insert(std::size_t id) {
    if (id / 64 >= words_.size()) words_.resize(id / 64 + 1);
    words_[id / 64] |= std::uint64_t{1} << (id % 64);
  }
  void erase(std::size_t id) {
    if (id / 64 < words_.size()) words_[id / 64] &= ~(std::uint64_t{1} << (id % 64));
  }
  [[nodiscard]] bool contains(std::size_t id) const {
    return id / 64 < words_.size() && ((words_[id / 64] >> (id % 64)) & 1U) != 0;
  }
  [[nodiscard]] std::size_t count() const {
    std::size_t n = 0;
    for (const std::uint64_t word : words_) n += static_cast<std::size_t>(std::popcount(word));
    return n;
  }
  [[nodiscard]] bool empty() const {
    for (const std::uint64_t word : words_) {
      if (word != 0) return false;
    }
    return true;
  }
  // The smallest id. Requires: the set is not empty.
  [[nodiscard]] std::size_t first() const {
    std::size_t i = 0;
    while (words_[i] == 0) ++i;
    return i * 64 + static_cast<std::size_t>(std::countr_zero(words_[i]));
  }
  // For look-ups by value; equal sets may differ in zeros at the end.
  [[nodiscard]] const std::vector<std::uint64_t>& words() const { return words_; }
  void clear() { words_.clear(); }

  Bitset& operator&=(const Bitset& other) {
    if (words_.size() > other.words_.size()) words_.resize(other.words_.size());
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }
  Bitset& operator|=(const Bitset& other) {
    if (words_.size() < other.words_.size()) words_.resize(other.words_.size());
    for (std::size_t i = 0; i < other.words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  Bitset& operator-=(const Bitset& other) {
    const std::size_t n = std::min(words_.size(), other.words_.size());
    for (std::size_t i = 0; i < n; ++i) words_[i] &= ~other.words_[i];
    return *this;
  }
  [[nodiscard]] bool intersects(const Bitset& other) const {
    const std::size_t n = std::min(words_.size(), other.words_.size());
    for (std::size_t i = 0; i < n; ++i) {
      if ((words_[i] & other.words_[i]) != 0) return true;
    }
    return false;
  }
  // Calls `visit(id)` for every id, smallest first.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t word = words_[i]; word != 0; word &= word - 1) {
        visit(i * 64 + static_cast<std::size_t>(std::countr_zero(word)));
      }
    }
  }
  bool operator==(const Bitset& other) const {
    const std::size_t n = std::max(words_.size(), other.words_.size());
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint64_t mine = i < words_.size() ? words_[i] : 0;
      const std::uint64_t theirs = i < other.words_.size() ? other.words_[i] : 0;
      if (mine != theirs) return false;
    }
    return true;
  }

 private:
  std::vector<std::uint64_t> words_;
};

}  // namespace hyperwright
