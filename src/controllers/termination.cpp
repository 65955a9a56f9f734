// Termination: a claim or a Node that is deleted is drained, its instance is ended, and the
// finalizers go.
//
// Of a NodeClaim the deadline is noted, its Nodes are deleted and drained, its instance is
// withdrawn, and when that is gone the finalizers go. A user's deletion of a Node takes the claim
// with it; the Node of an instance that HyperPod replaced goes alone, and the claim waits for the
// next.
//
//   1. A Node that was never registered is not ours to delete; its instance is.
//   2. A claim without a logical id stays until it is certain that no instance was asked for it, or
//      none came.
//   3. A claim stays while another of its batch waits for its id.
//   4. Whose deletion a Node's is, and whether it has an instance, is said by what HyperPod told
//      after the deletion; what was listed before may be ten minutes old.
//   5. "After the deletion", and the deadline of a grace period, count from our first look, by our
//      clock. A deletionTimestamp is of the API server's: where that is behind ours by more than
//      the grace period, pods would be left none. The deadline is noted with the first look and
//      outlives a restart; a deletion that nobody saw while no controller ran has its whole grace
//      period, too.
//
// Source: Karpenter v1, NodeClaim lifecycle (deletion) and controller node.termination. Differs:
// deleting a Node does not always delete its claim, a missing provider id does not skip
// HyperPod, and rule 5: Karpenter adds the grace period to the deletionTimestamp.
#include <algorithm>

#include <fmt/format.h>

#include "controllers/controllers.h"
#include "controllers/drain.h"
#include "controllers/launch_batch.h"
#include "controllers/record.h"
#include "controllers/withdrawal.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

namespace condition = kube::node_claim_condition;

using Nodes = std::vector<const state::NodeRecord*>;

// Pods that the scheduler bound before it saw the taint come in within this.
constexpr Duration kMinDrainTime = Duration::seconds(5);
// How soon it is looked whether HyperPod has told what is not known.
constexpr Duration kAskAgain = Duration::seconds(2);
// How soon, whether the launch that a claim belongs to is settled.
constexpr Duration kBatchAgain = Duration::seconds(10);

bool is_ours(const kube::Node& node) {
  return node.meta.has_finalizer(kube::kTerminationFinalizer) &&
         (node.meta.annotations.contains(kube::kNodeClaimUid) ||
          node.meta.labels.contains(kube::kNodeClassLabel));
}

Nodes nodes_of(const Context& context, const std::string& claim) {
  Nodes nodes = context.state.nodes_of_claim(claim);
  std::erase_if(nodes, [](const state::NodeRecord* record) { return !is_ours(record->node); });
  return nodes;
}

template <typename Object>
std::vector<std::string> finalizers_without_ours(const Object& object) {
  std::vector<std::string> finalizers = object.meta.finalizers;
  std::erase(finalizers, kube::kTerminationFinalizer);
  return finalizers;
}

void release(const kube::Node& node, Decision& decision) {
  state::PatchNode patch = patch_of(node);
  patch.finalizers = finalizers_without_ours(node);
  decision.emit(std::move(patch), "terminated");
}

void release(const kube::NodeClaim& claim, Decision& decision) {
  state::PatchNodeClaim patch = patch_of(claim);
  patch.finalizers = finalizers_without_ours(claim);
  decision.emit(std::move(patch), "terminated");
}

std::string instance_of(const Context& context, const kube::Node& node) {
  const auto& cluster = context.state.hyperpod().cluster();
  if (!cluster) return {};
  const auto instance =
      hyperpod::instance_id_of(node.provider_id, hyperpod::cluster_id(cluster->arn));
  return instance ? std::string(*instance) : std::string{};
}

std::optional<Time> deadline_of(const kube::NodeClaim& claim) {
  const auto time = parse_time(claim.meta.annotations.get(kube::kTerminationTimestamp));
  return time ? std::optional(*time) : std::nullopt;
}

