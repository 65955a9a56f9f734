// Labels and annotations: a small map from text to text, sorted by key, in one vector.
#pragma once

#include <compare>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hyperwright::kube {

class StringMap {
 public:
  using Entry = std::pair<std::string, std::string>;

  StringMap() = default;
  StringMap(std::initializer_list<Entry> entries);

  // nullptr: the key is absent.
  [[nodiscard]] const std::string* find(std::string_view key) const;
  [[nodiscard]] bool contains(std::string_view key) const { return find(key) != nullptr; }
  // "" when absent.
  [[nodiscard]] std::string_view get(std::string_view key) const {
    const std::string* value = find(key);
    return value == nullptr ? std::string_view{} : std::string_view{*value};
  }
  void set(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  // Every entry of `other` is set here.
  void merge(const StringMap& other);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  // Of all keys and values.
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] std::vector<Entry>::const_iterator begin() const { return entries_.begin(); }
  [[nodiscard]] std::vector<Entry>::const_iterator end() const { return entries_.end(); }
  bool operator==(const StringMap& other) const;
  std::strong_ordering operator<=>(const StringMap& other) const;

 private:
  [[nodiscard]] std::vector<Entry>::const_iterator place(std::string_view key) const;

  std::vector<Entry> entries_;
};

}  // namespace hyperwright::kube
