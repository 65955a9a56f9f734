#include "controllers/pool_usage.h"

#include "kube/condition.h"
#include "kube/well_known.h"
#include "scheduling/limits.h"

namespace hyperwright::controllers {

kube::Resources promised_capacity(const state::ClusterState& state, const kube::StringMap& labels,
                                  const scheduling::NodeOverlays& overlays) {
  const hyperpod::InstanceType* type = state.instance_types().find(labels.get(kube::kInstanceType));
  kube::Resources capacity;
  if (type != nullptr) capacity = scheduling::promised_capacity(*type, labels, overlays);
  capacity.set(kube::Resource::Nodes, 1);
  return capacity;
}

kube::Resources capacity_of(const state::ClusterState& state, const state::ClaimRecord& claim,
                            const scheduling::NodeOverlays& overlays) {
  const state::NodeRecord* node = state.find_node(claim.node_name);
  kube::Resources capacity;
  if (node != nullptr &&
      kube::is_true(claim.claim.conditions, kube::node_claim_condition::kInitialized)) {
    capacity = node->node.capacity;
  } else if (!claim.claim.capacity.is_zero()) {
    capacity = claim.claim.capacity;
  } else {
    return promised_capacity(state, claim.claim.meta.labels, overlays);
  }
  capacity.set(kube::Resource::Nodes, 1);
  return capacity;
}

kube::Resources pool_usage(const state::ClusterState& state, std::string_view pool) {
  const scheduling::NodeOverlays overlays(state);
  kube::Resources usage;
  std::int64_t nodes = 0;
  for (const auto& [name, claim] : state.claims()) {
    if (claim.claim.node_pool() != pool) continue;
    usage += scheduling::capacity_of(claim, state, overlays);
    ++nodes;
  }
  for (const auto& [name, node] : state.nodes()) {
    if (!node.claim.empty() || node.node.meta.labels.get(kube::kNodePool) != pool) continue;
    usage += node.node.capacity;
    ++nodes;
  }
  usage.set(kube::Resource::Nodes, nodes);
  return usage;
}

}  // namespace hyperwright::controllers