// Says whether the deadline is noted, where there is one to note.
bool note_deadline(const state::ClaimRecord& record, Decision& decision) {
  const kube::NodeClaim& claim = record.claim;
  if (!claim.spec.termination_grace_period ||
      claim.meta.annotations.contains(kube::kTerminationTimestamp))
    return true;
  const std::string deadline =
      format_time(record.deleting_since + *claim.spec.termination_grace_period);
  state::PatchNodeClaim patch = patch_of(claim);
  patch.set_annotations.set(kube::kTerminationTimestamp, deadline);
  if (decision.emit(std::move(patch), "terminating")) {
    decision.emit(warning(claim, "TerminationGracePeriodExpiring",
                          fmt::format("All pods will be deleted by {}", deadline)),
                  "terminating");
  }
  return false;
}

std::string reason_of(const kube::NodeClaim& claim) {
  const kube::Condition* reason =
      kube::find_condition(claim.conditions, condition::kDisruptionReason);
  return reason == nullptr || reason->status != kube::ConditionStatus::True ? "Forceful Termination"
                                                                            : reason->reason;
}

// HyperPod has no instance for the claim any more, by a list or an answer of its own.
bool is_instance_gone(const Context& context, const state::ClaimRecord& record) {
  const state::Deletion* deletion = context.state.find_deletion(record.logical_id);
  if (deletion != nullptr && deletion->is_gone) return true;
  const state::HyperPodView& view = context.state.hyperpod();
  return !record.logical_id.empty() &&
         kube::is_true(record.claim.conditions, condition::kLaunched) &&
         view.find_node(record.logical_id) == nullptr &&
         view.nodes_listed_at() > record.deleting_since;
}

bool drain_nodes(const Context& context, const state::ClaimRecord& record, const Nodes& nodes,
                 Decision& decision) {
  bool is_drained = true;
  for (const state::NodeRecord* node : nodes) {
    if (!node->node.meta.is_deleting()) {
      decision.emit(state::DeleteNode{node->node.meta.name, node->node.meta.uid}, "terminating");
      is_drained = false;
    } else if (kube::is_ready(node->node) || !is_instance_gone(context, record)) {
      is_drained =
          drain(context, *node, deadline_of(record.claim), reason_of(record.claim), decision) &&
          is_drained;
    }
  }
  return is_drained;
}

// The Drained condition tells, and keeps the least time of a drain. Says whether the drain is over.
bool note_drain(const Context& context, bool is_drained, const kube::NodeClaim& claim,
                kube::ConditionWriter& writer, Decision& decision) {
  const kube::Condition* drained = kube::find_condition(claim.conditions, condition::kDrained);
  if (drained != nullptr && drained->status == kube::ConditionStatus::True) return true;
  if (drained == nullptr || !is_drained) {
    writer.set_unknown(condition::kDrained, "Draining", {});
    return false;
  }
  const Time earliest = drained->last_transition_time + kMinDrainTime;
  if (context.now < earliest) {
    decision.look_again(earliest);
    return false;
  }
  // Over once the picture says so: the claims whose drain ended together are withdrawn by one call.
  writer.set_true(condition::kDrained);
  return false;
}

void release_claim(const Context& context, const state::ClaimRecord& record, const Nodes& nodes,
                   Decision& decision) {
  for (const state::NodeRecord* node : nodes) release(node->node, decision);
  if (!nodes.empty()) return;
  // That another claim has its id now is no change of this one.
  if (is_needed_by_batch(context.state, record))
    return decision.look_again(context.now + kBatchAgain);
  release(record.claim, decision);
}

