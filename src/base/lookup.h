// A hash map that answers and is never walked: it has find and no begin. Iterate the vector that
// its values point into; an order that depends on hashes would differ between machines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

namespace hyperwright {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return boost::hash<std::string_view>{}(text);
  }
};

template <typename Key, typename Value, typename Hash = boost::hash<Key>,
          typename Equal = std::equal_to<>>
class Lookup {
 public:
  template <typename K>
  [[nodiscard]] const Value* find(const K& key) const {
    const auto it = map_.find(key);
    return it == map_.end() ? nullptr : &it->second;
  }
  template <typename K>
  [[nodiscard]] Value* find(const K& key) {
    const auto it = map_.find(key);
    return it == map_.end() ? nullptr : &it->second;
  }
  // The pointers that find gave out are no longer valid after any of these.
  void set(Key key, Value value) { map_.insert_or_assign(std::move(key), std::move(value)); }
  Value& at_or_new(Key key) { return map_.try_emplace(std::move(key)).first->second; }
  template <typename K>
  bool erase(const K& key) {
    const auto it = map_.find(key);
    if (it == map_.end()) return false;
    map_.erase(it);
    return true;
  }
  [[nodiscard]] bool contains(const Key& key) const { return map_.contains(key); }
  [[nodiscard]] std::size_t size() const { return map_.size(); }
  void clear() { map_.clear(); }

 private:
  boost::unordered_flat_map<Key, Value, Hash, Equal> map_;
};

template <typename Value>
using TextLookup = Lookup<std::string, Value, TextHash>;

}  // namespace hyperwright
