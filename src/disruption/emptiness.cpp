#include "disruption/emptiness.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "disruption/consolidatable.h"
#include "disruption/deletion_refusal.h"
#include "disruption/pod_budgets.h"
#include "kube/well_known.h"

namespace hyperwright::disruption {
namespace {

using Verdict = Emptiness::Verdict;

// PodDisruptionBudgets and HyperPod's state change without marking the node: they are polled, as
// Karpenter does.
constexpr Duration kPoll = Duration::seconds(10);

bool is_in_use(const state::ClusterState& state, const state::ClaimRecord& claim) {
  const state::NodeUsage& usage = state.usage(claim.node_name);
  const bool has_pods = std::ranges::any_of(
      usage.pods, [](const state::PodRecord* p) { return kube::is_reschedulable(p->pod); });
  return has_pods || !state.nominated_to_node(claim.node_name).empty() ||
         !state.nominated_to_claim(claim.claim.meta.name).empty() ||
         state.is_room_kept(claim.claim.meta.name);
}

std::optional<std::string> pod_that_blocks(const state::ClusterState& state,
                                           const std::string& node, Time now) {
  for (const state::PodRecord* record : state.usage(node).pods) {
    const kube::Pod& pod = record->pod;
    if (kube::is_active(pod) && kube::is_do_not_disrupt_active(pod, now)) {
      return fmt::format("Pod has \"{}\" annotation (Pod={}/{})", kube::kDoNotDisrupt,
                         pod.meta.namespace_, pod.meta.name);
    }
    const auto asked = budgets_asked(state, pod, now);
    if (asked.empty() || (asked.size() == 1 && asked.front()->disruptions_allowed > 0)) continue;
    std::vector<std::string> names;
    for (const kube::PodDisruptionBudget* budget : asked)
      names.push_back(fmt::format("{}/{}", budget->meta.namespace_, budget->meta.name));
    return fmt::format("Pdb prevents pod evictions (PodDisruptionBudget=[{}])",
                       fmt::join(names, " "));
  }
  return std::nullopt;
}

std::optional<std::string> block(const state::ClusterState& state, const state::ClaimRecord& claim,
                                 const kube::Node& node, Time now) {
  if (node.meta.annotations.get(kube::kDoNotDisrupt) == "true") {
    return fmt::format("Disruption is blocked through the \"{}\" annotation", kube::kDoNotDisrupt);
  }
  if (auto pod = pod_that_blocks(state, claim.node_name, now)) return pod;
  const auto& cluster = state.hyperpod().cluster();
  return deletion_refusal(cluster ? &*cluster : nullptr,
                          claim.claim.meta.labels.get(kube::kInstanceGroup));
}

}  // namespace

Emptiness emptiness(const state::ClusterState& state, const state::ClaimRecord& claim, Time now) {
  const kube::NodePool* pool = state.find_node_pool(claim.claim.node_pool());
  const state::NodeRecord* node = state.find_node(claim.node_name);
  if (pool == nullptr || pool->replicas || node == nullptr || node->node.meta.is_deleting() ||
      claim.is_deleting())
    return {};
  const auto from = consolidatable_from(state, claim, *pool);
  if (!from || is_in_use(state, claim)) return {};
  if (now < *from) return {.verdict = Verdict::NotYet, .look_again = *from, .why = {}};
  if (auto why = block(state, claim, node->node, now)) {
    return {.verdict = Verdict::Blocked, .look_again = now + kPoll, .why = std::move(*why)};
  }
  return {.verdict = Verdict::Empty, .look_again = Time::max(), .why = {}};
}

}  // namespace hyperwright::disruption
