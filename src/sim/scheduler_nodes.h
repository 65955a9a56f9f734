// The scheduler's picture of the nodes: what each offers, and what the pods on it use.
//
// Ids are given out once and never again, so that an old one can be kept anywhere; the node behind
// it may be gone. A node has a version, which moves with every change of what it offers or has
// left, and remembers the version at which it last got better: more room, other labels, fewer
// taints. Each time it gets better it is written to a log, so that a class of pods can look at just
// the nodes that may fit now and did not before.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/node.h"
#include "sim/scheduler_pod_class.h"

namespace hyperwright::sim {

struct SchedulerNode {
  std::string name;
  bool is_gone = false;
  kube::Node node;
  kube::Resources used;
  std::int64_t score_cpu_used = 0;
  std::int64_t score_memory_used = 0;
  std::vector<kube::HostPort> ports_used;  // sorted
  std::uint64_t version = 1;
  std::uint64_t better_at = 1;  // the version at which it last got better
};

class SchedulerNodes {
 public:
  enum class Upsert : std::uint8_t { Same, Better, New, Relabelled };

  Upsert upsert(kube::Node node);
  // The id that went; nullopt: there was none of this name.
  std::optional<std::uint32_t> remove(std::string_view name);

  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const;
  [[nodiscard]] const SchedulerNode& at(std::uint32_t id) const { return *nodes_[id]; }
  // In order of name, gone ones not among them.
  [[nodiscard]] const std::map<std::string, std::uint32_t, std::less<>>& by_name() const {
    return by_name_;
  }
  [[nodiscard]] std::size_t size() const { return by_name_.size(); }

  // A pod of the class comes to the node, or leaves it.
  void take(std::uint32_t id, const PodClass& pod);
  void release(std::uint32_t id, const PodClass& pod);

  // The ids that got better since a place in the log, each once, oldest first; nullopt: the log has
  // forgotten, look at all. `place` becomes the log's end.
  [[nodiscard]] std::optional<std::vector<std::uint32_t>> better_since(std::uint64_t& place) const;
  [[nodiscard]] std::uint64_t log_end() const { return log_begin_ + log_.size(); }

 private:
  void got_better(std::uint32_t id);

  std::vector<std::unique_ptr<SchedulerNode>> nodes_;  // by id
  std::map<std::string, std::uint32_t, std::less<>> by_name_;
  std::vector<std::uint32_t> log_;
  std::uint64_t log_begin_ = 0;
};

}  // namespace hyperwright::sim
