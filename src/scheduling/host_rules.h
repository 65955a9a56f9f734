// What constraints between pods say about the pods of one new node, whose hostname is a domain of
// its own:
//
//   spread          no more counted pods than maxSkew (an empty node is always possible: the least
//                   count is zero)
//   anti-affinity   no counted pod beside one that carries it
//   affinity        is no rule here: pods that want company join later (pool_plan.h). It stands
//   here
//                   as a spread without bounds, so that carriers are told apart from others
//
// A node is judged by what stands on it in the end, never by who came first: so the plan holds in
// whichever order the scheduler binds its pods.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace hyperwright::scheduling {

// Of the pods of one demand; by group, and only for groups that some pod of the batch carries.
struct HostRules {
  struct Rule {
    std::uint32_t group = 0;
    bool is_spread = false;
    std::int32_t max_skew = 0;  // of a spread
    bool is_carried = false;    // these pods carry the constraint
    bool is_counted = false;    // these pods are counted by it
    auto operator<=>(const Rule&) const = default;
  };
  std::vector<Rule> rules;
  auto operator<=>(const HostRules&) const = default;
};

// The pods of one node, as far as rules go. Adding is cheap and leaves nothing behind.
class HostCounts {
 public:
  // How many pods under these rules may still come, at most `wanted`.
  [[nodiscard]] std::int64_t allowed(const HostRules& rules, std::int64_t wanted) const {
    for (const HostRules::Rule& rule : rules.rules) {
      const Count count = get(rule.group);
      if (rule.is_spread) {
        if (!rule.is_carried && count.carriers == 0) continue;
        const std::int64_t left = rule.max_skew - count.counted;
        if (rule.is_counted ? left <= 0 : left < 0) return 0;
        if (rule.is_counted && left < wanted) wanted = left;
      } else {
        if (rule.is_carried && count.counted > 0) return 0;
        if (rule.is_counted && count.carriers > 0) return 0;
        if (rule.is_carried && rule.is_counted) wanted = wanted < 1 ? wanted : 1;
      }
    }
    return wanted;
  }

  void add(const HostRules& rules, std::int64_t pods) {
    for (const HostRules::Rule& rule : rules.rules) {
      if (counts_.size() <= rule.group) counts_.resize(rule.group + 1);
      Count& count = counts_[rule.group];
      if (!count.is_touched) touched_.push_back(rule.group);
      count.is_touched = true;
      if (rule.is_counted) count.counted += pods;
      if (rule.is_carried) count.carriers += pods;
    }
  }

  void clear() {
    for (const std::uint32_t group : touched_) counts_[group] = {};
    touched_.clear();
  }

 private:
  struct Count {
    std::int64_t counted = 0;
    std::int64_t carriers = 0;
    bool is_touched = false;
  };
  [[nodiscard]] Count get(std::uint32_t group) const {
    return group < counts_.size() ? counts_[group] : Count{};
  }
  std::vector<Count> counts_;
  std::vector<std::uint32_t> touched_;
};

}  // namespace hyperwright::scheduling
