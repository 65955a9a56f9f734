// The cluster's default topology spread constraints: of pods that have none of their own, among the
// pods that their Services and their controller select.
//
//   selector =   the selectors of the namespace's Services that select the pod, merged; of two
//                values of one key that of the later Service, by name, counts
//            and its controller's: the labels of a ReplicationController replace those of Services,
//                what a ReplicaSet or StatefulSet requires must hold as well
//
// Where that selects by nothing there is no default. Pods of one class may come from different
// controllers, so a class has a variant for each selector that its pods spread by.
//
// Labels that number the pods of a workload are no labels here (state/pod_classes.h).
//
// Source: Kubernetes, Pod Topology Spread Constraints, Cluster-level default constraints;
// Karpenter, pkg/controllers/provisioning/scheduling/defaultconstraints.go.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "kube/object_meta.h"
#include "kube/selector.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

using VariantId = std::uint32_t;

// What pods of the namespace with these labels are spread by; nullopt: by nothing. `controller` may
// be nullptr. One that is not there, or that selects no pods, adds nothing.
std::optional<kube::LabelSelector> default_selector(const state::ClusterState& state,
                                                    const std::string& namespace_name,
                                                    const kube::StringMap& labels,
                                                    const kube::OwnerReference* controller);

class DefaultSpread {
 public:
  explicit DefaultSpread(const state::ClusterState& state);
  DefaultSpread(const DefaultSpread&) = delete;
  DefaultSpread& operator=(const DefaultSpread&) = delete;

  // The class of the pod, by its own id, or the class with the defaults that hold for the pod.
  VariantId variant_of(const state::PodRecord& pod);
  // Valid as long as this is.
  [[nodiscard]] const state::PodClass& get(VariantId id) const;

 private:
  using Controller = std::tuple<std::string, std::string, std::string>;  // apiVersion, kind, name
  VariantId with_defaults(state::PodClassId pod_class, const kube::OwnerReference* controller);

  const state::ClusterState& state_;
  VariantId first_ = 0;  // with defaults: those below it are classes
  std::deque<state::PodClass> list_;
  std::map<std::pair<state::PodClassId, Controller>, VariantId> known_;
  std::map<std::pair<state::PodClassId, kube::LabelSelector>, VariantId> ids_;
};

}  // namespace hyperwright::scheduling
