// Static NodePools (spec.replicas): so many nodes, whatever the pods want.
//
//   too few   claims are made from the template, the cheapest offering first, within limits.nodes
//   too many  claims without an instance go first, then nodes without pods, then nodes without a
//             pod that says do-not-disrupt, the cheapest to disrupt first; no budget holds them
//
// A claim counts while it is neither deleted nor marked for it: what goes is replaced as soon as it
// is going, where the limit leaves room. The solver buys nothing of such a pool, and emptiness
// takes none of its nodes.
//
// Source: Karpenter v1, controllers static.provisioning and static.deprovisioning (feature gate
// StaticCapacity). Differs: claims that are marked count against the number that is made, too, so
// that there are never more than `replicas` for a moment.
#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "controllers/controllers.h"
#include "controllers/purchase.h"
#include "controllers/record.h"
#include "disruption/deletion_refusal.h"
#include "disruption/disruption_cost.h"
#include "disruption/pool_nodes.h"
#include "kube/well_known.h"
#include "scheduling/static_nodes.h"

namespace hyperwright::controllers {
namespace {

using Claims = std::vector<const state::ClaimRecord*>;

constexpr Duration kRetry = Duration::seconds(30);
// A typo of a number must not fill the memory; what is left is made at the next look.
constexpr std::int64_t kNodesOfOneLook = 500;

struct Members {
  Claims active;           // by name; neither deleted nor marked for it
  std::int64_t going = 0;  // marked, and not deleted yet: their places are to be filled by others
  std::int64_t all = 0;    // what the limit counts
};

Members members_of(const state::ClusterState& state, const std::string& pool) {
  Members members;
  for (const auto& [name, claim] : state.claims()) {
    if (claim.claim.node_pool() != pool) continue;
    ++members.all;
    if (claim.is_deleting()) continue;
    if (disruption::is_marked(state, claim)) {
      ++members.going;
    } else {
      members.active.push_back(&claim);
    }
  }
  return members;
}

// --- too few ---

void provision(const Context& context, const kube::NodePool& pool, std::int64_t missing,
               const Members& members, Decision& decision) {
  if (!kube::is_true(pool.conditions, kube::node_pool_condition::kReady)) return;
  const auto limit =
      pool.limits ? pool.limits->get(to_string(kube::Resource::Nodes)) : std::nullopt;
  const std::int64_t wanted =
      std::min({missing, limit ? *limit - members.all : missing, kNodesOfOneLook});
  if (wanted <= 0) return decision.look_again(context.now + kRetry);
  if (wanted == kNodesOfOneLook) decision.look_again(context.now);
  context.supply.follow(context.state, context.now);
  const scheduling::StaticNodes found =
      scheduling::static_nodes(context.supply, pool, wanted, context.now);
  Purchase(context, decision).buy(found.nodes, "provisioned");
  if (found.why_not_more.empty()) return;
  decision.look_again(context.now + kRetry);
  decision.emit(warning(pool, "NoCompatibleInstanceTypes",
                        fmt::format("{} of {} nodes cannot be bought: {}",
                                    wanted - static_cast<std::int64_t>(found.nodes.size()), wanted,
                                    found.why_not_more),
                        Duration::minutes(15)),
                "static");
}

// --- too many ---

bool is_kept_by_a_pod(const state::ClusterState& state, const state::ClaimRecord& claim, Time now) {
  return std::ranges::any_of(state.usage(claim.node_name).pods, [&](const state::PodRecord* pod) {
    return kube::is_active(pod->pod) && kube::is_do_not_disrupt_active(pod->pod, now);
  });
}

bool has_only_daemons(const state::ClusterState& state, const state::ClaimRecord& claim) {
  return std::ranges::all_of(state.usage(claim.node_name).pods, [](const state::PodRecord* pod) {
    return kube::is_owned_by_daemon_set(pod->pod);
  });
}

// The first goes first.
using Rank = std::tuple<int, std::int64_t, std::string>;

Rank rank_of(const state::ClusterState& state, const state::ClaimRecord& claim, Time now) {
  const std::string& name = claim.claim.meta.name;
  if (claim.claim.provider_id.empty()) return {0, 0, name};
  const bool is_kept = is_kept_by_a_pod(state, claim, now);
  if (!is_kept && has_only_daemons(state, claim)) return {1, 0, name};
  return {is_kept ? 3 : 2, disruption::disruption_cost(state, claim, now), name};
}

void deprovision(const Context& context, const Claims& active, std::int64_t excess,
                 Decision& decision) {
  const state::ClusterState& state = context.state;
  std::map<Rank, const state::ClaimRecord*> ranked;
  for (const state::ClaimRecord* claim : active)
    ranked.emplace(rank_of(state, *claim, context.now), claim);
  const auto& cluster = state.hyperpod().cluster();
  for (const auto& [rank, claim] : ranked) {
    if (excess == 0) return;
    // A drain that HyperPod would not let end is not begun.
    const std::string_view group = claim->claim.meta.labels.get(kube::kInstanceGroup);
    if (disruption::deletion_refusal(cluster ? &*cluster : nullptr, group)) {
      decision.look_again(context.now + kRetry);
      continue;
    }
    --excess;
    decision.emit(deletion_of(claim->claim), "overprovisioned");
  }
}

}  // namespace

void static_capacity(const Context& context, const state::Key& key, Decision& decision) {
  const state::ClusterState& state = context.state;
  if (!state.options().gates.static_capacity || !state.is_synced()) return;
  const kube::NodePool* pool = state.find_node_pool(key.name);
  if (pool == nullptr || !pool->replicas || pool->meta.is_deleting()) return;
  const Members members = members_of(state, pool->meta.name);
  const auto active = static_cast<std::int64_t>(members.active.size());
  if (active > *pool->replicas)
    return deprovision(context, members.active, active - *pool->replicas, decision);
  const std::int64_t missing = *pool->replicas - active - members.going;
  if (missing > 0) provision(context, *pool, missing, members, decision);
}

}  // namespace hyperwright::controllers
