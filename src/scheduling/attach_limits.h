// How many volumes the existing nodes may still attach.
//
// CSINode says for each driver how many volumes its Node may have. What counts is the union of the
// volumes of its pods: those that are bound, those that are nominated to it, and those that this
// plan puts there. A volume that several pods mount counts once.
//
// Pods that mount volumes of their own are told apart by their number alone, so that a StatefulSet
// stays one demand; volumes that others mount, too, are known by id.
//
// New nodes have no limit yet (as in Karpenter): it is known when their driver has registered.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "scheduling/existing_nodes.h"
#include "state/attached_volumes.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

// What one pod attaches of one driver.
struct AttachedOfDriver {
  std::uint32_t driver = 0;
  std::int64_t own = 0;               // volumes that nobody else mounts
  std::vector<std::uint32_t> shared;  // the others, by id, sorted
  auto operator<=>(const AttachedOfDriver&) const = default;
};

class AttachLimits {
 public:
  // `batch`: pods that are being placed; places that they hold by nomination are given up.
  AttachLimits(const state::ClusterState& state, const ExistingNodes& nodes,
               std::span<const state::PodRecord* const> batch);

  // By driver; drivers that no node limits are left out. Of a pod of the batch.
  [[nodiscard]] std::vector<AttachedOfDriver> attached_by(const kube::Pod& pod) const;
  // How many such pods the node can attach, at most `wanted`.
  [[nodiscard]] std::int64_t room_on(std::size_t node,
                                     const std::vector<AttachedOfDriver>& attached,
                                     std::int64_t wanted) const;
  void attach(std::size_t node, const std::vector<AttachedOfDriver>& attached, std::int64_t pods);

 private:
  struct Limited {
    std::uint32_t driver = 0;
    std::int64_t left = 0;             // below zero: the node has more than it may
    std::vector<std::uint32_t> known;  // ids of volumes that it has, sorted
    void insert(std::uint32_t volume);
  };
  struct Volume {
    std::uint32_t id = 0;
    bool is_shared = false;
  };

  void learn_limits(const ExistingNodes& nodes);
  void learn_batch();
  void learn_node(std::size_t node, const std::string& name, const std::string& claim);
  [[nodiscard]] Limited* find(std::size_t node, std::uint32_t driver);
  [[nodiscard]] const Limited* find(std::size_t node, std::uint32_t driver) const;

  const state::ClusterState& state_;
  std::vector<const state::PodRecord*> batch_;  // sorted by address, for look-up only
  std::map<std::string, std::uint32_t, std::less<>> drivers_;  // that some node limits
  std::vector<std::vector<Limited>> nodes_;                    // by existing node, then by driver
  std::map<state::AttachedVolume, Volume> volumes_;            // that pods of the batch mount
};

}  // namespace hyperwright::scheduling
