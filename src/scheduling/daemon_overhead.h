// What DaemonSets will put on a node, so that it is not promised to pods.
//
// A DaemonSet counts on a node when it tolerates the node's taints (PreferNoSchedule always) and
// one term of its required node affinity allows the node's labels; preferences do not keep it away.
// Its pod asks for what the newest live pod of the set asks for (admission may have changed it), or
// the template; its node affinity is always the template's, because the DaemonSet controller pins
// live pods to their node.
//
// Source: Karpenter, Concepts > Scheduling, and pkg/controllers/provisioning/scheduling (daemon
// overhead).
#pragma once

#include <string>
#include <vector>

#include "kube/daemon_set.h"
#include "kube/requirement.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

struct Daemon {
  const kube::DaemonSet* set = nullptr;
  kube::Resources requests;
  std::vector<kube::HostPort> host_ports;
  std::vector<kube::Requirements>
      alternatives;  // of its template; registered and initialized nodes are meant
  bool operator==(const Daemon&) const = default;
};

// In the order of their names. Those that need Dynamic Resource Allocation are left out, as in
// Karpenter.
std::vector<Daemon> daemons_of(const state::ClusterState& state);

bool tolerates(const Daemon& daemon, const std::vector<kube::Taint>& taints);
// `open`: keys whose value a new node is still free to choose; the daemon may be what chooses it.
bool allows(const Daemon& daemon, const kube::StringMap& labels,
            const kube::Requirements& open = {});
bool is_pod_of(const Daemon& daemon, const kube::Pod& pod);

}  // namespace hyperwright::scheduling
