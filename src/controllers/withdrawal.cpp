#include "controllers/withdrawal.h"

#include <algorithm>

#include "kube/condition.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

// HyperPod took the withdrawal, and its list still shows a node that is not shutting down: it is
// asked again.
constexpr Duration kAskAgainAfter = Duration::minutes(3);

bool must_ask(const Context& context, const std::string& logical_id) {
  const state::Deletion* deletion = context.state.find_deletion(logical_id);
  if (deletion == nullptr || deletion->accepted_at.is_zero()) return true;
  if (deletion->is_gone || context.now < deletion->accepted_at + kAskAgainAfter) return false;
  const state::HyperPodView::NodeRecord* node = context.state.hyperpod().find_node(logical_id);
  return node != nullptr && node->node.status != hyperpod::InstanceStatus::ShuttingDown &&
         node->seen_at > deletion->accepted_at;
}

bool may_ask(const Context& context, const std::string& logical_id) {
  return context.state.next_try({state::Target::Of::Instance, logical_id}) <= context.now;
}

}  // namespace

bool is_due_for_withdrawal(const state::ClusterState& state, const state::ClaimRecord& claim) {
  if (!claim.is_deleting() || claim.logical_id.empty()) return false;
  if (kube::is_true(claim.claim.conditions, kube::node_claim_condition::kDrained)) return true;
  const state::NodeRecord* node = state.find_node(claim.node_name);
  return node == nullptr || !node->node.meta.has_finalizer(kube::kTerminationFinalizer);
}

Withdrawal withdraw(const Context& context, const std::string& logical_id, Decision& decision) {
  const state::Deletion* deletion = context.state.find_deletion(logical_id);
  if (deletion != nullptr && deletion->is_gone) return Withdrawal::Gone;
  if (!must_ask(context, logical_id)) {
    decision.look_again(deletion->accepted_at + kAskAgainAfter);
    return Withdrawal::Accepted;
  }
  std::vector<std::string> ids{logical_id};
  if (may_ask(context, logical_id)) {
    for (const std::string& name :
         context.state.claim_index().of(state::ClaimIndex::Of::Unwithdrawn)) {
      const state::ClaimRecord& claim = *context.state.find_claim(name);
      if (ids.size() == hyperpod::kDeleteNodesMax) break;
      if (claim.logical_id == logical_id || !is_due_for_withdrawal(context.state, claim)) continue;
      if (may_ask(context, claim.logical_id)) ids.push_back(claim.logical_id);
    }
    std::ranges::sort(ids);
  }
  decision.emit(state::BatchDeleteClusterNodes{std::move(ids)}, "terminating");
  return deletion != nullptr && !deletion->accepted_at.is_zero() ? Withdrawal::Accepted
                                                                 : Withdrawal::Asked;
}

void withdraw_orphans(const Context& context, const std::vector<std::string>& logical_ids,
                      Decision& decision) {
  std::vector<std::string> due;
  for (const std::string& id : logical_ids) {
    if (!must_ask(context, id)) {
      decision.look_again(context.state.find_deletion(id)->accepted_at + kAskAgainAfter);
    } else if (!may_ask(context, id)) {
      decision.look_again(context.state.next_try({state::Target::Of::Instance, id}));
    } else if (due.size() < hyperpod::kDeleteNodesMax) {
      due.push_back(id);
    }
  }
  if (!due.empty())
    decision.emit(state::BatchDeleteClusterNodes{std::move(due)}, "garbage_collected");
}

}  // namespace hyperwright::controllers
