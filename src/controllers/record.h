// Kubernetes events about an object, in one line: decision.emit(warning(claim, "FailedDraining",
// text), "").
#pragma once

#include <string>

#include "kube/hyperpod_node_class.h"
#include "kube/node.h"
#include "kube/node_claim.h"
#include "kube/node_pool.h"
#include "kube/pod.h"
#include "state/effect.h"

namespace hyperwright::controllers {

inline std::string kind_of(const kube::Pod&) { return "Pod"; }
inline std::string kind_of(const kube::Node&) { return "Node"; }
inline std::string kind_of(const kube::NodeClaim&) { return "NodeClaim"; }
inline std::string kind_of(const kube::NodePool&) { return "NodePool"; }
inline std::string kind_of(const kube::HyperpodNodeClass&) { return "HyperpodNodeClass"; }

// Said once within `quiet`, two minutes as in Karpenter unless told otherwise.
// (clang-tidy sees in a template no move of what is moved below.)
template <typename Object>
// NOLINTNEXTLINE(performance-unnecessary-value-param)
state::RecordEvent normal(const Object& object, std::string reason, std::string message,
                          Duration quiet = Duration::minutes(2)) {
  return {.kind = kind_of(object),
          .key = {object.meta.namespace_, object.meta.name},
          .uid = object.meta.uid,
          .is_warning = false,
          .reason = std::move(reason),
          .message = std::move(message),
          .quiet = quiet};
}

template <typename Object>
state::RecordEvent warning(const Object& object, std::string reason, std::string message,
                           Duration quiet = Duration::minutes(2)) {
  state::RecordEvent event = normal(object, std::move(reason), std::move(message), quiet);
  event.is_warning = true;
  return event;
}

// A patch that changes nothing yet, against the version that was seen.
inline state::PatchNodeClaim patch_of(const kube::NodeClaim& claim) {
  return {.name = claim.meta.name,
          .uid = claim.meta.uid,
          .resource_version = claim.meta.resource_version,
          .set_labels = {},
          .set_annotations = {},
          .finalizers = {}};
}
inline state::PatchNode patch_of(const kube::Node& node) {
  return {.name = node.meta.name,
          .uid = node.meta.uid,
          .resource_version = node.meta.resource_version,
          .set_labels = {},
          .set_annotations = {},
          .taints = {},
          .finalizers = {},
          .owner_references = {}};
}
inline state::DeleteNodeClaim deletion_of(const kube::NodeClaim& claim) {
  return {.name = claim.meta.name, .uid = claim.meta.uid};
}

}  // namespace hyperwright::controllers
