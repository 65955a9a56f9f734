// When the last pod came to the claim's node or left it, and whether the node is Consolidatable
// since.
//
// The time is written at most every 10 seconds; what this process saw is exact
// (disruption/consolidatable.h).
//
// Source: Karpenter v1, controllers nodeclaim.podevents and nodeclaim.disruption.
#include "controllers/lifecycle_step.h"
#include "disruption/consolidatable.h"

namespace hyperwright::controllers {
namespace {

constexpr Duration kEventsEvery = Duration::seconds(10);

}  // namespace

void update_pod_events(LifecycleStep& step) {
  const state::ClusterState& state = step.context.state;
  const Time last =
      step.record.node_name.empty() ? Time{} : state.usage(step.record.node_name).last_pod_event;
  const Time written = step.claim().last_pod_event_time.value_or(Time{});
  if (last > written && (written.is_zero() || last - written >= kEventsEvery))
    step.next.last_pod_event_time = last;

  constexpr std::string_view kType = kube::node_claim_condition::kConsolidatable;
  const kube::NodePool* pool = state.find_node_pool(step.claim().node_pool());
  const auto from =
      pool == nullptr ? std::nullopt : disruption::consolidatable_from(state, step.record, *pool);
  if (!from || *from > step.context.now) {
    step.conditions.clear(kType);
    if (from) step.decision.look_again(*from);
    return;
  }
  step.conditions.set_true(kType);
}

}  // namespace hyperwright::controllers
