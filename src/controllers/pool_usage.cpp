#include "controllers/pool_usage.h"

#include "kube/condition.h"
#include "kube/well_known.h"
#include "scheduling/limits.h"

namespace hyperwright::controllers {

kube::Resources capacity_of_type(const state::ClusterState& state, std::string_view instance_type) {
  const hyperpod::InstanceType* type = state.instance_types().find(instance_type);
  kube::Resources capacity = type == nullptr ? kube::Resources{} : type->capacity();
  capacity.set(kube::Resource::Nodes, 1);
  return capacity;
}

kube::Resources capacity_of(const state::ClusterState& state, const state::ClaimRecord& claim) {
  const state::NodeRecord* node = state.find_node(claim.node_name);
  kube::Resources capacity;
  if (node != nullptr &&
      kube::is_true(claim.claim.conditions, kube::node_claim_condition::kInitialized)) {
    capacity = node->node.capacity;
  } else if (!claim.claim.capacity.is_zero()) {
    capacity = claim.claim.capacity;
  } else {
    return capacity_of_type(state, claim.claim.meta.labels.get(kube::kInstanceType));
  }
  capacity.set(kube::Resource::Nodes, 1);
  return capacity;
}

kube::Resources pool_usage(const state::ClusterState& state, std::string_view pool) {
  const scheduling::PoolUsage usage = scheduling::usage_of_pools(state);
  const auto it = usage.find(pool);
  return it == usage.end() ? kube::Resources{} : it->second;
}

}  // namespace hyperwright::controllers
