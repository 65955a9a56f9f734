#include "controllers/launch_failure.h"

#include <algorithm>

namespace hyperwright::controllers {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

LaunchFailureKind classify_launch_failure(std::string_view message) {
  std::string text(message);
  std::ranges::transform(text, text.begin(), lower);
  const auto says = [&](std::string_view words) { return text.find(words) != std::string::npos; };
  if (says("capacity")) return LaunchFailureKind::Capacity;
  if (says("lifecycle") || says("life cycle")) return LaunchFailureKind::LifecycleScript;
  return LaunchFailureKind::Other;
}

LaunchFailure launch_failure(const state::ClusterState& state, const state::ClaimRecord& claim) {
  if (claim.logical_id.empty()) return {};
  const state::HyperPodView& view = state.hyperpod();
  if (std::string message = view.launch_failure(claim.logical_id); !message.empty()) {
    const LaunchFailureKind kind = classify_launch_failure(message);
    return {kind, std::move(message)};
  }
  const state::HyperPodView::NodeRecord* node = view.find_node(claim.logical_id);
  if (node == nullptr || node->node.status != hyperpod::InstanceStatus::Failure) return {};
  return {classify_launch_failure(node->node.status_message), node->node.status_message};
}

}  // namespace hyperwright::controllers
