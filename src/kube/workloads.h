// What pods come from, as far as it is read: the selectors that default topology spread counts by,
// and the templates that a CapacityBuffer copies.
#pragma once

#include <cstdint>
#include <optional>

#include "kube/object_meta.h"
#include "kube/pod.h"
#include "kube/selector.h"

namespace hyperwright::kube {

// core/v1 PodTemplate.
struct PodTemplate {
  ObjectMeta meta;
  StringMap labels;       // of the pods
  Scheduling scheduling;  // limits fill in missing requests, as the API server will
  bool operator==(const PodTemplate&) const = default;
};

// core/v1 Service.
struct Service {
  ObjectMeta meta;
  StringMap selector;
  bool has_selector = false;  // without one it selects no pods; an empty one is as none
  bool operator==(const Service&) const = default;
};

// What Deployments, ReplicaSets, StatefulSets and ReplicationControllers share.
struct Workload {
  ObjectMeta meta;
  std::optional<LabelSelector> selector;
  std::int64_t replicas = 1;
  StringMap template_labels;
  Scheduling scheduling;  // of the template, as in PodTemplate
  bool operator==(const Workload&) const = default;
};
struct Deployment : Workload {
  bool operator==(const Deployment&) const = default;
};
struct ReplicaSet : Workload {
  bool operator==(const ReplicaSet&) const = default;
};
struct StatefulSet : Workload {
  bool operator==(const StatefulSet&) const = default;
};
// core/v1; its selector is a map of labels.
struct ReplicationController : Workload {
  bool operator==(const ReplicationController&) const = default;
};

}  // namespace hyperwright::kube
