#include "tests/scheduling/checker_defaults.h"

#include <map>
#include <string>
#include <vector>

namespace hyperwright::scheduling {
namespace {

bool selects(const kube::Service& service, const kube::Pod& pod) {
  if (!service.has_selector || service.meta.namespace_ != pod.meta.namespace_) return false;
  for (const auto& [key, value] : service.selector) {
    const std::string* label = pod.meta.labels.find(key);
    if (label == nullptr || *label != value) return false;
  }
  return true;
}

// The selector of the workload that the owner names; nullptr: there is no such workload.
template <typename T>
const kube::LabelSelector* selector_of(const state::ClusterState& state, const kube::Pod& pod,
                                       const std::string& name) {
  for (const auto& [key, workload] : state.objects<T>()) {
    if (key.namespace_ == pod.meta.namespace_ && key.name == name && workload.selector)
      return &*workload.selector;
  }
  return nullptr;
}

}  // namespace

kube::Pod with_default_spread(kube::Pod pod, const state::ClusterState& state) {
  if (!pod.scheduling.topology_spread.empty()) return pod;
  std::map<std::string, std::string> labels;           // one value a key
  std::vector<kube::SelectorRequirement> all_of_them;  // beside those
  for (const auto& [key, service] : state.objects<kube::Service>()) {
    if (!selects(service, pod)) continue;
    for (const auto& [label, value] : service.selector) labels[label] = value;
  }
  for (const kube::OwnerReference& owner : pod.meta.owner_references) {
    if (!owner.controller) continue;
    if (owner.kind == "ReplicationController") {
      const auto* own = selector_of<kube::ReplicationController>(state, pod, owner.name);
      if (own == nullptr) continue;
      for (const auto& [label, value] : own->match_labels) labels[label] = value;
      continue;
    }
    const kube::LabelSelector* own = nullptr;
    if (owner.kind == "ReplicaSet") own = selector_of<kube::ReplicaSet>(state, pod, owner.name);
    if (owner.kind == "StatefulSet") own = selector_of<kube::StatefulSet>(state, pod, owner.name);
    if (own == nullptr) continue;
    for (const auto& [label, value] : own->match_labels)
      all_of_them.push_back({label, kube::SelectorOperator::In, {value}});
    for (const kube::SelectorRequirement& requirement : own->match_expressions)
      all_of_them.push_back(requirement);
  }
  if (labels.empty() && all_of_them.empty()) return pod;
  for (kube::TopologySpreadConstraint constraint : state.options().default_spread) {
    constraint.selector.emplace();
    for (const auto& [label, value] : labels) constraint.selector->match_labels.set(label, value);
    constraint.selector->match_expressions = all_of_them;
    pod.scheduling.topology_spread.push_back(std::move(constraint));
  }
  return pod;
}

}  // namespace hyperwright::scheduling
