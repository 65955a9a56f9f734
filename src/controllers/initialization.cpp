// Initialization: the Node is Ready, its startup taints and those of its start are gone, and every
// resource that the claim asks for is there.
//
// Source: Karpenter v1, NodeClaim lifecycle, initialization; reasons and messages are Karpenter's.
#include <optional>
#include <string>

#include <fmt/format.h>

#include "controllers/lifecycle_step.h"
#include "controllers/record.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

constexpr std::string_view kType = kube::node_claim_condition::kInitialized;

struct Missing {
  std::string_view reason;
  std::string message;
};

std::optional<Missing> what_is_missing(const kube::NodeClaim& claim, const kube::Node& node) {
  if (!kube::is_ready(node)) return Missing{"NodeNotReady", "Node status is NotReady"};
  for (const kube::Taint& taint : claim.spec.startup_taints) {
    if (!kube::contains_taint(node.taints, taint)) continue;
    return Missing{"StartupTaintsExist",
                   fmt::format("StartupTaint \"{}\" still exists", kube::to_text(taint))};
  }
  for (const kube::Taint& taint : node.taints) {
    if (!kube::is_ephemeral_taint(taint)) continue;
    return Missing{"KnownEphemeralTaintsExist",
                   fmt::format("KnownEphemeralTaint \"{}\" still exists", kube::to_text(taint))};
  }
  std::optional<Missing> missing;
  claim.spec.requests.for_each([&](std::string_view name, std::int64_t /*amount*/) {
    if (missing || name == kube::to_string(kube::Resource::Nodes) ||
        node.allocatable.get(name) != 0)
      return;
    missing = Missing{"ResourceNotRegistered",
                      fmt::format("Resource \"{}\" was requested but not registered", name)};
  });
  return missing;
}

}  // namespace

void update_initialized(LifecycleStep& step) {
  const bool is_registered =
      kube::is_true(step.next.conditions, kube::node_claim_condition::kRegistered);
  if (step.node != nullptr && step.node->node.meta.is_deleting()) return;
  if (step.node == nullptr || !is_registered) {
    return step.conditions.set_unknown(kType, "NodeNotFound", "Node not registered with cluster");
  }
  const kube::Node& node = step.node->node;
  if (node.meta.labels.get(kube::kInitialized) == "true") return step.conditions.set_true(kType);
  if (const auto missing = what_is_missing(step.claim(), node)) {
    return step.conditions.set_unknown(kType, missing->reason, missing->message);
  }
  state::PatchNode patch = patch_of(node);
  patch.set_labels.set(kube::kInitialized, "true");
  step.decision.emit(std::move(patch), "initialized");
}

}  // namespace hyperwright::controllers
