// autoscaling.x-k8s.io/v1beta1 CapacityBuffer: room that is kept free for pods of one template.
//
// Source: the CapacityBuffer API of the Cluster Autoscaler, which Karpenter reads too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/condition.h"
#include "kube/object_meta.h"
#include "kube/resources.h"

namespace hyperwright::kube {

struct CapacityBuffer {
  // A workload whose template and replicas are taken.
  struct ScalableReference {
    std::string api_group;  // "" or "apps"
    std::string kind;       // Deployment, StatefulSet or ReplicaSet
    std::string name;
    bool operator==(const ScalableReference&) const = default;
  };

  ObjectMeta meta;
  std::string provisioning_strategy;
  std::optional<std::string> pod_template;  // podTemplateRef.name, of the buffer's namespace
  std::optional<ScalableReference> scalable;
  std::optional<std::int64_t> replicas;
  std::optional<std::int64_t> percentage;  // of the workload's replicas
  std::optional<Limits> limits;            // of what all its pods ask for together
  // What could not be read, one sentence a field: the buffer then keeps no room.
  std::vector<std::string> decode_problems;
  // status
  std::optional<std::string> status_pod_template;
  std::optional<std::int64_t> status_replicas;
  std::optional<std::int64_t> status_pod_template_generation;
  std::string status_provisioning_strategy;
  Conditions conditions;
  bool operator==(const CapacityBuffer&) const = default;
};

namespace capacity_buffer_condition {
inline constexpr std::string_view kReadyForProvisioning = "ReadyForProvisioning";
inline constexpr std::string_view kProvisioning = "Provisioning";
}  // namespace capacity_buffer_condition

}  // namespace hyperwright::kube
