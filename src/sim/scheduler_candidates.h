// The nodes that fit one class of pods, best first, kept from pod to pod and from pass to pass.
//
// A full look at every node is taken once. After that only nodes that got better are looked at
// (SchedulerNodes keeps the log). A node that filled up meanwhile is noticed when it comes up:
// scores only fall while a node fills, so an entry is never too low, and one that is out of date is
// scored again and put back. So a pod costs O(log nodes), and a class that nothing fits costs
// nothing until a node gets better.
//
// For classes with a topology the nodes are grouped by their domains: a zone that is full is passed
// over as one group. What is refused for its hostname is parked, until the topology says that it
// may have become possible.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/scheduler_nodes.h"
#include "sim/scheduler_pod_class.h"
#include "sim/scheduler_topology.h"

namespace hyperwright::sim {

class Candidates {
 public:
  // Looks at the nodes that got better since the last call, or at all. True: there are new
  // candidates.
  bool refresh(const PodClass& pod, const SchedulerNodes& nodes);
  [[nodiscard]] bool empty() const;
  // The best node that fits now, by score, then name; it stays a candidate. `topology` may be null.
  [[nodiscard]] std::optional<std::uint32_t> best(const PodClass& pod, const SchedulerNodes& nodes,
                                                  const Topology* topology);
  void unpark();
  // Look at all nodes the next time: their labels, and so the groups, have changed.
  void reset();

 private:
  struct Entry {
    std::int64_t score = 0;
    std::uint32_t node = 0;
    std::uint64_t version = 0;
  };
  struct Group {
    std::vector<Entry> heap;
    std::vector<Entry> parked;
    bool is_sorted = true;  // heap is one
  };

  void push(const PodClass& pod, const SchedulerNodes& nodes, std::uint32_t id);
  // The group's best entry that is up to date; nullptr: it has none left.
  const Entry* settle_top(Group& group, const PodClass& pod, const SchedulerNodes& nodes);

  std::map<std::vector<std::string>, Group> groups_;  // by domains
  std::uint64_t place_ = 0;                           // in the nodes' log
  bool has_looked_ = false;
};

}  // namespace hyperwright::sim
