// The way in: everything that the loop learns, it learns from one of these.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "hyperpod/cluster.h"
#include "hyperpod/instance_type.h"
#include "hyperpod/wire.h"
#include "kube/capacity_buffer.h"
#include "kube/daemon_set.h"
#include "kube/hyperpod_node_class.h"
#include "kube/namespace.h"
#include "kube/node.h"
#include "kube/node_claim.h"
#include "kube/node_overlay.h"
#include "kube/node_pool.h"
#include "kube/pod.h"
#include "kube/pod_disruption_budget.h"
#include "kube/volumes.h"
#include "kube/workloads.h"
#include "state/kind.h"

namespace hyperwright::state {

using Object =
    std::variant<kube::Pod, kube::Node, kube::NodePool, kube::NodeClaim, kube::HyperpodNodeClass,
                 kube::DaemonSet, kube::PodDisruptionBudget, kube::PersistentVolume,
                 kube::PersistentVolumeClaim, kube::StorageClass, kube::CsiNode, kube::Namespace,
                 kube::Service, kube::ReplicaSet, kube::StatefulSet, kube::ReplicationController,
                 kube::Deployment, kube::PodTemplate, kube::NodeOverlay,
                 kube::CapacityBuffer>;  // in Kind's order
static_assert(std::variant_size_v<Object> == kKindCount);
inline Kind kind_of(const Object& object) { return static_cast<Kind>(object.index()); }
const kube::ObjectMeta& meta_of(const Object& object);

// An object is new, or changed. Versions older than what is known are dropped.
struct Changed {
  Object object;
  bool operator==(const Changed&) const = default;
};
struct Gone {
  Kind kind = Kind::Pod;
  kube::ObjectKey key;
  std::string uid;
  std::uint64_t resource_version = 0;
  bool operator==(const Gone&) const = default;
};
// The first list of a kind is complete. Nothing is decided before every kind is.
struct Synced {
  Kind kind = Kind::Pod;
  bool operator==(const Synced&) const = default;
};

using EffectId = std::uint64_t;

// What became of an effect. Exactly one answer comes for each.
enum class Outcome : std::uint8_t {
  Done,
  Conflict,       // the object changed meanwhile
  NotFound,       // the object, or what the call names, is not there
  AlreadyExists,  // of a create
  Blocked,        // an eviction that a PodDisruptionBudget does not allow now
  Rejected,       // will not succeed by asking again: validation, permission
  Forbidden,      // HyperPod does not accept our credentials: it says nothing of the call itself
  LimitExceeded,  // ResourceLimitExceeded: a quota of the account
  Retry,          // throttled, or not reached: nothing happened, it may be tried again
  Unknown,        // it may or may not have taken effect
};
std::string_view to_string(Outcome outcome);

using Payload =
    std::variant<std::monostate, Object, hyperpod::Cluster, std::vector<hyperpod::Subnet>,
                 hyperpod::Page<hyperpod::Node>, hyperpod::Node, hyperpod::AddResult,
                 hyperpod::DeleteResult, hyperpod::Page<hyperpod::ClusterEvent>,
                 hyperpod::ClusterEvent, hyperpod::TrainingPlan>;

struct Answered {
  EffectId effect = 0;
  Outcome outcome = Outcome::Done;
  std::string message;  // what went wrong, for people
  Payload payload;      // Done: what came back, if anything did
  bool operator==(const Answered&) const = default;
};

// The price list was read anew, perhaps with no other price in it. Types that it does not name keep
// their prices.
struct Priced {
  std::vector<hyperpod::TypePrice> prices;
  bool operator==(const Priced&) const = default;
};

using Event = std::variant<Changed, Gone, Synced, Answered, Priced>;

}  // namespace hyperwright::state
