#include "controllers/new_claim.h"

#include <algorithm>

#include "hyperpod/arn.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

kube::StringMap labels_of(const kube::NodePool& pool, const scheduling::NewNode& node,
                          const hyperpod::Cluster& cluster, const hyperpod::InstanceGroup* group,
                          std::string_view arch) {
  kube::StringMap labels;
  if (group != nullptr) labels.merge(group->labels);
  labels.merge(pool.template_labels);
  for (const kube::Requirement& requirement : *node.requirements) {
    if (kube::is_well_known_label(requirement.key()) ||
        kube::is_restricted_label(requirement.key()))
      continue;
    if (labels.contains(requirement.key()) || requirement.allows_absence()) continue;
    if (const auto value = requirement.any_value()) labels.set(requirement.key(), *value);
  }
  const auto set = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) labels.set(key, value);
  };
  set(kube::kNodePool, pool.meta.name);
  set(kube::kNodeClassLabel, pool.template_spec.node_class_ref.name);
  set(kube::kInstanceGroup, node.offering.key.group);
  set(kube::kInstanceType, node.offering.key.type);
  set(kube::kZone, node.offering.key.zone);
  set(kube::kZoneId, node.offering.zone_id);
  set(kube::kRegion, hyperpod::region_of(cluster.arn));
  set(kube::kCapacityType, karpenter_word(node.offering.capacity_type));
  set(kube::kReservationId, node.offering.reservation);
  set(kube::kArch, arch);
  set(kube::kOs, "linux");
  return labels;
}

// A pool whose template sets one of the autoscaler's own is invalid; it may be seen before its
// condition says so, and a claim with the id of a node that is not its own would end that node.
kube::StringMap annotations_of(const kube::NodePool& pool) {
  kube::StringMap annotations;
  for (const auto& [key, value] : pool.template_annotations) {
    if (!kube::is_set_by_autoscaler(key)) annotations.set(key, value);
  }
  return annotations;
}

// The pool's, narrowed by the pods, with the types that would have served and the capacity type
// that is bought; where the pool has minValues for it, with those that would have served.
std::vector<kube::NodeRequirement> requirements_of(const scheduling::NewNode& node) {
  kube::Requirements requirements = *node.requirements;
  requirements.erase(kube::kHostname);
  std::vector<std::string> types = *node.compatible_types;
  std::ranges::sort(types);
  if (!types.empty())
    requirements.add(kube::Requirement::in(kube::kInstanceType, std::move(types)));
  const kube::Requirement* capacity = requirements.find(kube::kCapacityType);
  if (capacity == nullptr || !capacity->min_values()) {
    requirements.add(kube::Requirement::in(
        kube::kCapacityType, {std::string(karpenter_word(node.offering.capacity_type))}));
  }
  return requirements.written();
}

}  // namespace

kube::NodeClaim new_claim(std::string name, const kube::NodePool& pool,
                          const scheduling::NewNode& node, const hyperpod::Cluster& cluster,
                          const state::Launch& launch, std::string_view arch) {
  const hyperpod::InstanceGroup* group = cluster.find_group(node.offering.key.group);
  kube::NodeClaim claim;
  claim.meta.name = std::move(name);
  claim.meta.labels = labels_of(pool, node, cluster, group, arch);
  claim.meta.annotations = annotations_of(pool);
  claim.meta.annotations.set(kube::kNodePoolHash, kube::template_hash(pool));
  claim.meta.annotations.set(kube::kNodePoolHashVersion, kube::kTemplateHashVersion);
  claim.meta.annotations.set(kube::kMinValuesRelaxed,
                             node.is_min_values_relaxed ? "true" : "false");
  if (node.has_price_overlay) claim.meta.annotations.set(kube::kPriceOverlayApplied, "true");
  if (node.has_capacity_overlay) claim.meta.annotations.set(kube::kCapacityOverlayApplied, "true");
  claim.meta.annotations.set(kube::kLaunch, state::encode_launch(launch));
  claim.meta.finalizers = {std::string(kube::kTerminationFinalizer)};
  claim.meta.owner_references = {{.api_version = "karpenter.sh/v1",
                                  .kind = "NodePool",
                                  .name = pool.meta.name,
                                  .uid = pool.meta.uid,
                                  .controller = false,
                                  .block_owner_deletion = true}};
  claim.spec = pool.template_spec;
  if (group != nullptr) kube::merge_taints(claim.spec.taints, group->taints);
  claim.spec.requirements = requirements_of(node);
  claim.spec.requests = node.requests;
  return claim;
}

}  // namespace hyperwright::controllers
