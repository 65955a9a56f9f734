// Labels and annotations: a small map from text to text, sorted by key, in one vector.
#pragma once

#include <algorithm>
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
  StringMap(std::initializer_list<Entry> entries) {
    for (const Entry& entry : entries) set(entry.first, entry.second);
  }

  // nullptr: the key is absent.
  [[nodiscard]] const std::string* find(std::string_view key) const {
    const auto it = place(key);
    return it != entries_.end() && it->first == key ? &it->second : nullptr;
  }
  [[nodiscard]] bool contains(std::string_view key) const { return find(key) != nullptr; }
  // "" when absent.
  [[nodiscard]] std::string_view get(std::string_view key) const {
    const std::string* value = find(key);
    return value == nullptr ? std::string_view{} : std::string_view{*value};
  }
  void set(std::string_view key, std::string_view value) {
    const auto it = entries_.begin() + (place(key) - entries_.cbegin());
    if (it != entries_.end() && it->first == key) {
      it->second = value;
    } else {
      entries_.emplace(it, key, value);
    }
  }
  void erase(std::string_view key) {
    const auto it = place(key);
    if (it != entries_.end() && it->first == key) entries_.erase(it);
  }
  // Every entry of `other` is set here.
  void merge(const StringMap& other) {
    for (const Entry& entry : other) set(entry.first, entry.second);
  }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::vector<Entry>::const_iterator begin() const { return entries_.begin(); }
  [[nodiscard]] std::vector<Entry>::const_iterator end() const { return entries_.end(); }
  auto operator<=>(const StringMap&) const = default;

 private:
  [[nodiscard]] std::vector<Entry>::const_iterator place(std::string_view key) const {
    return std::lower_bound(entries_.begin(), entries_.end(), key,
                            [](const Entry& entry, std::string_view k) { return entry.first < k; });
  }
  std::vector<Entry> entries_;
};

}  // namespace hyperwright::kube
