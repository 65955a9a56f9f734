// JSON codecs. Decoding ignores fields that it does not know and names the path of what is wrong
// ("spec.containers[1].resources.requests.cpu"). Decoding is also the door that trims: annotations
// pass by a list of known keys, and nothing is kept that no room reads. Encoding writes the
// Kubernetes form of what is kept: decode(encode(x)) == x for every x that decode can return.
#pragma once

#include <boost/json/fwd.hpp>

#include "base/error.h"
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

namespace hyperwright::kube {

Result<Pod> decode_pod(const boost::json::value& json);
Result<Node> decode_node(const boost::json::value& json);
Result<DaemonSet> decode_daemon_set(const boost::json::value& json);
Result<PodDisruptionBudget> decode_pod_disruption_budget(const boost::json::value& json);
Result<PersistentVolume> decode_persistent_volume(const boost::json::value& json);
Result<PersistentVolumeClaim> decode_persistent_volume_claim(const boost::json::value& json);
Result<StorageClass> decode_storage_class(const boost::json::value& json);
Result<CsiNode> decode_csi_node(const boost::json::value& json);
Result<Namespace> decode_namespace(const boost::json::value& json);
Result<Service> decode_service(const boost::json::value& json);
Result<ReplicaSet> decode_replica_set(const boost::json::value& json);
Result<StatefulSet> decode_stateful_set(const boost::json::value& json);
Result<ReplicationController> decode_replication_controller(const boost::json::value& json);
Result<Deployment> decode_deployment(const boost::json::value& json);
Result<PodTemplate> decode_pod_template(const boost::json::value& json);
// Fields that cannot be read land in decode_problems and leave the field empty; only an object
// without a name fails as a whole. A NodePool that half its fields can be read of must still be
// seen.
Result<NodePool> decode_node_pool(const boost::json::value& json);
Result<NodeClaim> decode_node_claim(const boost::json::value& json);
Result<HyperpodNodeClass> decode_hyperpod_node_class(const boost::json::value& json);
Result<NodeOverlay> decode_node_overlay(const boost::json::value& json);
Result<CapacityBuffer> decode_capacity_buffer(const boost::json::value& json);

// With apiVersion and kind, ready to be sent. A Pod's requests are written as those of one
// container.
boost::json::value encode(const Pod& pod);
boost::json::value encode(const Node& node);
boost::json::value encode(const DaemonSet& daemon_set);
boost::json::value encode(const PodDisruptionBudget& budget);
boost::json::value encode(const PersistentVolume& volume);
boost::json::value encode(const PersistentVolumeClaim& claim);
boost::json::value encode(const StorageClass& storage_class);
boost::json::value encode(const CsiNode& node);
boost::json::value encode(const Namespace& of);
boost::json::value encode(const Service& service);
boost::json::value encode(const ReplicaSet& set);
boost::json::value encode(const StatefulSet& set);
boost::json::value encode(const ReplicationController& controller);
boost::json::value encode(const Deployment& deployment);
boost::json::value encode(const PodTemplate& pod_template);
boost::json::value encode(const NodePool& pool);
boost::json::value encode(const NodeClaim& claim);
boost::json::value encode(const HyperpodNodeClass& node_class);
boost::json::value encode(const NodeOverlay& overlay);
boost::json::value encode(const CapacityBuffer& buffer);

// Parts that patches are made of.
boost::json::value encode(const ObjectMeta& meta);
boost::json::value encode(const Conditions& conditions);
boost::json::value encode(const std::vector<Taint>& taints);
boost::json::value encode(const StringMap& map);
boost::json::value encode(const Resources& resources);

}  // namespace hyperwright::kube
