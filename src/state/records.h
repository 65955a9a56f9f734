// What the picture holds of each thing: the object, and what is remembered beside it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "state/change_log.h"
#include "state/claim_index.h"
#include "state/effect.h"
#include "state/event.h"
#include "state/launch.h"
#include "state/pod_classes.h"

namespace hyperwright::state {

// Where a pod is planned to go; it sticks until the pod is bound, gone, or the place is.
struct Nomination {
  std::string node;
  std::string claim;
  Time at;
  Time ends = Time::max();  // when it lapses; max: its node is still to come
};

struct PodRecord {
  kube::Pod pod;
  PodClassId pod_class = 0;
  // Since when the pod is provisionable; zero: it is not.
  Time pending_since;
  std::optional<Nomination> nomination;
  // The last verdict of the solver, and the version of its inputs that it rests on; 0: none.
  std::uint64_t verdict_version = 0;
  std::string verdict;
  Time verdict_at;
};

// Pods on one node, by the node's name, whether or not the Node is known yet.
struct NodeUsage {
  std::vector<const PodRecord*> pods;  // not terminal, sorted by (namespace, name)
  kube::Resources requested;           // their sum
  kube::Resources daemon_requested;    // the part of DaemonSet pods
  std::int32_t reschedulable = 0;      // pods that would need a place elsewhere
  Time last_pod_event;                 // a pod that is no DaemonSet's was bound, went, or ended
};

struct NodeRecord {
  kube::Node node;
  std::string claim;  // the claim that owns it, by logical id or annotation; "": none
  bool first_seen_ready = false;
  // When its deletion was first seen, by our clock: its deletionTimestamp is of the API server's,
  // which may be far from it. Zero: it is not deleted.
  Time deleting_since;
};

struct ClaimRecord {
  kube::NodeClaim claim;
  std::optional<Launch>
      launch;  // absent: no annotation, or one that cannot be read (launch_problem)
  std::string launch_problem;
  std::string logical_id;  // "": not known yet
  bool is_being_created = false;
  Time deleting_since;    // as a NodeRecord's
  std::string node_name;  // the Node that stands behind it now; "": none
  ClaimIndex::Place place;
  [[nodiscard]] bool is_deleting() const { return claim.meta.is_deleting(); }
};

// The answer to one launch call, until every id has found its claim.
struct LaunchAnswer {
  hyperpod::AddResult result;
  Outcome outcome = Outcome::Done;
  std::string message;
  Time at;
};

// The withdrawal of a logical id.
struct Deletion {
  Time accepted_at;      // HyperPod took the call; zero: not yet
  Time refused_at;       // HyperPod refused the whole call, as when it knows none of the ids
  bool is_gone = false;  // HyperPod does not know the id (any more)
  std::string problem;   // why the last call did not do it; "" if it did
  // A list that was begun later tells whether the id is gone; zero: no call was answered.
  [[nodiscard]] Time answered_at() const { return std::max(accepted_at, refused_at); }
};

struct Pending {
  EffectId id = 0;
  Time since;
  Action action;
  std::string reason;
};

struct BackOffRecord {
  Time until;
  std::string why;
  std::int32_t streak = 0;
};

// The API server did not create a NodeClaim of a NodePool.
struct CreationFailure {
  Time until;                 // none is asked for until then
  std::string why;            // in the API server's words, cut to a few lines
  std::int32_t in_a_row = 0;  // the claims of one plan count once
};

// What the last plan found for the virtual pods of CapacityBuffers.
struct BufferPlan {
  std::uint64_t inputs_version = 0;  // that it rests on; 0: none was made yet
  Time at;
  ChangeLog::Position changes = 0;            // how far the change log was then
  std::map<kube::ObjectKey, bool> rooms;      // by buffer: its pods fit on nodes that are there
  std::set<std::string, std::less<>> claims;  // that hold some of them
};

}  // namespace hyperwright::state
