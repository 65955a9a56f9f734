#include "sim/scheduler_candidates.h"

#include <algorithm>
#include <utility>

#include "kube/well_known.h"
#include "sim/scheduler_filters.h"

namespace hyperwright::sim {
namespace {

// What is less comes later: lower scores, and of equal ones the name that is later.
template <typename Entry>
auto comes_later(const SchedulerNodes& nodes) {
  return [&nodes](const Entry& a, const Entry& b) {
    if (a.score != b.score) return a.score < b.score;
    return a.node != b.node && nodes.at(a.node).name > nodes.at(b.node).name;
  };
}

std::vector<std::string> domains_of(const PodClass& pod, const kube::Node& node) {
  std::vector<std::string> domains;
  const auto add = [&](const std::string& key) {
    if (key != kube::kHostname) domains.emplace_back(node.meta.labels.get(key));
  };
  for (const kube::PodAffinityTerm& term : pod.scheduling.required_pod_affinity)
    add(term.topology_key);
  for (const kube::PodAffinityTerm& term : pod.scheduling.required_pod_anti_affinity)
    add(term.topology_key);
  for (const kube::TopologySpreadConstraint& constraint : pod.scheduling.topology_spread) {
    if (constraint.when_unsatisfiable == kube::WhenUnsatisfiable::DoNotSchedule)
      add(constraint.topology_key);
  }
  return domains;
}

}  // namespace

bool Candidates::refresh(const PodClass& pod, const SchedulerNodes& nodes) {
  if (!pod.problem.empty()) return false;
  const auto better = nodes.better_since(place_);
  bool any = false;
  const auto look_at = [&](std::uint32_t id) {
    if (misfit(pod, nodes.at(id))) return;
    push(pod, nodes, id);
    any = true;
  };
  if (has_looked_ && better) {
    for (const std::uint32_t id : *better) look_at(id);
    return any;
  }
  groups_.clear();
  has_looked_ = true;
  for (const auto& [name, id] : nodes.by_name()) look_at(id);
  return any;
}

bool Candidates::empty() const {
  return std::ranges::all_of(groups_, [](const auto& entry) { return entry.second.heap.empty(); });
}

std::optional<std::uint32_t> Candidates::best(const PodClass& pod, const SchedulerNodes& nodes,
                                              const Topology* topology) {
  const auto later = comes_later<Entry>(nodes);
  std::optional<Entry> best;
  for (auto& [domains, group] : groups_) {
    while (const Entry* top = settle_top(group, pod, nodes)) {
      bool by_hostname = false;
      if (topology == nullptr || !topology->refusal(nodes.at(top->node), by_hostname)) {
        if (!best || later(*best, *top)) best = *top;
        break;
      }
      if (!by_hostname) break;  // so are all others of the group
      group.parked.push_back(*top);
      std::ranges::pop_heap(group.heap, later);
      group.heap.pop_back();
    }
  }
  if (!best) return std::nullopt;
  return best->node;
}

void Candidates::unpark() {
  for (auto& [domains, group] : groups_) {
    for (const Entry& entry : std::exchange(group.parked, {})) group.heap.push_back(entry);
    // Put in order when it is next looked at: the order needs the nodes.
    group.is_sorted = false;
  }
}

void Candidates::reset() {
  groups_.clear();
  has_looked_ = false;
}

void Candidates::push(const PodClass& pod, const SchedulerNodes& nodes, std::uint32_t id) {
  const SchedulerNode& node = nodes.at(id);
  Group& group = groups_[domains_of(pod, node.node)];
  group.heap.push_back({.score = score(pod, node), .node = id, .version = node.version});
  if (group.is_sorted) std::ranges::push_heap(group.heap, comes_later<Entry>(nodes));
}

const Candidates::Entry* Candidates::settle_top(Group& group, const PodClass& pod,
                                                const SchedulerNodes& nodes) {
  const auto later = comes_later<Entry>(nodes);
  if (!group.is_sorted) std::ranges::make_heap(group.heap, later);
  group.is_sorted = true;
  while (!group.heap.empty()) {
    const Entry top = group.heap.front();
    const SchedulerNode& node = nodes.at(top.node);
    if (!node.is_gone && top.version == node.version) return &group.heap.front();
    std::ranges::pop_heap(group.heap, later);
    group.heap.pop_back();
    // A node that got better has a newer entry; one that has filled up is scored again.
    if (node.is_gone || top.version < node.better_at || misfit(pod, node)) continue;
    group.heap.push_back({.score = score(pod, node), .node = top.node, .version = node.version});
    std::ranges::push_heap(group.heap, later);
  }
  return nullptr;
}

}  // namespace hyperwright::sim
