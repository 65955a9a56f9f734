// What the volumes of a pod ask of its node.
//
//   bound claim     its PersistentVolume says where: one of the terms of its required node
//   affinity.
//                   Of a local or hostPath volume the hostname is not asked for: its node may be
//                   gone, and then no node would do
//   unbound claim   its StorageClass says where: one of allowedTopologies. The volume is made where
//                   the pod goes (WaitForFirstConsumer)
//   several         one combination of their terms that does not contradict itself
//   attach limits   a Node may attach so many volumes of a driver (CSINode), see attach_limits.h
//
// They tighten where the pod may stand, and are never relaxed. They leave the domains of its spread
// constraints as they are: kube-scheduler counts nodes that the volume cannot reach, too.
// Claims that cannot serve any node keep their pod waiting, with a sentence that names the claim.
//
// Source: Kubernetes, Persistent Volumes and Storage Classes; Karpenter,
// pkg/controllers/provisioning/scheduling/volumetopology.go.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kube/pod.h"
#include "kube/requirement.h"
#include "scheduling/attach_limits.h"
#include "scheduling/existing_nodes.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

// Combinations of terms that are looked at, of a pod's volumes alone, and with the terms of its own
// node affinity. A pod that has more stays without a place.
inline constexpr std::size_t kVolumeAlternativesMax = 256;
inline constexpr std::size_t kNodeAlternativesMax = 1024;

struct VolumeDemand {
  std::vector<kube::Requirements> alternatives;  // any one of them is enough; empty: anywhere
  std::vector<AttachedOfDriver> attached;        // of drivers for which some node has a limit
  std::string problem;  // why no node will be looked for at all; "" if one will
  auto operator<=>(const VolumeDemand&) const = default;
};

// Those of `a` that go with one of `b`, tightened by it; each once, and `most` at most.
std::vector<kube::Requirements> within(const std::vector<kube::Requirements>& a,
                                       const std::vector<kube::Requirements>& b, std::size_t most);
// "topology.kubernetes.io/zone In [z1] or topology.kubernetes.io/zone In [z2]"
std::string places_text(const std::vector<kube::Requirements>& alternatives);

class Volumes {
 public:
  using Id = std::uint32_t;

  // `batch`: pods that are being placed. All of it must outlive this.
  Volumes(const state::ClusterState& state, const ExistingNodes& nodes,
          std::span<const state::PodRecord* const> batch)
      : state_(state), nodes_(nodes), batch_(batch) {}
  Volumes(const Volumes&) = delete;
  Volumes& operator=(const Volumes&) = delete;

  // Of a pod that mounts claims; pods that ask the same have the same.
  Id demand_of(const state::PodRecord& record);
  // Valid as long as this is.
  [[nodiscard]] const VolumeDemand& get(Id id) const { return *list_[id]; }

  // Once some pod was asked about.
  [[nodiscard]] AttachLimits& limits() { return *limits_; }
  [[nodiscard]] const AttachLimits& limits() const { return *limits_; }

 private:
  const state::ClusterState& state_;
  const ExistingNodes& nodes_;
  std::span<const state::PodRecord* const> batch_;
  std::optional<AttachLimits> limits_;  // looked up when a pod is first asked about
  std::map<VolumeDemand, Id> ids_;
  std::vector<const VolumeDemand*> list_;
};

}  // namespace hyperwright::scheduling
