// What a CapacityBuffer keeps room for: so many virtual pods of a template.
//
//   template  of the PodTemplate that it names, or of the workload
//   count     the larger of `replicas` and the share (`percentage`) of the workload's replicas, at
//             least one where neither is nothing; where neither is given, what the limits allow.
//             Never more than the limits allow
//
// A buffer of another strategy than kActiveCapacity is somebody else's: it keeps no room here.
//
// A virtual pod asks what a pod of the template asks, but for volumes: claims that nobody made yet
// are nowhere. It is the least important pod of all, so that it takes what real pods leave.
//
// Source: the CapacityBuffer API of the Cluster Autoscaler; Karpenter, controller capacitybuffer.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "kube/capacity_buffer.h"
#include "kube/pod.h"

namespace hyperwright::state {

class ClusterState;

// A plan looks at each of them: what is above this is told, and kept no room for.
inline constexpr std::int64_t kBufferPodsMax = 5000;

// Of a virtual pod: less important than any pod that exists.
inline constexpr std::int32_t kBufferPodPriority = std::numeric_limits<std::int32_t>::min();

// What spec.provisioningStrategy means where it says nothing: nodes that are there, and run.
inline constexpr std::string_view kActiveCapacity = "buffer.x-k8s.io/active-capacity";
bool has_foreign_strategy(const kube::CapacityBuffer& buffer);

struct ResolvedBuffer {
  // Why not, as the condition ReadyForProvisioning says it: PodTemplateNotFound,
  // ScalableRefNotFound, ResolutionFailed; "": it is resolved.
  std::string reason;
  std::string message;
  const kube::StringMap* labels = nullptr;  // of its pods
  const kube::Scheduling* scheduling = nullptr;
  std::int64_t template_generation = 0;  // of the PodTemplate
  std::int64_t count = 0;
  [[nodiscard]] bool is_resolved() const { return reason.empty(); }
};

// What it points to is the picture's.
ResolvedBuffer resolve(const kube::CapacityBuffer& buffer, const ClusterState& state);

// The pod of this number, from 1 on. Requires: the buffer is resolved.
kube::Pod virtual_pod(const kube::CapacityBuffer& buffer, const ResolvedBuffer& resolved,
                      std::int64_t number);

}  // namespace hyperwright::state
