// What new nodes may look like: one template for each pair of a NodePool and an instance group that
// its NodeClass names. Labels and taints of the group belong to the template as those of the pool
// do, because HyperPod puts them on the group's nodes.
//
// Requirements of a template are the pool's, met with every label that its nodes will carry. A key
// with one value left is a label; a key with several is open: the pods decide which value a node
// gets.
//
// A pool offers nothing while it is not Ready, is being deleted, is static (has replicas), or is of
// another node class. Source: Karpenter, pkg/controllers/provisioning, NewScheduler and
// NodeClaimTemplate.
#pragma once

#include <string>
#include <vector>

#include "hyperpod/cluster.h"
#include "kube/node_pool.h"
#include "kube/requirement.h"
#include "kube/taint.h"
#include "scheduling/not_offered.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

struct Template {
  const kube::NodePool* pool = nullptr;
  const hyperpod::InstanceGroup* group = nullptr;
  kube::Requirements requirements;
  kube::StringMap labels;           // the requirements that have one value
  kube::Requirements open;          // the requirements that do not, of keys that no offering fixes
  std::vector<kube::Taint> taints;  // the pool's and the group's; startup taints keep no pod away
};

struct PoolTemplates {
  const kube::NodePool* pool = nullptr;
  std::vector<Template> templates;  // in the order of the NodeClass's groups; may be empty
  std::vector<NotOffered> not_offered;
};

struct Templates {
  // Pools that may be used, by weight, heaviest first; of equal weight the later name first, as in
  // Karpenter.
  std::vector<PoolTemplates> pools;
  std::vector<NotOffered> not_offered;
};

Templates templates_of(const state::ClusterState& state, Time now);
// Of one pool, which may be static; none, and why, where it may not be used.
PoolTemplates templates_of_pool(const kube::NodePool& pool, const state::ClusterState& state,
                                Time now);

Template make_template(const kube::NodePool& pool, const hyperpod::Cluster& cluster,
                       const hyperpod::InstanceGroup& group);

// Labels that HyperPod's Nodes of this group carry, whatever their type and zone is.
kube::StringMap labels_of_group(const hyperpod::Cluster& cluster,
                                const hyperpod::InstanceGroup& group);

// A set of values that some node can have.
bool is_possible(const kube::Requirement& requirement);
// Keys whose value the offering fixes: instance type, zone, zone id, architecture.
bool is_fixed_by_offering(std::string_view key);

}  // namespace hyperwright::scheduling
