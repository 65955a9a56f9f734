// Reads the cluster once, as the controller sees it after its start: every kind is listed, and
// HyperPod is asked what the loop's own observation asks. Nothing is changed anywhere, and no lease
// is taken.
//
// What only a running controller remembers is not in it: which offerings it found without capacity,
// and which pods it has promised a place.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "client/aws_client.h"
#include "client/kubernetes_client.h"
#include "client/subnet_zones.h"
#include "hyperpod/instance_type.h"
#include "state/cluster_state.h"

namespace hyperwright::client {

struct ClusterQuestion {
  state::Options options;
  hyperpod::InstanceTypes types;
  SubnetZones zones;
  std::function<Time()> clock;
  Duration deadline = Duration::minutes(2);  // of all that HyperPod is asked
};

struct ClusterReading {
  std::shared_ptr<const state::ClusterState> state;
  std::vector<Error> problems;  // objects that cannot be read and are left out, zones not known
};

// Waits. Fails where a kind cannot be listed, but those that need not be installed, or HyperPod
// does not answer.
Result<ClusterReading> read_cluster(KubernetesClient& kubernetes, AwsClient& aws,
                                    ClusterQuestion question);

// What the controller said last of a pod, by its event FailedScheduling.
struct Told {
  Time at;
  std::string message;
};
// nullopt: nothing, or the events may not be read.
std::optional<Told> last_told(KubernetesClient& kubernetes, const kube::ObjectMeta& pod);

}  // namespace hyperwright::client