void terminate_claim(const Context& context, const state::ClaimRecord& record, Decision& decision) {
  const kube::NodeClaim& claim = record.claim;
  if (!claim.meta.has_finalizer(kube::kTerminationFinalizer) || !note_deadline(record, decision))
    return;
  const Nodes nodes = nodes_of(context, claim.meta.name);
  kube::NodeClaim next = claim;
  kube::ConditionWriter writer(next.conditions, condition::kDependents, claim.meta.generation,
                               claim.meta.creation_time, context.now);
  const kube::Conditions born = next.conditions;
  bool is_over = true;
  if (!nodes.empty()) {
    const bool is_drained = drain_nodes(context, record, nodes, decision);
    const bool is_deleting = std::ranges::all_of(
        nodes, [](const state::NodeRecord* node) { return node->node.meta.is_deleting(); });
    is_over = is_deleting && note_drain(context, is_drained, claim, writer, decision);
  }
  bool is_gone = false;
  if (is_over && record.logical_id.empty()) {
    is_gone = is_launch_settled(context.state, record, context.now);
    if (!is_gone) decision.look_again(context.now + kBatchAgain);
  } else if (is_over) {
    const Withdrawal withdrawal = withdraw(context, record.logical_id, decision);
    is_gone = withdrawal == Withdrawal::Gone;
    const state::Deletion* deletion = context.state.find_deletion(record.logical_id);
    if (withdrawal == Withdrawal::Accepted) {
      writer.set_true(condition::kInstanceTerminating);
    } else if (deletion != nullptr && !deletion->problem.empty()) {
      writer.set_unknown(condition::kInstanceTerminating, "WithdrawalRefused", deletion->problem);
    }
  }
  if (is_gone) return release_claim(context, record, nodes, decision);
  if (next.conditions != born)
    decision.emit(state::UpdateNodeClaimStatus{std::move(next)}, "status");
}

enum class Whose : std::uint8_t { Users, HyperPods, NotKnown };

// Whose deletion is it? While HyperPod still names the Node's instance for the claim, and does not
// replace it, a user's.
Whose whose_deletion(const Context& context, const state::NodeRecord& deleted,
                     const state::ClaimRecord& claim) {
  const kube::Node& node = deleted.node;
  const std::string instance = instance_of(context, node);
  if (instance.empty() ||
      node.meta.labels.get(kube::kNodeHealthStatus) == "UnschedulablePendingReplacement")
    return Whose::HyperPods;
  const state::HyperPodView& view = context.state.hyperpod();
  const state::HyperPodView::NodeRecord* record = view.find_node(claim.logical_id);
  const Time told_at =
      std::max(view.nodes_listed_at(), record == nullptr ? Time{} : record->seen_at);
  if (told_at <= deleted.deleting_since) return Whose::NotKnown;
  const bool is_there = record != nullptr && record->node.instance_id == instance &&
                        record->node.status != hyperpod::InstanceStatus::Failure;
  return is_there ? Whose::Users : Whose::HyperPods;
}

// The Node's claim is gone: it is drained, and its instance, if HyperPod has one, is ended.
void terminate_node_without_claim(const Context& context, const state::NodeRecord& node,
                                  Decision& decision) {
  const std::string instance = instance_of(context, node.node);
  const state::HyperPodView& view = context.state.hyperpod();
  const std::string logical_id = instance.empty() ? std::string{} : view.logical_id_of(instance);
  // Before the first list, no instance has a logical id.
  if (logical_id.empty() && !instance.empty() && view.nodes_listed_at().is_zero())
    return decision.look_again(context.now + kAskAgain);
  const bool is_dead = logical_id.empty() && !kube::is_ready(node.node);
  if (!is_dead && !drain(context, node, std::nullopt, "Forceful Termination", decision)) return;
  if (!logical_id.empty() && withdraw(context, logical_id, decision) != Withdrawal::Gone) return;
  release(node.node, decision);
}

}  // namespace

void termination(const Context& context, const state::Key& key, Decision& decision) {
  if (!context.state.is_synced()) return;
  if (key.of == state::Key::Of::NodeClaim) {
    const state::ClaimRecord* claim = context.state.find_claim(key.name);
    if (claim != nullptr && claim->is_deleting()) terminate_claim(context, *claim, decision);
    return;
  }
  const state::NodeRecord* node = context.state.find_node(key.name);
  if (node == nullptr || !node->node.meta.is_deleting() || !is_ours(node->node)) return;
  const state::ClaimRecord* claim = context.state.find_claim(node->claim);
  if (claim == nullptr) return terminate_node_without_claim(context, *node, decision);
  if (claim->is_deleting()) return terminate_claim(context, *claim, decision);
  switch (whose_deletion(context, *node, *claim)) {
    case Whose::NotKnown:
      decision.emit(state::DescribeClusterNode{instance_of(context, node->node)}, "observation");
      return decision.look_again(context.now + kAskAgain);
    case Whose::HyperPods:
      return release(node->node, decision);
    case Whose::Users:
      decision.emit(deletion_of(claim->claim), "node_deleted");
  }
}

}  // namespace hyperwright::controllers
