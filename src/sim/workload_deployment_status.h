// The status of a Deployment, from its ReplicaSets: counts, and the conditions Available and
// Progressing.
//
// Progressing is True with the reason NewReplicaSetCreated, ReplicaSetUpdated or, at the end,
// NewReplicaSetAvailable; False, ProgressDeadlineExceeded, when nothing moved for
// progressDeadlineSeconds.
#pragma once

#include <cstdint>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/time.h"
#include "sim/kubernetes_store.h"

namespace hyperwright::sim {

// Of its strategy, in pods. Both zero would let nothing move: one may then be unavailable.
std::int64_t max_surge(const boost::json::object& deployment);
std::int64_t max_unavailable(const boost::json::object& deployment);

// `current` is the ReplicaSet of the present template, or null; `all` has it too. `deadline`
// becomes the time when the rollout has made no progress for too long, Time::max() when none is
// under way.
boost::json::object deployment_status(const boost::json::object& deployment,
                                      const boost::json::object* current,
                                      const std::vector<ObjectPtr>& all, bool created_set, Time now,
                                      Time& deadline);

}  // namespace hyperwright::sim
