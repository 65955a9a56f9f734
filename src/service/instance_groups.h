// Instance groups as a whole: their counts, their minimum, their end.
//
// MinInstanceCount holds a new group in Creating and a changed one in Updating until that many
// nodes run; until then BatchAddClusterNodes and BatchDeleteClusterNodes are refused for it. After
// three hours it is given up: a new group goes to zero, a changed one to what it was when it was
// last InService. Afterwards it is no floor.
//
// Source: HyperPod, "Minimum capacity requirements (MinCount)".
#pragma once

#include <cstdint>

#include "service/turn.h"

namespace hyperwright::service {

inline constexpr Duration kMinCountPatience = Duration::hours(3);

enum class Victims : std::uint8_t {
  Random,     // UpdateCluster: those without an instance first, types of low preference, then by
              // chance
  Unhealthy,  // a minimum that is given up: those that do not run first, then the newest
};

// Adds or removes nodes until the group wants `target` of them; new ones start at `from`.
void scale_to(Turn& turn, ClusterRecord& cluster, const GroupRecord& group, std::int32_t target,
              Victims victims, Time from);

// The group has a new minimum or new counts: it is `waiting` until settle_groups() finds that the
// minimum runs.
void begin_waiting_for_minimum(Turn& turn, const ClusterRecord& cluster, GroupRecord& group,
                               hyperpod::InstanceGroupStatus waiting);
// Three hours have passed.
void give_up_minimum(Turn& turn, ClusterRecord& cluster, GroupRecord& group);
// All of its nodes go, then the group.
void begin_deletion(Turn& turn, ClusterRecord& cluster, GroupRecord& group);

// To be called when an operation or a step of time is through: groups that reached their minimum
// become InService, and groups that were deleted go with their last node. Erases groups: no
// reference to one outlives this.
void settle_groups(Turn& turn, ClusterRecord& cluster);

}  // namespace hyperwright::service
