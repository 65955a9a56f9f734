// The life of a NodeClaim: launched, registered, initialized; and its end where it does not get
// there. The steps are listed, in order, in lifecycle_step.h.
//
// Source: Karpenter v1, controller nodeclaim.lifecycle.
#include "controllers/controllers.h"
#include "controllers/lifecycle_step.h"
#include "controllers/record.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

// A claim of a user's own making, or whose finalizer somebody took: it must not go before its
// instance.
bool lacks_finalizer(const kube::NodeClaim& claim) {
  return !claim.meta.has_finalizer(kube::kTerminationFinalizer);
}

void add_finalizer(const kube::NodeClaim& claim, Decision& decision) {
  state::PatchNodeClaim patch = patch_of(claim);
  patch.finalizers = claim.meta.finalizers;
  patch.finalizers->emplace_back(kube::kTerminationFinalizer);
  decision.emit(std::move(patch), "finalizer");
}

// Its creation had no clear answer: the same claim is asked for again, which creates it or shows
// that it is there. Buying another for its pods might buy them a second node.
void create_again(const state::ClusterState& state, const state::ClaimRecord& record,
                  Decision& decision) {
  state::CreateNodeClaim create{record.claim, {}};
  for (const state::PodRecord* pod : state.nominated_to_claim(record.claim.meta.name))
    create.pods.push_back(pod->pod.meta.uid);
  decision.emit(std::move(create), "asked_again");
}

}  // namespace

void nodeclaim_lifecycle(const Context& context, const state::Key& key, Decision& decision) {
  const state::ClusterState& state = context.state;
  std::string name = key.name;
  if (key.of == state::Key::Of::Node) {
    const state::NodeRecord* node = state.find_node(key.name);
    if (node == nullptr || node->claim.empty()) return;
    name = node->claim;
  }
  const state::ClaimRecord* record = state.find_claim(name);
  if (record == nullptr || record->is_deleting() || !state.is_synced()) return;
  if (record->is_being_created) return create_again(state, *record, decision);
  if (lacks_finalizer(record->claim)) return add_finalizer(record->claim, decision);

  kube::NodeClaim next = record->claim;
  // What times out counts from our first look, by our clock. Differs from Karpenter, which counts
  // from the creationTimestamp: that is the API server's clock, and where it is behind by more than
  // the timeout, every claim would end as it is seen.
  const Time born = context.now;
  LifecycleStep step{.context = context,
                     .record = *record,
                     .node = state.find_node(record->node_name),
                     .instance = state.hyperpod().find_node(record->logical_id),
                     .next = std::move(next),
                     .conditions = kube::ConditionWriter(
                         step.next.conditions, kube::node_claim_condition::kDependents,
                         record->claim.meta.generation, born, context.now),
                     .decision = decision};
  update_launched(step);
  update_registered(step);
  update_initialized(step);
  update_pod_events(step);
  if (end_if_failed(step)) return;
  if (step.next != record->claim)
    decision.emit(state::UpdateNodeClaimStatus{std::move(step.next)}, "status");
}

}  // namespace hyperwright::controllers
