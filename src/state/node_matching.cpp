// Which claim a Node belongs to, and which Node stands behind a claim.
//
// A Node is a claim's when it carries the claim's UID, or when its provider id ends in the instance
// that HyperPod names for the claim's logical id. Node recovery replaces the instance behind a
// logical id, so that a claim may have several Nodes for a while.
#include "kube/well_known.h"
#include "state/cluster_state.h"

namespace hyperwright::state {
namespace {

std::string instance_id_at_end(const kube::Node& node,
                               const std::optional<hyperpod::Cluster>& cluster) {
  if (!cluster) return {};
  const auto id = hyperpod::instance_id_of(node.provider_id, hyperpod::cluster_id(cluster->arn));
  return id ? std::string(*id) : std::string{};
}

}  // namespace

void ClusterState::match_node(NodeRecord& record) {
  if (record.claim.empty()) {
    const std::string_view claim_uid = record.node.meta.annotations.get(kube::kNodeClaimUid);
    if (!claim_uid.empty()) {
      if (const auto it = claims_by_uid_.find(claim_uid); it != claims_by_uid_.end())
        record.claim = it->second;
    }
    const std::string instance = instance_id_at_end(record.node, hyperpod_.cluster());
    if (record.claim.empty() && !instance.empty()) {
      const std::string logical_id = hyperpod_.logical_id_of(instance);
      if (const auto it = claims_by_logical_id_.find(logical_id);
          !logical_id.empty() && it != claims_by_logical_id_.end()) {
        record.claim = it->second;
      }
    }
  }
  if (!record.claim.empty()) nodes_by_claim_.emplace(record.claim, record.node.meta.name);
  index_orphan(record);
  const auto owner = claims_.find(record.claim);
  if (owner == claims_.end()) return;
  ClaimRecord& claim = owner->second;
  if (claim.node_name == record.node.meta.name) return;
  // Recovery replaces instances: of two Nodes, the one of the instance that HyperPod names now
  // counts.
  const HyperPodView::NodeRecord* current = hyperpod_.find_node(claim.logical_id);
  const NodeRecord* standing = find_node(claim.node_name);
  const std::string instance = instance_id_at_end(record.node, hyperpod_.cluster());
  const bool is_current = current != nullptr && current->node.instance_id == instance;
  if (standing == nullptr || is_current) {
    if (standing != nullptr) mark(Key::Of::Node, claim.node_name);
    claim.node_name = record.node.meta.name;
    index_claim(record.claim);
    mark(Key::Of::NodeClaim, record.claim);
    mark(Key::Of::Node, record.node.meta.name);
  }
}

void ClusterState::index_node(const kube::Node& node) {
  const std::string_view claim_uid = node.meta.annotations.get(kube::kNodeClaimUid);
  if (!claim_uid.empty()) nodes_by_claim_uid_.emplace(claim_uid, node.meta.name);
  const std::string instance = instance_id_at_end(node, hyperpod_.cluster());
  if (!instance.empty()) nodes_by_instance_.emplace(instance, node.meta.name);
}

void ClusterState::unindex_node(const kube::Node& node) {
  const std::string_view claim_uid = node.meta.annotations.get(kube::kNodeClaimUid);
  nodes_by_claim_uid_.erase({std::string(claim_uid), node.meta.name});
  nodes_by_instance_.erase({instance_id_at_end(node, hyperpod_.cluster()), node.meta.name});
}

void ClusterState::match_indexed(const NodeIndex& index, const std::string& key) {
  if (key.empty()) return;
  for (auto it = index.lower_bound({key, {}}); it != index.end() && it->first == key; ++it) {
    match_node(nodes_.at(it->second));
  }
}

void ClusterState::match_nodes_of(std::string_view claim_uid, std::string_view logical_id) {
  match_indexed(nodes_by_claim_uid_, std::string(claim_uid));
  const HyperPodView::NodeRecord* current = hyperpod_.find_node(logical_id);
  if (current != nullptr) match_indexed(nodes_by_instance_, current->node.instance_id);
}

void ClusterState::match_every_node() {
  nodes_by_claim_uid_.clear();
  nodes_by_instance_.clear();
  for (auto& [name, record] : nodes_) {
    index_node(record.node);
    match_node(record);
  }
}

}  // namespace hyperwright::state
