// Registration: a Node of the claim gets the claim's labels, annotations, taints, startup taints,
// finalizer and owner in one patch, the first time that it is seen.
//
// Each Node is registered by itself: node recovery replaces an instance, and a new Node comes up
// behind the same claim. Until then the API server's own not-ready taint keeps pods away. A Node
// that was Ready when it was first seen (nobody watched while it came up) gets no startup taints:
// those who remove them have run.
//
// Source: Karpenter v1, NodeClaim lifecycle, registration. Differs: the missing
// karpenter.sh/unregistered taint is no warning, since HyperPod boots its nodes without it, and
// Registered is not for life.
#include <fmt/format.h>

#include "controllers/lifecycle_step.h"
#include "controllers/record.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

constexpr std::string_view kType = kube::node_claim_condition::kRegistered;

bool is_observed_by_kubelet(std::string_view key) {
  return key == kube::kZone || key == kube::kRegion || key == kube::kInstanceType ||
         key == kube::kArch || key == kube::kOs || key == kube::kZoneId || key == kube::kHostname;
}

// The claim's win, except where the Node knows better what it is.
kube::StringMap labels_for(const kube::NodeClaim& claim, const kube::Node& node) {
  kube::StringMap labels;
  for (const auto& [key, value] : claim.meta.labels) {
    if (is_observed_by_kubelet(key) && node.meta.labels.contains(key)) continue;
    if (node.meta.labels.get(key) != value || !node.meta.labels.contains(key))
      labels.set(key, value);
  }
  labels.set(kube::kRegistered, "true");
  return labels;
}

kube::StringMap annotations_for(const kube::NodeClaim& claim) {
  kube::StringMap annotations = claim.meta.annotations;
  annotations.erase(kube::kLaunch);
  annotations.erase(kube::kLogicalIdStoredAt);
  annotations.set(kube::kNodeClaimUid, claim.meta.uid);
  return annotations;
}

std::vector<kube::Taint> taints_for(const kube::NodeClaim& claim, const state::NodeRecord& record) {
  std::vector<kube::Taint> taints = record.node.taints;
  std::erase_if(taints,
                [](const kube::Taint& taint) { return taint.key == kube::kTaintUnregistered; });
  if (record.node.meta.labels.get(kube::kDoNotSyncTaints) == "true" ||
      claim.meta.labels.get(kube::kDoNotSyncTaints) == "true")
    return taints;
  kube::merge_taints(taints, claim.spec.taints);
  if (!record.first_seen_ready) kube::merge_taints(taints, claim.spec.startup_taints);
  return taints;
}

void register_node(LifecycleStep& step) {
  const kube::NodeClaim& claim = step.claim();
  const kube::Node& node = step.node->node;
  state::PatchNode patch = patch_of(node);
  patch.set_labels = labels_for(claim, node);
  patch.set_annotations = annotations_for(claim);
  patch.taints = taints_for(claim, *step.node);
  patch.finalizers = node.meta.finalizers;
  if (!node.meta.has_finalizer(kube::kTerminationFinalizer))
    patch.finalizers->emplace_back(kube::kTerminationFinalizer);
  patch.owner_references = node.meta.owner_references;
  std::erase_if(*patch.owner_references,
                [](const kube::OwnerReference& owner) { return owner.kind == "NodeClaim"; });
  patch.owner_references->push_back({.api_version = "karpenter.sh/v1",
                                     .kind = "NodeClaim",
                                     .name = claim.meta.name,
                                     .uid = claim.meta.uid,
                                     .controller = false,
                                     .block_owner_deletion = true});
  if (!step.decision.emit(std::move(patch), "registered")) return;
  if (step.node->first_seen_ready && !claim.spec.startup_taints.empty()) {
    step.decision.emit(normal(claim, "StartupTaintsLeftOut",
                              fmt::format("Node {} was Ready when it was first seen: it is "
                                          "registered without its startup taints",
                                          node.meta.name)),
                       "registered");
  }
}

// A group over several zones promises none: the claim learns it from its Node.
void learn_zone(LifecycleStep& step) {
  const std::string_view zone = step.node->node.meta.labels.get(kube::kZone);
  if (zone.empty() || step.claim().meta.labels.contains(kube::kZone)) return;
  state::PatchNodeClaim patch = patch_of(step.claim());
  patch.set_labels.set(kube::kZone, zone);
  if (const auto id = step.node->node.meta.labels.get(kube::kZoneId); !id.empty())
    patch.set_labels.set(kube::kZoneId, id);
  step.decision.emit(std::move(patch), "registered");
}

}  // namespace

void update_registered(LifecycleStep& step) {
  if (step.node == nullptr) {
    const bool is_checked =
        step.instance != nullptr &&
        step.instance->node.status == hyperpod::InstanceStatus::DeepHealthCheckInProgress;
    // False, so that the registration clock, which reads the transition time, starts anew after the
    // check.
    if (is_checked)
      return step.conditions.set_false(kType, "DeepHealthCheckInProgress",
                                       "HyperPod checks the hardware of the instance");
    return step.conditions.set_unknown(kType, "NodeNotFound", "Node not registered with cluster");
  }
  if (step.node->node.meta.is_deleting()) return;
  if (step.node->node.meta.labels.get(kube::kRegistered) != "true") {
    return register_node(step);
  }
  learn_zone(step);
  step.next.node_name = step.node->node.meta.name;
  if (!step.node->node.provider_id.empty()) step.next.provider_id = step.node->node.provider_id;
  step.conditions.set_true(kType);
}

}  // namespace hyperwright::controllers
