#include "kube/string_map.h"

#include <algorithm>

namespace hyperwright::kube {

StringMap::StringMap(std::initializer_list<Entry> entries) {
  for (const Entry& entry : entries) set(entry.first, entry.second);
}

const std::string* StringMap::find(std::string_view key) const {
  const auto it = place(key);
  return it != entries_.end() && it->first == key ? &it->second : nullptr;
}

void StringMap::set(std::string_view key, std::string_view value) {
  const auto it = entries_.begin() + (place(key) - entries_.cbegin());
  if (it != entries_.end() && it->first == key) {
    it->second = value;
  } else {
    entries_.emplace(it, key, value);
  }
}

void StringMap::erase(std::string_view key) {
  const auto it = place(key);
  if (it != entries_.end() && it->first == key) entries_.erase(it);
}

void StringMap::merge(const StringMap& other) {
  for (const Entry& entry : other) set(entry.first, entry.second);
}

std::size_t StringMap::bytes() const {
  std::size_t sum = 0;
  for (const auto& [key, value] : entries_) sum += key.size() + value.size();
  return sum;
}

bool StringMap::operator==(const StringMap& other) const { return entries_ == other.entries_; }

std::strong_ordering StringMap::operator<=>(const StringMap& other) const {
  return entries_ <=> other.entries_;
}

std::vector<StringMap::Entry>::const_iterator StringMap::place(std::string_view key) const {
  return std::lower_bound(entries_.begin(), entries_.end(), key,
                          [](const Entry& entry, std::string_view k) { return entry.first < k; });
}

}  // namespace hyperwright::kube
