// What is due when: keys with a time each, taken in order of time, then of key. Setting a key again
// moves it.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/time.h"

namespace hyperwright::sim {

template <typename Key, typename Less = std::less<Key>>
class DueTimes {
 public:
  void set(const Key& key, Time time) {
    erase(key);
    times_.emplace(key, time);
    order_[time].insert(key);
  }
  // Keeps the earlier of both times.
  void set_earliest(const Key& key, Time time) {
    const auto it = times_.find(key);
    if (it == times_.end() || time < it->second) set(key, time);
  }
  void erase(const Key& key) {
    const auto it = times_.find(key);
    if (it == times_.end()) return;
    const auto at = order_.find(it->second);
    at->second.erase(key);
    if (at->second.empty()) order_.erase(at);
    times_.erase(it);
  }
  [[nodiscard]] bool contains(const Key& key) const { return times_.contains(key); }
  // Takes out every key whose time has come.
  [[nodiscard]] std::vector<Key> take_due(Time now) {
    std::vector<Key> due;
    while (!order_.empty() && order_.begin()->first <= now) {
      for (const Key& key : order_.begin()->second) {
        due.push_back(key);
        times_.erase(key);
      }
      order_.erase(order_.begin());
    }
    return due;
  }
  // Time::max(): nothing is due, ever.
  [[nodiscard]] Time next() const { return order_.empty() ? Time::max() : order_.begin()->first; }
  [[nodiscard]] bool empty() const { return order_.empty(); }

 private:
  std::map<Key, Time, Less> times_;
  std::map<Time, std::set<Key, Less>> order_;
};

}  // namespace hyperwright::sim
