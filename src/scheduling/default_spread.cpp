#include "scheduling/default_spread.h"

#include <algorithm>

namespace hyperwright::scheduling {
namespace {

// Equal requirements in one order: selectors that ask the same are the same.
void in_order(kube::LabelSelector& selector) {
  std::ranges::sort(selector.match_expressions);
  const auto same = std::ranges::unique(selector.match_expressions);
  selector.match_expressions.erase(same.begin(), same.end());
}

// Both must hold: of a label that they contradict each other on, nobody has both values.
void add_required(kube::LabelSelector& selector, const kube::LabelSelector& required) {
  for (const auto& [key, value] : required.match_labels) {
    const std::string* known = selector.match_labels.find(key);
    if (known == nullptr) {
      selector.match_labels.set(key, value);
    } else if (*known != value) {
      selector.match_expressions.push_back({key, kube::SelectorOperator::In, {value}});
    }
  }
  selector.match_expressions.insert(selector.match_expressions.end(),
                                    required.match_expressions.begin(),
                                    required.match_expressions.end());
  in_order(selector);
}

template <typename T>
const kube::LabelSelector* selector_of(const state::ClusterState& state,
                                       const std::string& namespace_name, const std::string& name) {
  const T* workload = state.find<T>(namespace_name, name);
  return workload == nullptr || !workload->selector ? nullptr : &*workload->selector;
}

}  // namespace

std::optional<kube::LabelSelector> default_selector(const state::ClusterState& state,
                                                    const std::string& namespace_name,
                                                    const kube::StringMap& labels,
                                                    const kube::OwnerReference* controller) {
  kube::LabelSelector selector;
  const auto& services = state.objects<kube::Service>();
  for (auto it = services.lower_bound({namespace_name, ""});
       it != services.end() && it->first.namespace_ == namespace_name; ++it) {
    const kube::Service& service = it->second;
    if (service.has_selector && kube::LabelSelector{service.selector, {}}.matches(labels))
      selector.match_labels.merge(service.selector);
  }
  if (controller != nullptr) {
    const auto is_a = [&](std::string_view api_version, std::string_view kind) {
      return controller->api_version == api_version && controller->kind == kind;
    };
    if (is_a("v1", "ReplicationController")) {
      const auto* own =
          selector_of<kube::ReplicationController>(state, namespace_name, controller->name);
      if (own != nullptr) selector.match_labels.merge(own->match_labels);
    } else if (is_a("apps/v1", "ReplicaSet")) {
      const auto* own = selector_of<kube::ReplicaSet>(state, namespace_name, controller->name);
      if (own != nullptr) add_required(selector, *own);
    } else if (is_a("apps/v1", "StatefulSet")) {
      const auto* own = selector_of<kube::StatefulSet>(state, namespace_name, controller->name);
      if (own != nullptr) add_required(selector, *own);
    }
  }
  if (selector == kube::LabelSelector{}) return std::nullopt;
  return selector;
}

DefaultSpread::DefaultSpread(const state::ClusterState& state)
    : state_(state), first_(static_cast<VariantId>(state.pod_classes().size())) {}

VariantId DefaultSpread::variant_of(const state::PodRecord& pod) {
  // One constraint of its own, and the pod has no default: Kubernetes replaces the list as a whole.
  if (state_.options().default_spread.empty() || !pod.pod.scheduling.topology_spread.empty())
    return pod.pod_class;
  const kube::OwnerReference* controller = pod.pod.meta.controller();
  Controller key;
  if (controller != nullptr) key = {controller->api_version, controller->kind, controller->name};
  const auto [it, is_new] = known_.try_emplace({pod.pod_class, std::move(key)}, pod.pod_class);
  if (is_new) it->second = with_defaults(pod.pod_class, controller);
  return it->second;
}

VariantId DefaultSpread::with_defaults(state::PodClassId id,
                                       const kube::OwnerReference* controller) {
  const state::PodClass& plain = state_.pod_classes().get(id);
  const auto selector = default_selector(state_, plain.namespace_, plain.labels, controller);
  if (!selector) return id;
  const auto next = first_ + static_cast<VariantId>(list_.size());
  const auto [it, is_new] = ids_.try_emplace({id, *selector}, next);
  if (!is_new) return it->second;
  state::PodClass& made = list_.emplace_back(plain);
  for (const state::DefaultSpreadConstraint& constraint : state_.options().default_spread) {
    made.scheduling.topology_spread.push_back(constraint);
    made.scheduling.topology_spread.back().selector = *selector;
  }
  return next;
}

const state::PodClass& DefaultSpread::get(VariantId id) const {
  return id < first_ ? state_.pod_classes().get(id) : list_[id - first_];
}

}  // namespace hyperwright::scheduling
