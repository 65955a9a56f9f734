#include "sim/scheduler_nodes.h"

#include <algorithm>
#include <set>
#include <utility>

namespace hyperwright::sim {

SchedulerNodes::Upsert SchedulerNodes::upsert(kube::Node node) {
  const auto it = by_name_.find(node.meta.name);
  if (it == by_name_.end()) {
    const auto id = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back(std::make_unique<SchedulerNode>());
    nodes_.back()->name = node.meta.name;
    nodes_.back()->node = std::move(node);
    by_name_[nodes_.back()->name] = id;
    got_better(id);
    return Upsert::New;
  }
  SchedulerNode& known = *nodes_[it->second];
  const bool is_relabelled = known.node.meta.labels != node.meta.labels;
  const bool is_same = !is_relabelled && known.node.taints == node.taints &&
                       known.node.unschedulable == node.unschedulable &&
                       known.node.allocatable == node.allocatable;
  known.node = std::move(node);
  if (is_same) return Upsert::Same;
  got_better(it->second);
  return is_relabelled ? Upsert::Relabelled : Upsert::Better;
}

std::optional<std::uint32_t> SchedulerNodes::remove(std::string_view name) {
  const auto it = by_name_.find(name);
  if (it == by_name_.end()) return std::nullopt;
  const std::uint32_t id = it->second;
  by_name_.erase(it);
  SchedulerNode& gone = *nodes_[id];
  gone.is_gone = true;
  gone.node = {};
  gone.used = {};
  gone.ports_used.clear();
  return id;
}

std::optional<std::uint32_t> SchedulerNodes::find(std::string_view name) const {
  const auto it = by_name_.find(name);
  if (it == by_name_.end()) return std::nullopt;
  return it->second;
}

void SchedulerNodes::take(std::uint32_t id, const PodClass& pod) {
  SchedulerNode& node = *nodes_[id];
  node.used += pod.scheduling.requests;
  node.score_cpu_used += pod.score_cpu;
  node.score_memory_used += pod.score_memory;
  for (const kube::HostPort& port : pod.scheduling.host_ports) {
    node.ports_used.insert(std::ranges::upper_bound(node.ports_used, port), port);
  }
  node.version += 1;
}

void SchedulerNodes::release(std::uint32_t id, const PodClass& pod) {
  SchedulerNode& node = *nodes_[id];
  node.used -= pod.scheduling.requests;
  node.score_cpu_used -= pod.score_cpu;
  node.score_memory_used -= pod.score_memory;
  for (const kube::HostPort& port : pod.scheduling.host_ports) {
    const auto it = std::ranges::find(node.ports_used, port);
    if (it != node.ports_used.end()) node.ports_used.erase(it);
  }
  got_better(id);
}

std::optional<std::vector<std::uint32_t>> SchedulerNodes::better_since(std::uint64_t& place) const {
  const std::uint64_t from = std::exchange(place, log_end());
  if (from < log_begin_) return std::nullopt;
  std::vector<std::uint32_t> ids;
  std::set<std::uint32_t> seen;
  for (std::uint64_t i = from - log_begin_; i < log_.size(); ++i) {
    if (!nodes_[log_[i]]->is_gone && seen.insert(log_[i]).second) ids.push_back(log_[i]);
  }
  return ids;
}

void SchedulerNodes::got_better(std::uint32_t id) {
  SchedulerNode& node = *nodes_[id];
  node.version += 1;
  node.better_at = node.version;
  log_.push_back(id);
  // A log that is longer than a look at every node is worth less than one.
  if (log_.size() > 2 * by_name_.size() + 1000) {
    const std::size_t cut = log_.size() / 2;
    log_.erase(log_.begin(), log_.begin() + static_cast<std::ptrdiff_t>(cut));
    log_begin_ += cut;
  }
}

}  // namespace hyperwright::sim
