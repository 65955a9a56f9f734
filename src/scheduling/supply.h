// What pods can be placed on, kept from one plan to the next: the nodes that are there or coming,
// what each NodePool offers, and what it uses of its limits. A plan for one more pod must not cost
// a walk over the whole cluster.
//
//   nodes, usage   looked at again where the change log names them
//   overlays       read again when one of them changed
//   reservations   counted anew for each plan, where there are any
//   offerings      made anew when NodePools, NodeClasses, DaemonSets, the cluster's description or
//                  what is unavailable changed
//
// It holds nothing that is not in the picture: a plan on a supply that was kept is the plan on a
// new one (tests/scheduling/supply_property_test.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "scheduling/daemon_overhead.h"
#include "scheduling/existing_nodes.h"
#include "scheduling/limits.h"
#include "scheduling/node_overlay.h"
#include "scheduling/not_offered.h"
#include "scheduling/offering_catalogue.h"
#include "scheduling/reservations.h"
#include "state/change_log.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

class Supply {
 public:
  Supply() = default;
  Supply(const Supply&) = delete;
  Supply& operator=(const Supply&) = delete;

  // Brings it up to date. The picture must stay where it is: much of this points into it.
  void follow(const state::ClusterState& state, Time now);

  // Does a part of what `follow` will have to do, where that is much: of at most so many Nodes and
  // claims. So a plan need not wait for a look at the whole cluster. Says whether much is left.
  bool prepare(const state::ClusterState& state, std::size_t most);

  [[nodiscard]] ExistingNodes& nodes() { return nodes_; }
  // By weight, heaviest first; see templates.h.
  [[nodiscard]] const std::deque<OfferingCatalogue>& pools() const { return pools_; }
  [[nodiscard]] const std::vector<NotOffered>& not_offered() const { return not_offered_; }
  // What a static NodePool offers, whatever DaemonSets take of it.
  const OfferingCatalogue& static_pool(const kube::NodePool& pool, Time now);
  [[nodiscard]] const kube::Resources& usage(std::string_view pool) const {
    return usage_.of(pool);
  }
  // Those in force.
  [[nodiscard]] const NodeOverlays& overlays() const { return overlays_; }
  // What is left of reserved capacity.
  [[nodiscard]] const Reservations& reservations() const { return reservations_; }
  // `nodes` has seen the end of a plan: what its pods held is looked at again next time.
  void end_plan() { pending_.merge(nodes_.end()); }

 private:
  void follow_expectations(const state::ClusterState& state);
  // What is to be looked at again is in `pending_` afterwards.
  void follow_changes(const state::ClusterState& state);
  void look_at(const state::ClusterState& state, const ExistingNodes::Changes& changes);
  void follow_offerings(const state::ClusterState& state, Time now);

  const state::ClusterState* state_ = nullptr;
  state::ChangeLog::Position read_ = 0;
  std::uint64_t offerings_version_ = 0;
  Time offerings_end_;  // what is unavailable comes back then
  std::uint64_t expectations_version_ = 0;
  std::vector<Daemon> daemons_;
  NodeOverlays overlays_;
  ExistingNodes nodes_;
  ExistingNodes::Changes pending_;
  PoolUsage usage_;
  std::deque<OfferingCatalogue> pools_;
  std::map<std::string, OfferingCatalogue> static_pools_;  // that were asked for
  std::vector<NotOffered> not_offered_;
  Reservations reservations_;
};

}  // namespace hyperwright::scheduling
